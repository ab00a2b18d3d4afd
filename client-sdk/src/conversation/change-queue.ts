// Owns when a change of a message is carried out, tried again or given up. Does not own how it is carried out, nor what people see.
import type { Message } from '@parley/shared';
import { endsAccess, ParleyError, toParleyError } from '../api/errors.js';
import type { Storage } from '../storage/storage.js';
import { backoffMs } from '../sync/backoff.js';
import { quietDeferred } from '../sync/deferred.js';
import type { Timing } from '../timing.js';
import { ChangeBook, type Entry } from './change-book.js';
import { type MessageChange, type ShownChange, slotOf } from './message-change.js';

export interface ChangeQueueParts {
  readonly storage: Storage;
  /** Where the storage keeps them. */
  readonly storageName: string;
  readonly timing: Timing;
  readonly carryOut: (change: MessageChange) => Promise<Message>;
  /** Whether the message itself is still on its way; its changes wait for it. */
  readonly isUnsent: (messageId: string) => boolean;
  /** `shown` is another thing. */
  readonly changed: () => void;
  /** What a message is now. */
  readonly done: (message: Message) => void;
  /** The server will not have it, or one may no longer be here. */
  readonly refused: (change: MessageChange, error: ParleyError) => void;
}

/** The procedure answers on one line, the document on another: for so long a stored change is shown whatever the document says. */
const SETTLE_MS = 1_000;

export class ChangeQueue {
  readonly #parts: ChangeQueueParts;
  readonly #book: ChangeBook;
  readonly #settling = new Map<string, { readonly change: MessageChange; readonly cancel: () => void }>();
  #running: Entry | null = null;
  #failures = 0;
  /** Calls the next try off; null while none is set. */
  #cancelRetry: (() => void) | null = null;
  #isClosed = false;

  constructor(parts: ChangeQueueParts) {
    this.#parts = parts;
    this.#book = new ChangeBook(parts.storage, parts.storageName);
  }

  /** What people see beyond what the server has told. */
  get shown(): ShownChange[] {
    const settled = [...this.#settling.values()].map(({ change }) => ({ change, isStored: true }));
    const waiting = this.#book.entries.map(({ change }) => ({ change, isStored: false }));
    return [...settled, ...waiting];
  }

  /** Takes up what an earlier run left, beside what was said since. */
  async load(): Promise<void> {
    await this.#book.load();
    this.#parts.changed();
    this.wake();
  }

  /** Resolves once it, or what took its place, is in history; rejects when refused, or closed before. */
  async add(change: MessageChange): Promise<void> {
    if (change.act !== 'delete' && this.#book.isDeleting(change.input.id)) throw new ParleyError('NOT_FOUND');
    const stored = quietDeferred<void>();
    this.#book.put(change, stored, this.#running);
    this.#parts.changed();
    this.wake();
    await stored.promise;
  }

  /** Something may go now that could not before; after a failure, when its pause is over. */
  wake(): void {
    if (this.#running === null && this.#cancelRetry === null && !this.#isClosed) void this.#run();
  }

  /** It is worth a try now, whatever failed before. */
  tryAgain(): void {
    this.#endPause();
    this.wake();
  }

  /** Nothing is tried any more. What waits is found by the next run; where one may no longer be, it comes back as refused. */
  close(error: ParleyError | null): void {
    this.#isClosed = true;
    this.#endPause();
    for (const { cancel } of this.#settling.values()) cancel();
    for (const entry of this.#book.entries) {
      if (error !== null && endsAccess(error)) this.#refuse(entry, error);
      else for (const waiting of entry.waiting) waiting.reject(error ?? new ParleyError('CLOSED'));
    }
  }

  async #run(): Promise<void> {
    for (let next = this.#next(); next !== undefined && !this.#isClosed; next = this.#next()) {
      this.#running = next;
      const goesOn = await this.#carryOut(next);
      this.#running = null;
      if (!goesOn) return;
    }
  }

  #next(): Entry | undefined {
    return this.#book.entries.find(({ change }) => !this.#parts.isUnsent(change.input.id));
  }

  /** Whether it is worth going on with the next. */
  async #carryOut(entry: Entry): Promise<boolean> {
    if (await this.#book.isOvertaken(entry)) {
      if (!this.#book.handOver(entry)) this.#letGo(entry);
      return true;
    }
    try {
      const message = await this.#parts.carryOut(entry.change);
      this.#failures = 0;
      this.#finish(entry);
      this.#parts.done(message);
      return true;
    } catch (reason) {
      return this.#failed(entry, toParleyError(reason));
    }
  }

  #failed(entry: Entry, error: ParleyError): boolean {
    if (this.#isClosed) return false;
    const { change, isDoubtful } = entry;
    if (isForLater(error)) {
      entry.isDoubtful = true;
      if (!this.#book.handOver(entry)) this.#book.putLast(entry);
      this.#retryLater(error);
      return false;
    }
    if (change.act === 'delete' && error.code === 'NOT_FOUND' && isDoubtful) this.#finish(entry);
    else this.#refuse(entry, error);
    return true;
  }

  #retryLater(error: ParleyError): void {
    const { timing } = this.#parts;
    this.#failures += 1;
    const pauseMs = Math.max(backoffMs(this.#failures, timing), (error.retryAfterSeconds ?? 0) * 1_000);
    this.#cancelRetry = timing.after(pauseMs, () => this.tryAgain());
  }

  #endPause(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  #finish(entry: Entry): void {
    if (this.#book.isLatest(entry) && !this.#isClosed) this.#settle(entry.change);
    this.#letGo(entry);
  }

  #letGo(entry: Entry): void {
    this.#book.drop(entry);
    for (const waiting of entry.waiting) waiting.resolve();
    this.#parts.changed();
  }

  #settle(change: MessageChange): void {
    const slot = slotOf(change);
    this.#settling.get(slot)?.cancel();
    const cancel = this.#parts.timing.after(SETTLE_MS, () => {
      this.#settling.delete(slot);
      this.#parts.changed();
    });
    this.#settling.set(slot, { change, cancel });
  }

  #refuse(entry: Entry, error: ParleyError): void {
    const isLatest = this.#book.isLatest(entry);
    this.#book.drop(entry);
    for (const waiting of entry.waiting) waiting.reject(error);
    if (isLatest) this.#parts.refused(entry.change, error);
    this.#parts.changed();
  }
}

/** Nothing speaks against the change itself. What the server cannot do for a reason of its own it is not asked again. */
const isForLater = ({ code, retry }: ParleyError): boolean =>
  code === 'ABORTED' || retry === 'sign-in' || (retry === 'later' && code !== 'INTERNAL');
