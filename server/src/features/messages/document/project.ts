// Owns turning stored changes into rows of history, with numbers, for many conversations in a handful of store calls.
// Exactly once in effect: a row remembers the log position that brought it, and everything else can be done twice.
import type { MessageValue } from '@parley/shared';
import { type AnyBulkWriteOperation, mongo } from 'mongoose';
import { isDuplicateKey, uncast } from '../../../platform/rows.js';
import type { EngineLog, Projected, StoredChanges } from '../../../sync/index.js';
import type { Publish } from '../../events/index.js';
import type { Standings } from '../../friends/index.js';
import type { MessageModel, MessageRow } from '../message.model.js';
import type { SearchIndex } from '../search/search-index.js';
import type { ConversationFiles } from './attachments.js';
import type { ConversationChange } from './changes.js';
import { withoutBlockedMentions } from './mentions.js';
import { projectFiles } from './project-files.js';
import { type Landed, Summaries, type SummaryModels } from './summaries.js';
import { MessageTeller } from './tell.js';

export interface HistoryModels extends SummaryModels {
  readonly messages: MessageModel;
}

export interface HistoryParts {
  readonly models: HistoryModels;
  readonly standings: Standings;
  readonly files: ConversationFiles;
  readonly searchIndex: SearchIndex;
  readonly publish: Publish;
  readonly log: Pick<EngineLog, 'warn'>;
}

type Batches = readonly StoredChanges<ConversationChange>[];
type Later = Exclude<ConversationChange, { type: 'message' }>;

/** Conversations whose newest number is kept in mind. */
const MAX_REMEMBERED = 10_000;

export class HistoryProjector {
  readonly #models: HistoryModels;
  readonly #standings: Standings;
  readonly #files: ConversationFiles;
  readonly #searchIndex: SearchIndex;
  readonly #summaries: Summaries;
  readonly #teller: MessageTeller;
  readonly #log: HistoryParts['log'];
  readonly #lastSeqs = new Map<string, number>();
  /** Messages that this process writes and has told nobody of. What another has left in history is told by that one. */
  readonly #untold = new Set<string>();

  constructor({ models, standings, files, searchIndex, publish, log }: HistoryParts) {
    this.#models = models;
    this.#standings = standings;
    this.#files = files;
    this.#searchIndex = searchIndex;
    this.#summaries = new Summaries(models);
    this.#teller = new MessageTeller(publish);
    this.#log = log;
  }

  /**
   * Tells the conversation, or all of them, and their members of what was projected before. `isLast`: nothing else tells of it after
   * that, so it is to be found as well.
   */
  async flush(conversation?: string, isLast = false): Promise<void> {
    await this.#summaries.flush(conversation);
    if (isLast && conversation !== undefined) await this.#searchIndex.flush([conversation]);
  }

  /** Resolves once members were told of all messages that are in history by now, as far as this process writes them. */
  told(): Promise<void> {
    return this.#teller.told();
  }

  /** Carries the batches out on history. On any failure nothing is remembered, and the same batches may come again. */
  async project(batches: Batches): Promise<Projected[]> {
    if (this.#lastSeqs.size >= MAX_REMEMBERED) this.#lastSeqs.clear();
    const shown = await withoutBlockedMentions(batches, this.#standings);
    const step = await this.#writeNew(shown);
    await projectFiles(this.#files, shown, step.found);
    this.#summaries.note(step.landed);
    for (const { conversation } of step.landed) this.#searchIndex.note(conversation);
    const changed = shown.flatMap(textsChanged);
    if (changed.length > 0) await this.#searchIndex.change(changed);
    const told = this.#teller.tell(
      shown,
      step.landed.filter(({ id }) => this.#untold.delete(id)),
    );
    // Whoever is mentioned is notified by it: that must not get lost. The rest can be fetched.
    if (hasMentions(shown)) await told;
    else
      told.catch((error: unknown) =>
        this.#log.warn({ err: error }, 'messages were told of late or not at all'),
      );
    return [...step.found.values()].map((found) => ({
      ...found,
      sequenced: found.sequenced.toSorted((left, right) => left.seq - right.seq),
    }));
  }

  /** Almost always history has none of the messages: that it does have one is seen by its refusal, and only then looked into. */
  async #writeNew(batches: Batches): Promise<Numbered> {
    try {
      return await this.#write(batches, new Map());
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return await this.#write(batches, await this.#knownRows(batches));
    }
  }

  async #write(batches: Batches, known: Map<string, Known>): Promise<Numbered> {
    try {
      const step = await this.#number(batches, known);
      await this.#writeMessages(step.rows, batches.flatMap(laterWrites));
      return step;
    } catch (error) {
      this.#lastSeqs.clear();
      throw error;
    }
  }

  /** Gives numbers to messages that history does not have yet. `landed`: those, and what an earlier try of these batches left there. */
  async #number(batches: Batches, known: Map<string, Known>): Promise<Numbered> {
    const rows: MessageRow[] = [];
    const landed: Landed[] = [];
    const found = new Map<string, Found>();
    for (const batch of batches) {
      const ofDocument = found.get(batch.documentId) ?? {
        documentId: batch.documentId,
        sequenced: [],
        repeated: [],
        changed: [],
      };
      found.set(batch.documentId, ofDocument);
      for (const change of batch.changes) {
        if (change.type !== 'message') {
          ofDocument.changed.push(messageOf(change));
          continue;
        }
        const { id, author } = change.value;
        const land = (seq: number): void => {
          ofDocument.sequenced.push({ id, seq });
          landed.push({ conversation: batch.documentId, id, seq, author, receivedAt: batch.at });
        };
        const before = known.get(id);
        if (before === undefined) {
          const seq = (await this.#lastSeq(batch.documentId)) + 1;
          this.#lastSeqs.set(batch.documentId, seq);
          const row = rowOf(change.value, batch, seq);
          rows.push(row);
          known.set(id, row);
          land(seq);
        } else if (before.conversation === batch.documentId && before.position === batch.position) {
          land(before.seq);
        } else {
          ofDocument.repeated.push(id);
        }
      }
    }
    return { rows, landed, found };
  }

  async #knownRows(batches: Batches): Promise<Map<string, Known>> {
    const ids = batches.flatMap(({ changes }) =>
      changes.flatMap((change) => (change.type === 'message' ? [change.value.id] : [])),
    );
    const rows = await this.#models.messages
      .find({ _id: { $in: ids } }, { conversation: 1, position: 1, seq: 1 })
      .lean();
    return new Map(rows.map((row) => [row._id, row]));
  }

  async #lastSeq(conversation: string): Promise<number> {
    const remembered = this.#lastSeqs.get(conversation);
    if (remembered !== undefined) return remembered;
    const newest = await this.#models.messages.findOne({ conversation }, { seq: 1 }).sort({ seq: -1 }).lean();
    if (newest !== null) return newest.seq;
    // All of it may have been erased.
    const row = await this.#models.conversations.findById(conversation, { messageCount: 1 }).lean();
    return row?.messageCount ?? 0;
  }

  async #insert(rows: MessageRow[]): Promise<void> {
    let written = rows.length;
    try {
      await uncast(this.#models.messages).insertMany(rows, { ordered: true });
    } catch (error) {
      written = writtenBefore(error, rows);
      throw error;
    } finally {
      for (const { _id } of rows.slice(0, written)) this.#untold.add(_id);
    }
  }

  async #writeMessages(rows: MessageRow[], later: AnyBulkWriteOperation<MessageRow>[]): Promise<void> {
    // In order, so that a try cut short leaves no hole in the numbers.
    if (rows.length > 0) await this.#insert(rows);
    if (later.length > 0) await this.#models.messages.bulkWrite(later, { ordered: true });
  }
}

/** How many rows a write has left before it failed; all, where nobody can tell. */
const writtenBefore = (error: unknown, rows: readonly MessageRow[]): number =>
  error instanceof mongo.MongoBulkWriteError && isDuplicateKey(error) ? error.insertedCount : rows.length;

/** What tells a message that history has already from one sent twice. */
type Known = Pick<MessageRow, 'conversation' | 'position' | 'seq'>;

interface Numbered {
  readonly rows: MessageRow[];
  readonly landed: readonly Landed[];
  readonly found: ReadonlyMap<string, Found>;
}

interface Found {
  readonly documentId: string;
  readonly sequenced: { id: string; seq: number }[];
  readonly repeated: string[];
  readonly changed: string[];
}

const hasMentions = (batches: Batches): boolean =>
  batches.some(({ changes }) =>
    changes.some(
      (change) => 'value' in change && 'mentions' in change.value && change.value.mentions?.length,
    ),
  );

/** Messages that have another text, or none. */
const textsChanged = ({ changes }: StoredChanges<ConversationChange>): string[] =>
  changes.flatMap((change) => {
    if (change.type === 'edit') return change.value.message;
    return change.type === 'delete' ? change.message : [];
  });

const messageOf = (change: Later): string =>
  change.type === 'delete' ? change.message : change.value.message;

const rowOf = (value: MessageValue, batch: StoredChanges<ConversationChange>, seq: number): MessageRow => ({
  _id: value.id,
  conversation: batch.documentId,
  seq,
  position: batch.position,
  author: value.author,
  text: value.text,
  system: value.system ?? null,
  files: value.files ?? [],
  replyTo: value.replyTo ?? null,
  mentions: value.mentions ?? [],
  reactions: [],
  sentAt: new Date(value.sentAt),
  receivedAt: batch.at,
  editedAt: null,
  deletedAt: null,
});

/** What happens to rows after they are there; filters hold the rights, for edits that came when the window had moved on. */
const laterWrites = (batch: StoredChanges<ConversationChange>): AnyBulkWriteOperation<MessageRow>[] =>
  batch.changes.flatMap((change) => (change.type === 'message' ? [] : [laterWrite(change, batch)]));

const laterWrite = (
  change: Later,
  { documentId, at }: StoredChanges<ConversationChange>,
): AnyBulkWriteOperation<MessageRow> => {
  if (change.type === 'delete') {
    const emptied = {
      text: '',
      system: null,
      files: [],
      mentions: [],
      reactions: [],
      deletedAt: at,
    };
    const filter = { _id: change.message, conversation: documentId, deletedAt: null };
    return { updateOne: { filter, update: { $set: emptied } } };
  }
  const { value } = change;
  const alive = { _id: value.message, conversation: documentId, deletedAt: null };
  if (change.type === 'edit') {
    const { author, text, mentions } = change.value;
    const edited = { text, mentions: mentions ?? [], editedAt: at };
    return { updateOne: { filter: { ...alive, author, system: null }, update: { $set: edited } } };
  }
  const reaction = { emoji: change.value.emoji, user: change.value.user };
  const update =
    change.type === 'react' ? { $addToSet: { reactions: reaction } } : { $pull: { reactions: reaction } };
  return { updateOne: { filter: alive, update } };
};
