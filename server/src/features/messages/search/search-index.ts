// Owns keeping the words of messages beside history: a moment after the messages, many together, so that sending does not wait for it.
// How far it has come stands in the conversation; entries of a document's log stay until it has come as far as they have.

import { setTimeout as pause } from 'node:timers/promises';
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

/** How long what is noted waits for more: the more is written together, the less each word costs. */
const WAIT_MS = 2_000;
/** How long a search waits for what was said last. */
const SETTLE_MS = 1_000;
/** Messages that are read in one go, and rows in one write: that holds others up for some milliseconds. */
const STRETCH = 400;
const TOGETHER = 200;
/** The store is left alone for so many times as long as a stretch took: what is sent meanwhile does not wait for what was. */
const PAUSES = 3;

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
  /** Conversations on their way, each with what settles once they have arrived. */
  readonly #going = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  /** How many wait for what is not found yet. */
  #waiting = 0;

  constructor(parts: SearchIndexParts) {
    this.#parts = parts;
  }

  note(conversation: string): void {
    this.#noted.add(conversation);
    this.#timer ??= setTimeout(() => void this.#goOn(), WAIT_MS).unref();
  }

  async change(messageIds: readonly string[]): Promise<void> {
    const known = await this.#parts.messageTerms.find({ _id: { $in: [...messageIds] } }, { _id: 1 }).lean();
    await this.#writeAgain(known.map(({ _id }) => _id));
  }

  async flush(conversations: readonly string[]): Promise<void> {
    this.#waiting += 1;
    try {
      await this.#bring(conversations);
    } finally {
      this.#waiting -= 1;
    }
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

  async #goOn(): Promise<void> {
    try {
      await this.#bring([...this.#noted]);
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'some messages are not found yet; it is tried again');
    }
    this.#timer = this.#noted.size === 0 ? null : setTimeout(() => void this.#goOn(), WAIT_MS).unref();
  }

  /** Whatever was noted of them before; what began before that may have passed it by already. */
  async #bring(conversations: readonly string[]): Promise<void> {
    const due = conversations.filter((each) => this.#noted.has(each) || this.#going.has(each));
    for (const some of inParts(due)) {
      await Promise.all(some.map((conversation) => this.#going.get(conversation)));
      const begunByOthers = some.map((conversation) => this.#going.get(conversation));
      await Promise.all([this.#go(some.filter((each) => this.#noted.has(each))), ...begunByOthers]);
    }
  }

  #go(conversations: readonly string[]): Promise<void> {
    if (conversations.length === 0) return Promise.resolve();
    for (const conversation of conversations) this.#noted.delete(conversation);
    const going = this.#catchUp(conversations)
      .catch((error: unknown) => {
        for (const conversation of conversations) this.#noted.add(conversation);
        throw error;
      })
      .finally(() => {
        for (const conversation of conversations) this.#going.delete(conversation);
      });
    for (const conversation of conversations) this.#going.set(conversation, going);
    return going;
  }

  /** Stretch by stretch; with pauses where nobody waits, so that in a flood it falls behind and comes after it. */
  async #catchUp(conversations: readonly string[]): Promise<void> {
    const rows = await this.#parts.conversations
      .find({ _id: { $in: [...conversations] } })
      .select({ indexedSeq: 1 })
      .lean();
    const reached = new Map(conversations.map((conversation) => [conversation, 0]));
    for (const { _id, indexedSeq } of rows) reached.set(_id, indexedSeq);
    while (reached.size > 0) {
      const began = performance.now();
      const found = await this.#readStretch(reached);
      for (let from = 0; from < found.length; from += TOGETHER)
        await this.#insert(found.slice(from, from + TOGETHER));
      await this.#lookAgain(found);
      await this.#record(new Map(found.map(({ conversation, seq }) => [conversation, seq])));
      if (this.#waiting === 0) await pause(PAUSES * (performance.now() - began));
    }
  }

  /** What comes next, of one conversation after the other; those of which nothing is left are taken out of `reached`. */
  async #readStretch(reached: Map<string, number>): Promise<Read[]> {
    const all: Read[] = [];
    for (const [conversation, seq] of reached) {
      const limit = STRETCH - all.length;
      const found = await this.#parts.messages
        .find({ conversation, seq: { $gt: seq } })
        .sort({ seq: 1 })
        .limit(limit)
        .select(READ)
        .lean<Read[]>();
      all.push(...found);
      reached.set(conversation, found.at(-1)?.seq ?? seq);
      if (found.length === limit) return all;
      reached.delete(conversation);
    }
    return all;
  }

  async #record(ends: ReadonlyMap<string, number>): Promise<void> {
    if (ends.size === 0) return;
    await uncast(this.#parts.conversations).bulkWrite(
      [...ends].map(([_id, seq]) => ({
        updateOne: { filter: { _id }, update: { $max: { indexedSeq: seq } } },
      })),
      { ordered: false },
    );
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
    if (found.length === 0) return;
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
    for (const part of inParts(rows))
      await uncast(this.#parts.messageTerms).bulkWrite(
        part.map((row) => ({
          updateOne: { filter: { _id: row._id }, update: { $set: { terms: toTerms(row).terms } } },
        })),
        { ordered: false },
      );
  }
}

const stateOf = ({ editedAt, deletedAt }: Pick<Read, 'editedAt' | 'deletedAt'>): string =>
  `${editedAt?.getTime()} ${deletedAt?.getTime()}`;

const toTerms = ({ _id, conversation, seq, author, text, files, receivedAt }: Read): TermsRow => ({
  ...{ _id, conversation, seq, author, receivedAt },
  hasFile: files.length > 0,
  terms: termsOf([text], limits.messageTerms.value),
});
