// Owns one list out of three sources: the document's window, pages of history, and what is on its way. Pure: no clock, no I/O.
// What it keeps has no holes: from `lowestSeq` on, every message that still exists is here.
import type { DocumentMessage, Message, MessageValue } from '@parley/shared';
import {
  type ConversationMessage,
  type MessageState,
  type Row,
  rowOfHistory,
  rowOfValue,
  rowOfWindow,
} from './message.js';
import { type ShownChange, withChange } from './message-change.js';
import { reuse } from './same-message.js';

/** What of the list only its owner knows. */
export interface Unsent {
  /** Not acknowledged yet, in the order they were said. */
  readonly pending: readonly MessageValue[];
  readonly refused: readonly MessageValue[];
  /** Ids not to be shown, unless they turn out to have a number. */
  readonly dismissed: ReadonlySet<string>;
  /** One's own changes of messages, oldest first, by the message's id. */
  readonly changes: ReadonlyMap<string, readonly ShownChange[]>;
  /** Whose list it is. */
  readonly me: string;
  readonly nameOf: (userId: string) => string | undefined;
  /** Nothing up to that number is shown. */
  readonly hiddenSeq: number;
}

/** Once twice as many are kept behind the window, what lies further back than this goes; it can be paged in again. */
const MAX_LEFT_BEHIND = 5_000;

export class Timeline {
  #window: ReadonlyMap<string, DocumentMessage> = new Map();
  #startSeq: number | null = null;
  /** History before the window, by id; all of it while there is no window. */
  readonly #rows = new Map<string, Row>();
  readonly #seqs = new Map<string, number>();
  /** The lowest number that history covers; null while it covers nothing. */
  #lowestRow: number | null = null;
  /** Everything up to this number, from the lowest on, has been here. */
  #top = 0;
  #list: readonly ConversationMessage[] = [];

  /** From which number on nothing is missing; null while nothing is known. */
  get lowestSeq(): number | null {
    return this.#lowestRow ?? this.#startSeq;
  }

  /**
   * Takes over what the document holds now. Messages that its window has left behind stay in the list; ids of those are returned
   * that may as well have been deleted before they left: only history knows.
   */
  setWindow(messages: readonly DocumentMessage[], startSeq: number): string[] {
    let doubtful: string[] = [];
    const next = new Map(messages.map((message) => [message.id, message]));
    const from = this.#startSeq ?? this.#lowestRow;
    if (from !== null && startSeq > this.#top + 1 && startSeq > from) {
      // Away for so long that the window has jumped: what lies between is not here, so what lies before must go.
      this.#rows.clear();
      this.#lowestRow = null;
    } else if (this.#startSeq !== null && startSeq >= this.#startSeq) {
      doubtful = this.#keepLeftBehind(next, this.#startSeq, startSeq);
    }
    this.#window = next;
    this.#startSeq = startSeq;
    for (const id of next.keys()) this.#seen(this.#seqs.get(id));
    this.#shadowRows(startSeq);
    if (this.#seqs.size > next.size * 2 + MAX_LEFT_BEHIND) {
      for (const id of this.#seqs.keys()) if (!next.has(id)) this.#seqs.delete(id);
    }
    return doubtful;
  }

  /** Learns numbers; `ids[i]` is `seqs[i]`. */
  number(ids: readonly string[], seqs: readonly number[]): void {
    for (const [index, id] of ids.entries()) {
      const seq = seqs[index];
      if (seq === undefined) continue;
      this.#seqs.set(id, seq);
      // Of a message that never came here a number may be told all the same: it left the window before we had caught up.
      if (this.#window.has(id)) this.#seen(seq);
    }
  }

  /** Takes in history, ascending and without holes, that ends right before `lowestSeq`, or overlaps what is here. */
  addHistory(items: readonly Message[]): void {
    for (const item of items) {
      if (this.#startSeq !== null && item.seq >= this.#startSeq) {
        // The window tells what became of it; only the number may be news.
        if (this.#window.has(item.id)) this.#seqs.set(item.id, item.seq);
        continue;
      }
      this.#rows.set(item.id, rowOfHistory(item));
      this.#lowestRow = Math.min(this.#lowestRow ?? this.#startSeq ?? item.seq, item.seq);
      this.#seen(item.seq);
    }
  }

  /** A message that the window has left behind; the same object until it changes. */
  rowBehind(id: string): Row | undefined {
    return this.#rows.get(id);
  }

  /** Takes over what became of a message that the window has left behind; others are not of this list, or the window's. */
  changeHistory(item: Message): void {
    if (this.#rows.has(item.id)) this.#rows.set(item.id, rowOfHistory(item));
  }

  /** The whole list: numbered ones by number, then the document's own order, then what is not in the document. The same array while nothing has changed. */
  list({
    pending,
    refused,
    dismissed,
    changes,
    me,
    nameOf,
    hiddenSeq,
  }: Unsent): readonly ConversationMessage[] {
    const states = new Map<string, MessageState>();
    for (const { id } of pending) states.set(id, 'pending');
    for (const { id } of refused) states.set(id, 'refused');
    const numbered: Row[] = [];
    const others: Row[] = [];
    const lowestSeq = Math.max(this.lowestSeq ?? 0, hiddenSeq + 1);
    for (const row of this.#rows.values())
      if (!this.#window.has(row.id) && (row.seq ?? 0) > hiddenSeq) numbered.push(row);
    for (const message of this.#window.values()) {
      if (changes.get(message.id)?.some(({ change }) => change.act === 'delete')) continue;
      const seq = this.#seqs.get(message.id) ?? this.#rows.get(message.id)?.seq ?? null;
      if (seq !== null) {
        // Who was away wrote into an old segment, which then left with it: before the start the window has holes.
        if (seq >= lowestSeq) numbered.push(rowOfWindow(message, seq));
      } else if (!dismissed.has(message.id)) others.push(rowOfWindow(message, seq));
    }
    numbered.sort((left, right) => (left.seq ?? 0) - (right.seq ?? 0));
    const known = new Set([...numbered, ...others].map(({ id }) => id));
    for (const value of [...pending, ...refused].sort(byId)) {
      if (!known.has(value.id)) others.push(rowOfValue(value));
    }
    this.#list = reuse(
      this.#list,
      [...numbered, ...others].map((plain) => {
        const mine = changes.get(plain.id) ?? [];
        const { author, ...row } = mine.reduce((before, { change }) => withChange(before, change, me), plain);
        const name = nameOf(author);
        const state = row.seq === null ? (states.get(row.id) ?? 'stored') : 'stored';
        const isChanging = mine.some(({ isStored }) => !isStored);
        return {
          ...row,
          author: name === undefined ? { id: author } : { id: author, name },
          state,
          isChanging,
        };
      }),
    );
    return this.#list;
  }

  #seen(seq: number | undefined): void {
    this.#top = Math.max(this.#top, seq ?? 0);
  }

  /**
   * What has a number before the start and is gone has left with its segment, or was deleted; in the window's own stretch it was
   * deleted. What leaves stands first, as a rule: behind one that was said twice, and stands in a segment that stays too, nobody can
   * tell.
   */
  #keepLeftBehind(next: ReadonlyMap<string, DocumentMessage>, oldStart: number, newStart: number): string[] {
    const doubtful: string[] = [];
    if (newStart > oldStart) this.#lowestRow ??= oldStart;
    // Some of the window have a number below its start; where history was not filled up to them they are not shown.
    const lowest = this.#lowestRow ?? oldStart;
    let isFirst = true;
    for (const message of this.#window.values()) {
      const seq = this.#seqs.get(message.id);
      if (next.has(message.id)) isFirst = false;
      else if (seq === undefined || seq < lowest || seq >= newStart) this.#rows.delete(message.id);
      else {
        this.#rows.set(message.id, rowOfWindow(message, seq));
        if (!isFirst || newStart === oldStart) doubtful.push(message.id);
      }
    }
    this.#dropOldest(newStart);
    return doubtful;
  }

  /** In its stretch the window alone knows what still exists. */
  #shadowRows(startSeq: number): void {
    for (const [id, { seq }] of this.#rows) {
      if (seq === null || seq < startSeq) continue;
      this.#rows.delete(id);
      this.#seqs.set(id, seq);
    }
    if (this.#lowestRow !== null && this.#lowestRow >= startSeq) this.#lowestRow = null;
  }

  #dropOldest(startSeq: number): void {
    if (this.#rows.size <= MAX_LEFT_BEHIND * 2) return;
    const lowest = startSeq - MAX_LEFT_BEHIND;
    for (const [id, { seq }] of this.#rows) if ((seq ?? 0) < lowest) this.#rows.delete(id);
    this.#lowestRow = Math.max(this.#lowestRow ?? lowest, lowest);
  }
}

/** Ids begin with the time of their making. */
const byId = (left: MessageValue, right: MessageValue): number => (left.id < right.id ? -1 : 1);
