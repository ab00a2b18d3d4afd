// Owns the way of a message from the outbox into the document and to "stored": which frame carries it, what a refusal
// means for it, and what is appended again to a fresh copy. Does not own connections, nor what people see.
import {
  appendMessage,
  type Deferred,
  isErrorCode,
  isReady,
  type MessageValue,
  type Refusal,
  readMessages,
} from '@parley/shared';
import type * as Y from 'yjs';
import { endsAccess, ParleyError, type ParleyErrorCode } from '../api/errors.js';
import { quietDeferred } from '../sync/deferred.js';
import type { Outbox } from './outbox.js';

export interface DeliveryParts {
  readonly outbox: Outbox;
  /** Update frames sent on the connection so far; null while a change to the document would not go out at once. */
  readonly frames: () => number | null;
  /** Something went into or out of the outbox. */
  readonly changed: () => void;
  /** The server will not have it; the outbox keeps it as given back. */
  readonly refused: (value: MessageValue, error: ParleyError) => void;
}

/** After a refusal: null, go on, the server asks again; `restart`, this copy can never sync again; an error, nor could a fresh one. */
export type AfterRefusal = null | 'restart' | ParleyError;

/** The rule by which an update was refused because something before it is missing. */
const GAP_RULE = 'G4';
/** A refusal names no more messages than this; one that names as many may have left some out. */
const MAX_NAMED = 100;
/** Closed without a word about one update, and still about what the copy holds. */
const blamesContent: ReadonlySet<ParleyErrorCode> = new Set([
  'UPDATE_REFUSED',
  'MALFORMED_UPDATE',
  'TOO_LARGE',
]);

export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #waiting = new Map<string, Deferred<void>>();
  /** Ids that a restart would not find yet; they wait, and so do those behind them. */
  readonly #unwritten = new Set<string>();
  /** Ids of the outbox that were appended to this copy. */
  readonly #inDoc = new Set<string>();
  /** Which frame of this connection carries an id that was not acknowledged yet. */
  readonly #carried = new Map<string, number>();
  /** Refused together with others: each goes out alone, to find the one that is at fault. */
  readonly #suspects = new Set<string>();
  #doc: Y.Doc;
  #inStep = false;
  #mayWrite = true;
  #fruitless = 0;

  constructor(doc: Y.Doc, parts: DeliveryParts) {
    this.#doc = doc;
    this.#parts = parts;
  }

  /** Puts a message into the outbox and on its way; resolves once stored, rejects when refused or given up waiting for. */
  send(value: MessageValue): Promise<void> {
    const stored = quietDeferred<void>();
    this.#waiting.set(value.id, stored);
    this.#unwritten.add(value.id);
    this.#parts.outbox
      .add(value)
      .then(() => {
        this.#unwritten.delete(value.id);
        this.#flush();
      })
      .catch((error: unknown) => stored.reject(error));
    return stored.promise;
  }

  /** Whether one may write here. Where not, what has not gone out yet is given back; what is on its way gets its own answer. */
  permit(mayWrite: boolean): void {
    this.#mayWrite = mayWrite;
    this.#flush();
  }

  /** Goes on with a fresh copy. */
  replace(doc: Y.Doc): void {
    this.#doc = doc;
    this.#inDoc.clear();
    this.connecting();
  }

  connecting(): void {
    this.#carried.clear();
    this.#inStep = false;
  }

  answered(nth: number): void {
    const shown = new Set(this.#inDoc.size === 0 ? [] : readMessages(this.#doc).map(({ id }) => id));
    for (const id of this.#inDoc) {
      if (this.#carried.has(id)) continue;
      // Its segment has left the window before it went out, and it with that: it goes out again.
      if (shown.has(id)) this.#carried.set(id, nth);
      else this.#inDoc.delete(id);
    }
    this.#flush();
  }

  /** The copy is in step with the server: what is in it and not from us is stored; the rest goes in now. */
  synced(): void {
    this.#inStep = true;
    const { outbox } = this.#parts;
    if (outbox.values.some(({ id }) => !this.#inDoc.has(id))) {
      for (const { id } of readMessages(this.#doc)) if (!this.#inDoc.has(id)) this.#settle(id);
    }
    this.#flush();
  }

  stored(upTo: number): void {
    for (const [id, nth] of [...this.#carried]) if (nth <= upTo) this.#settle(id);
    this.#flush();
  }

  /** These are in history. */
  numbered(ids: readonly string[]): void {
    const given = new Set(this.#parts.outbox.givenBack.map(({ id }) => id));
    for (const id of ids) {
      this.#settle(id);
      // Given back when its answer was lost: it was stored all the same.
      if (given.has(id)) void this.#parts.outbox.remove(id);
    }
    this.#flush();
  }

  refused(refusal: Refusal): AfterRefusal {
    const carried = [...this.#carried].filter(([, nth]) => nth === refusal.nth).map(([id]) => id);
    if (refusal.rule === GAP_RULE) {
      for (const id of carried) this.#carried.delete(id);
      return null;
    }
    const named = refusal.messages.filter((id) => this.#parts.outbox.has(id));
    const isWhole = named.length > 0 && refusal.messages.length < MAX_NAMED;
    const error = new ParleyError(isErrorCode(refusal.code) ? refusal.code : 'UPDATE_REFUSED', {
      message: refusal.reason,
      ...(refusal.rule === undefined ? {} : { rule: refusal.rule }),
    });
    return this.#blame(isWhole ? named : carried, error) ? 'restart' : error;
  }

  /** The server sent us away because of what we hold; whether to come back with a fresh copy. */
  sentAway(error: ParleyError): boolean {
    if (error.code === 'OLDER_GENERATION') return true;
    return this.#blame(blamesContent.has(error.code) ? [...this.#carried.keys()] : [], error);
  }

  /** Nobody needs to wait any longer. The outbox keeps what it has; where one may no longer be, as given back. */
  abandon(error: ParleyError | null): void {
    if (error !== null && endsAccess(error)) {
      for (const { id } of this.#parts.outbox.values) this.#giveBack(id, error);
    }
    for (const waiting of this.#waiting.values()) waiting.reject(error ?? new ParleyError('CLOSED'));
    this.#waiting.clear();
    this.connecting();
  }

  /** Whether a fresh copy is worth a try. */
  #blame(ids: readonly string[], error: ParleyError): boolean {
    if (ids.length === 0) {
      this.#fruitless += 1;
      return this.#fruitless <= 1;
    }
    if (ids.length > 1 && error.code !== 'FORBIDDEN') {
      for (const id of ids) this.#suspects.add(id);
      return true;
    }
    for (const id of ids) this.#giveBack(id, error);
    return true;
  }

  #giveBack(id: string, error: ParleyError): void {
    const value = this.#parts.outbox.find(id);
    this.#letGo(id);
    void this.#parts.outbox.giveBack(id);
    this.#waiting.get(id)?.reject(error);
    this.#waiting.delete(id);
    if (value !== undefined) this.#parts.refused(value, error);
    this.#parts.changed();
  }

  #settle(id: string): void {
    if (!this.#parts.outbox.has(id)) return;
    this.#fruitless = 0;
    this.#letGo(id);
    void this.#parts.outbox.remove(id);
    this.#waiting.get(id)?.resolve();
    this.#waiting.delete(id);
    this.#parts.changed();
  }

  #letGo(id: string): void {
    this.#carried.delete(id);
    this.#suspects.delete(id);
    this.#inDoc.delete(id);
  }

  /** Appends what is due, in order, each in a frame of its own. */
  #flush(): void {
    if (!this.#inStep || this.#parts.frames() === null || !isReady(this.#doc)) return;
    if (!this.#mayWrite) {
      const stays = this.#parts.outbox.values.filter(({ id }) => !this.#inDoc.has(id));
      for (const { id } of stays) this.#giveBack(id, readOnly());
      return;
    }
    for (const value of this.#parts.outbox.values) {
      if (this.#unwritten.has(value.id)) return;
      const isSuspect = this.#suspects.has(value.id);
      if (this.#inDoc.has(value.id)) {
        if (isSuspect) return;
        continue;
      }
      if (isSuspect && this.#carried.size > 0) return;
      this.#inDoc.add(value.id);
      appendMessage(this.#doc, value);
      this.#carried.set(value.id, this.#parts.frames() ?? 0);
      if (isSuspect) return;
    }
  }
}

/** Why nothing can be said where one may only read. */
export const readOnly = (): ParleyError =>
  new ParleyError('FORBIDDEN', { message: 'You may read here, not write.' });
