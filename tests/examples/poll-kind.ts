// A kind of documents of one's own, whole: a poll among the members of a conversation. docs/document-kinds.md walks through it.
import {
  type ActorFacts,
  AppError,
  type DocumentKind,
  type DocumentPlace,
  type DocumentView,
  type FreshDelete,
  type FreshItem,
  type JudgedUpdate,
  type KindContext,
  refuse,
  rootPlace,
  type StoredChanges,
  type Verdict,
  writeAs,
} from '@parley/server';
import type * as Y from 'yjs';

/** A poll as MongoDB has it: who asked, and what came of it. */
export interface PollRow {
  readonly _id: string;
  readonly owner: string;
  /** Option by user id, null where it was taken back; kept by `project`. */
  readonly votes: Record<string, string | null>;
  readonly closed: boolean;
}

type PollChange =
  | { readonly type: 'vote'; readonly user: string; readonly option: string | null }
  | { readonly type: 'closed' };
export interface PollCommand {
  readonly type: 'close';
}

/** `poll:<conversation>:<name>`: the prefix tells our documents from others, and the id tells whose members may vote. */
export const pollId = (conversationId: string, name: string): string => `poll:${conversationId}:${name}`;
const conversationOf = (documentId: string): string | null =>
  /^poll:([^:]+):[^:]+$/.exec(documentId)?.[1] ?? null;

/** The document: `poll` (Y.Map: question, options, closed) and `votes` (Y.Map: user id → option). */
export const createPollKind = ({ mongo, conversationAccess }: KindContext): DocumentKind<PollChange> => {
  const polls = mongo.collection<PollRow>('polls');
  return {
    name: 'poll',

    ruledBy: conversationOf,

    async authorize(documentId, actor) {
      const conversation = conversationOf(documentId);
      if (conversation === null) return null;
      const poll = await polls.findOne({ _id: documentId });
      if (poll === null) return null;
      const access = await conversationAccess(conversation, actor.userId);
      // Members vote; the one who asked is the poll's admin.
      if (access !== 'write' && access !== 'admin') return access;
      return poll.owner === actor.userId ? 'admin' : 'write';
    },

    open: (doc, place) => new PollView(doc, place),

    async project(batches) {
      const operations = batches.flatMap((batch) => batch.changes.map((change) => rowUpdate(batch, change)));
      await polls.bulkWrite(operations);
    },
  };
};

class PollView implements DocumentView<PollChange, PollCommand> {
  readonly #doc: Y.Doc;
  readonly #place: DocumentPlace;
  readonly #poll: Y.Map<unknown>;
  readonly #votes: Y.Map<unknown>;

  constructor(doc: Y.Doc, place: DocumentPlace) {
    this.#doc = doc;
    this.#place = place;
    this.#poll = doc.getMap('poll');
    this.#votes = doc.getMap('votes');
  }

  inspect(update: JudgedUpdate, facts: ActorFacts): Verdict<PollChange> {
    const user = facts.actor.userId;
    let votes = false;
    for (const change of [...update.items, ...update.deletes]) {
      const place = rootPlace(change);
      if (place?.root === 'poll') {
        const isText = place.key === 'question' || place.key === 'options';
        if (!isText) return refuse('POLL1', 'a poll has a question and options');
        if (facts.access !== 'admin') return refuse('POLL2', 'only who asked words the poll', 'FORBIDDEN');
      } else if (place?.root === 'votes') {
        if (place.key !== user) return refuse('POLL3', 'everybody votes for themself');
        if (this.#poll.get('closed') === true) return refuse('POLL4', 'the poll is closed');
        votes = true;
      } else return refuse('POLL1', 'a poll has a question, options and votes');
      if (!isDelete(change) && !isGoodValue(change)) return refuse('POLL5', 'that is no value for a poll');
    }
    // Of two votes made at once the document keeps one; history follows the document.
    const vote = (): PollChange => ({ type: 'vote', user, option: textOrNull(this.#votes.get(user)) });
    return { ok: true, settle: () => (votes ? [vote()] : []) };
  }

  perform(command: PollCommand): readonly PollChange[] {
    if (command.type !== 'close') throw new AppError('INVALID_INPUT');
    if (this.#poll.get('closed') === true) return [];
    writeAs(this.#doc, this.#place.clients.meta, () => this.#poll.set('closed', true));
    return [{ type: 'closed' }];
  }
}

const isDelete = (change: FreshItem | FreshDelete): change is FreshDelete => 'item' in change;

/** A short text, or a short list of them, in one piece. */
const isGoodValue = ({ content, length, offset }: FreshItem): boolean => {
  // What was set and set anew before it was sent.
  if (content.kind === 'deleted') return true;
  if (content.kind !== 'any' || length !== 1 || offset !== 0) return false;
  const [value] = content.values;
  return Array.isArray(value) ? value.length <= 20 && value.every(isShortText) : isShortText(value);
};

const isShortText = (value: unknown): boolean => typeof value === 'string' && value.length <= 200;
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Doing it twice changes nothing, and a poll whose row is gone stays gone. */
const rowUpdate = ({ documentId }: StoredChanges<PollChange>, change: PollChange) => {
  const $set = change.type === 'closed' ? { closed: true } : { [`votes.${change.user}`]: change.option };
  return { updateOne: { filter: { _id: documentId }, update: { $set } } };
};
