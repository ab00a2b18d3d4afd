// Owns keeping the words of messages beside history: a moment after the messages, many together, so that sending does not wait for it.
// How far it has come stands in the conversation; entries of a document's log stay until it has come as far as they have.
import { limits } from '@parley/shared';
import { mongo } from 'mongoose';
import { inTime } from '../../../platform/in-time.js';
import { inParts, isDuplicateKey, uncast } from '../../../platform/rows.js';
import { termsOf } from '../../../platform/terms.js';
import type { EngineLog } from '../../../sync/index.js';
import type { ConversationModel } from '../../conversations/index.js';
import type { MessageModel, MessageRow } from '../message.model.js';
import type { TermsModel, TermsRow } from './terms.model.js';

export interface SearchIndexParts {
  readonly conversations: ConversationModel;
  readonly messages: MessageModel;
  readonly messageTerms: TermsModel;
  readonly log: Pick<EngineLog, 'warn'>;
}

/** What history and search see of it. */
export interface SearchIndex {
  /** Something may stand in the conversation's history that is not found yet. */
  note(conversation: string): void;
  /** These have another text now, or none; what is not there yet comes with what history holds by then. */
  change(messageIds: readonly string[]): Promise<void>;
  /** Resolves once everything noted before of these conversations is found. */
  flush(conversations: readonly string[]): Promise<void>;
}

/** How long what is noted waits for more. */
const WAIT_MS = 500;
/** How long a search waits for what was said last. */
const SETTLE_MS = 1_000;
/** Messages of a conversation that are read in one go. */
const STRETCH = 500;

type Read = Pick<
  MessageRow,
  '_id' | 'conversation' | 'seq' | 'author' | 'text' | 'files' | 'receivedAt' | 'editedAt' | 'deletedAt'
>;
const READ = {
  ...{ conversation: 1, seq: 1, author: 1, text: 1, files: 1 },
  ...{ receivedAt: 1, editedAt: 1, deletedAt: 1 },
} as const;

export class TermsIndex implements SearchIndex {
  readonly #parts: SearchIndexParts;
  readonly #noted = new Set<string>();
  /** Conversations on their way, each with what resolves once it has arrived. */
  readonly #going = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: SearchIndexParts) {
    this.#parts = parts;
  }

  note(conversation: string): void {
    this.#noted.add(conversation);
    this.#timer ??= setTimeout(() => this.#goOn(), WAIT_MS).unref();
  }

  async change(messageIds: readonly string[]): Promise<void> {
    const known = await this.#parts.messageTerms.find({ _id: { $in: [...messageIds] } }, { _id: 1 }).lean();
    await this.#writeAgain(known.map(({ _id }) => _id));
  }

  async flush(conversations: readonly string[]): Promise<void> {
    await Promise.all(
      conversations.map(async (conversation) => {
        await this.#going.get(conversation);
        if (this.#noted.has(conversation)) await this.#go(conversation);
      }),
    );
  }

  /** The same, and no longer than a moment: what is not found by then is found later. */
  async settled(conversations: readonly string[]): Promise<void> {
    const flushed = this.flush(conversations).catch((error: unknown) => {
      this.#parts.log.warn({ err: error }, 'a search goes on without what was said last');
    });
    await inTime(flushed, SETTLE_MS).catch(() => undefined);
  }

  /** Writes nothing by itself any more; what is noted is found after the next start. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#noted.clear();
    await Promise.allSettled(this.#going.values());
  }

  /** One after the other, so that the log has its turn in between. */
  async #goOn(): Promise<void> {
    for (const conversation of this.#noted) {
      try {
        await this.#going.get(conversation);
        if (this.#noted.has(conversation)) await this.#go(conversation);
      } catch (error) {
        this.#parts.log.warn({ err: error, conversation }, 'messages are not found yet; it is tried again');
        break;
      }
    }
    this.#timer = this.#noted.size === 0 ? null : setTimeout(() => this.#goOn(), WAIT_MS).unref();
  }

  #go(conversation: string): Promise<void> {
    this.#noted.delete(conversation);
    const going = this.#catchUp(conversation)
      .catch((error: unknown) => {
        this.#noted.add(conversation);
        throw error;
      })
      .finally(() => this.#going.delete(conversation));
    this.#going.set(conversation, going);
    return going;
  }

  async #catchUp(conversation: string): Promise<void> {
    const { conversations, messages } = this.#parts;
    const row = await conversations.findById(conversation).select({ indexedSeq: 1 }).lean();
    for (let from = row?.indexedSeq ?? 0; ; ) {
      const found = await messages
        .find({ conversation, seq: { $gt: from } })
        .sort({ seq: 1 })
        .limit(STRETCH)
        .select(READ)
        .lean<Read[]>();
      const last = found.at(-1);
      if (last === undefined) return;
      for (const part of inParts(found)) await this.#insert(part);
      await this.#lookAgain(found);
      await conversations.updateOne({ _id: conversation }, { $max: { indexedSeq: last.seq } });
      if (found.length < STRETCH) return;
      from = last.seq;
    }
  }

  /** What a crash, or another process, has left there already stays. */
  async #insert(found: readonly Read[]): Promise<void> {
    const rows = found.filter(({ deletedAt }) => deletedAt === null).map(toTerms);
    if (rows.length === 0) return;
    try {
      await uncast(this.#parts.messageTerms).insertMany(rows, { ordered: false });
    } catch (error) {
      if (!(error instanceof mongo.MongoBulkWriteError) || !isDuplicateKey(error)) throw error;
    }
  }

  /** What was edited, deleted or erased while it was written found nothing of it to change. */
  async #lookAgain(found: readonly Read[]): Promise<void> {
    const ids = found.map(({ _id }) => _id);
    const now = await this.#parts.messages
      .find({ _id: { $in: ids } }, { editedAt: 1, deletedAt: 1 })
      .lean<Pick<Read, '_id' | 'editedAt' | 'deletedAt'>[]>();
    const stands = new Map(now.map((row) => [row._id, stateOf(row)]));
    const others = found.filter((row) => stands.get(row._id) !== stateOf(row)).map(({ _id }) => _id);
    if (others.length > 0) await this.#writeAgain(others);
  }

  async #writeAgain(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const rows = await this.#parts.messages
      .find({ _id: { $in: [...ids] }, deletedAt: null })
      .select(READ)
      .lean<Read[]>();
    const standing = new Set(rows.map(({ _id }) => _id));
    const gone = ids.filter((id) => !standing.has(id));
    if (gone.length > 0) await this.#parts.messageTerms.deleteMany({ _id: { $in: gone } });
    for (const row of rows)
      await this.#parts.messageTerms.updateOne({ _id: row._id }, { $set: { terms: toTerms(row).terms } });
  }
}

const stateOf = ({ editedAt, deletedAt }: Pick<Read, 'editedAt' | 'deletedAt'>): string =>
  `${editedAt?.getTime()} ${deletedAt?.getTime()}`;

const toTerms = ({ _id, conversation, seq, author, text, files, receivedAt }: Read): TermsRow => ({
  ...{ _id, conversation, seq, author, receivedAt },
  hasFile: files.length > 0,
  terms: termsOf([text], limits.messageTerms.value),
});
