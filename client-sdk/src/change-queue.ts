// Owns the changes of stored messages on their way to the server, in memory and in the storage: when each is carried out, tried
// again or given up. Does not own how they are carried out, nor what people see.
import type { Deferred, Message } from '@parley/shared';
import { endsAccess, ParleyError, toParleyError } from './api/errors.js';
import { changeFromStored, type MessageChange, type ShownChange, slotOf } from './message-change.js';
import type { Storage } from './storage.js';
import { StoredMap } from './stored-map.js';
import { backoffMs } from './sync/backoff.js';
import { quietDeferred } from './sync/deferred.js';
import type { Timing } from './timing.js';

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

interface Entry {
  readonly change: MessageChange;
  /** Who waits for it, or for one whose place it took. */
  readonly waiting: Deferred<void>[];
  /** A restart, or another client on the storage, would find it. */
  isKept: boolean;
  /** May have been carried out already, by a call whose answer was lost. */
  isDoubtful: boolean;
}

/** The procedure answers on one line, the document on another: for so long a stored change is shown whatever the document says. */
const SETTLE_MS = 1_000;

export class ChangeQueue {
  readonly #parts: ChangeQueueParts;
  readonly #stored: StoredMap<MessageChange>;
  /** By slot, in the order they are tried. */
  readonly #entries = new Map<string, Entry>();
  readonly #settling = new Map<string, { readonly change: MessageChange; readonly cancel: () => void }>();
  #running: Entry | null = null;
  #failures = 0;
  /** Calls the next try off; null while none is set. */
  #cancelRetry: (() => void) | null = null;
  #isClosed = false;

  constructor(parts: ChangeQueueParts) {
    this.#parts = parts;
    this.#stored = new StoredMap({
      storage: parts.storage,
      name: parts.storageName,
      keyOf: slotOf,
      toStored: (change) => change,
      fromStored: changeFromStored,
    });
  }

  /** What people see beyond what the server has told. */
  get shown(): ShownChange[] {
    const settled = [...this.#settling.values()].map(({ change }) => ({ change, isStored: true }));
    const waiting = [...this.#entries.values()].map(({ change }) => ({ change, isStored: false }));
    return [...settled, ...waiting];
  }

  /** Takes up what an earlier run left, beside what was said since. */
  async load(): Promise<void> {
    const earlier = (await this.#stored.read()) ?? new Map<string, MessageChange>();
    for (const [slot, change] of earlier) {
      if (this.#entries.has(slot)) continue;
      if (this.#isDeleting(change.input.id)) void this.#stored.remove(slot);
      else this.#entries.set(slot, { change, waiting: [], isKept: true, isDoubtful: true });
    }
    this.#parts.changed();
    this.wake();
  }

  /** Resolves once it, or what took its place, is in history; rejects when refused, or closed before. */
  add(change: MessageChange): Promise<void> {
    const stored = quietDeferred<void>();
    if (change.act !== 'delete' && this.#isDeleting(change.input.id)) {
      stored.reject(new ParleyError('NOT_FOUND'));
      return stored.promise;
    }
    const replaced = this.#replacedBy(change).flatMap((slot) => this.#take(slot));
    const entry: Entry = {
      change,
      waiting: [...replaced.flatMap((each) => (each === this.#running ? [] : each.waiting)), stored],
      isKept: false,
      isDoubtful: replaced.some(({ isDoubtful }) => isDoubtful),
    };
    this.#entries.set(slotOf(change), entry);
    void this.#stored.put(change).then((isKept) => {
      entry.isKept = isKept;
    });
    this.#parts.changed();
    this.wake();
    return stored.promise;
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
    for (const entry of [...this.#entries.values()]) {
      if (error !== null && endsAccess(error)) this.#refuse(entry, error);
      else for (const waiting of entry.waiting) waiting.reject(error ?? new ParleyError('CLOSED'));
    }
  }

  #isDeleting(messageId: string): boolean {
    return this.#entries.get(messageId)?.change.act === 'delete';
  }

  /** A deleted message has neither another text nor reactions. */
  #replacedBy(change: MessageChange): string[] {
    if (change.act !== 'delete') return this.#entries.has(slotOf(change)) ? [slotOf(change)] : [];
    return [...this.#entries].flatMap(([slot, each]) =>
      each.change.input.id === change.input.id ? [slot] : [],
    );
  }

  #take(slot: string): Entry[] {
    const entry = this.#entries.get(slot);
    this.#entries.delete(slot);
    void this.#stored.remove(slot);
    return entry === undefined ? [] : [entry];
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
    return [...this.#entries.values()].find(({ change }) => !this.#parts.isUnsent(change.input.id));
  }

  /** Whether it is worth going on with the next. */
  async #carryOut(entry: Entry): Promise<boolean> {
    if (await this.#isOvertaken(entry)) {
      if (!this.#handOver(entry)) this.#finish(entry);
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

  /** Another client on the storage has carried it out, or put a later one in its place; ours would undo that. */
  async #isOvertaken({ change, isKept }: Entry): Promise<boolean> {
    const stored = isKept ? await this.#stored.read() : null;
    return stored !== null && stored.get(slotOf(change))?.at !== change.at;
  }

  #failed(entry: Entry, error: ParleyError): boolean {
    if (this.#isClosed) return false;
    const { change, isDoubtful } = entry;
    const slot = slotOf(change);
    if (isForLater(error)) {
      entry.isDoubtful = true;
      // Behind the others, so that one that fails again and again holds up nobody.
      if (!this.#handOver(entry) && this.#entries.delete(slot)) this.#entries.set(slot, entry);
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

  /** Those who wait for one whose place was taken while it was tried wait for its heir; whether there is one. */
  #handOver(entry: Entry): boolean {
    const { input } = entry.change;
    const heir = this.#entries.get(slotOf(entry.change)) ?? this.#entries.get(input.id);
    if (heir === undefined || heir === entry) return false;
    heir.waiting.push(...entry.waiting);
    heir.isDoubtful ||= entry.isDoubtful;
    return true;
  }

  #finish(entry: Entry): void {
    const { change } = entry;
    if (this.#drop(entry) && !this.#isClosed) this.#settle(change);
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
    const wasLatest = this.#drop(entry);
    for (const waiting of entry.waiting) waiting.reject(error);
    if (wasLatest) this.#parts.refused(entry.change, error);
    this.#parts.changed();
  }

  /** Whether it was the latest of its slot. */
  #drop(entry: Entry): boolean {
    const slot = slotOf(entry.change);
    if (this.#entries.get(slot) !== entry) return false;
    this.#entries.delete(slot);
    void this.#stored.remove(slot);
    return true;
  }
}

/** Nothing speaks against the change itself. What the server cannot do for a reason of its own it is not asked again. */
const isForLater = ({ code, retry }: ParleyError): boolean =>
  code === 'ABORTED' || retry === 'sign-in' || (retry === 'later' && code !== 'INTERNAL');
