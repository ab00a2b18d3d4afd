// Owns the order of events: one log for all nodes of a store, its positions without gaps. A position is written only by whoever knows
// of all before it (a second writer of the same meets the unique key), so a reader who stands at one has missed none.
// Does not own who hears of what (listeners.ts).
import { AppError, newId } from '@parley/shared';
import { inTime } from '../../platform/in-time.js';
import type { Logger } from '../../platform/logger.js';
import { repeat } from '../../platform/repeat.js';
import { isDuplicateKey, uncast } from '../../platform/rows.js';
import type { EventModel, EventRow } from './event.model.js';
import { expireEvents } from './expire.js';
import { EVERYBODY, type NewEvent } from './publish.js';

export interface EventLogOptions {
  readonly events: EventModel;
  readonly log: Logger;
  readonly node: { readonly hasOthers: boolean };
  /** For so long it can be told again what has happened, ms. */
  readonly keptMs: number;
  /** Told of every event, once, in order, whichever node wrote it. */
  onRows(rows: readonly EventRow[]): void;
}

interface Queued {
  readonly row: Omit<EventRow, '_id'>;
  readonly written: () => void;
}

/** Events in one write. */
const MAX_TOGETHER = 200;
/** Events that wait while the store does not answer; past it all of them are given up, and everybody is told of a gap. */
const MAX_QUEUED = 10_000;
const RETRY_MS = 1_000;
/** How long whoever publishes waits. */
const PATIENCE_MS = 10_000;
/** Newest events in memory, for those who were away for a moment. */
const MAX_RECENT = 2_000;
/** How soon events of other nodes are told here. */
const FOLLOW_EVERY_MS = 200;
const EXPIRE_EVERY_MS = 600_000;
const PAGE = 1_000;

export class EventLog {
  readonly #options: EventLogOptions;
  #tail = 0;
  #recent: EventRow[] = [];
  #queue: Queued[] = [];
  #writing: Promise<void> | null = null;
  #hasLost = false;
  #isClosed = false;
  #wakeUp = (): void => undefined;
  #stops: (() => Promise<void>)[] = [];

  constructor(options: EventLogOptions) {
    this.#options = options;
  }

  /** The newest position that was told of here; 0 while nothing has ever happened. */
  get tail(): number {
    return this.#tail;
  }

  /** Takes up where the log ends. */
  async start(): Promise<void> {
    const { events, log, node, keptMs } = this.#options;
    const newest = await events.find().sort({ _id: -1 }).limit(MAX_RECENT).lean<EventRow[]>();
    this.#recent = newest.reverse();
    this.#tail = this.#recent.at(-1)?._id ?? 0;
    const follow = async (): Promise<void> => {
      if (node.hasOthers) await this.#catchUp();
    };
    const everyMs = Math.min(EXPIRE_EVERY_MS, keptMs);
    this.#stops = [
      repeat({ name: 'events of other nodes', everyMs: FOLLOW_EVERY_MS, log }, follow),
      repeat({ name: 'forgetting old events', everyMs, log }, () => expireEvents(events, keptMs)),
    ];
  }

  /** Resolves once the events stand in the log. Rejects with UNAVAILABLE when that takes too long; it is still tried then. */
  async append(added: readonly NewEvent[]): Promise<void> {
    if (added.length === 0) return;
    if (this.#isClosed) throw new AppError('SHUTTING_DOWN');
    if (this.#queue.length + added.length > MAX_QUEUED) this.#giveUp();
    const at = new Date();
    const written = added.map(
      (each) =>
        new Promise<void>((resolve) => {
          this.#queue.push({ row: { at, mark: newId(), ...each }, written: resolve });
        }),
    );
    this.#write();
    await inTime(Promise.all(written), PATIENCE_MS);
  }

  /** Something has happened that will never be told: everybody is told of a gap, as soon as that can be written. */
  lost(): void {
    if (this.#isClosed) return;
    // One that waits already is told after whatever was lost until now. Never before others: those may stand in the log by now.
    if (this.#queue.at(-1)?.row.event.type !== 'stream.gap') this.#queue.push(gap());
    this.#write();
  }

  /** Those of the newest events that come after a position; null where they go back further than memory does. */
  recentAfter(position: number): readonly EventRow[] | null {
    const [oldest] = this.#recent;
    if (position >= this.#tail) return [];
    if (oldest === undefined || position < oldest._id - 1) return null;
    return this.#recent.slice(position + 1 - oldest._id);
  }

  /** What is queued is written, for a moment; nothing is after. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#stops.map((stop) => stop()));
    this.#wakeUp();
    if (this.#writing !== null) await inTime(this.#writing, PATIENCE_MS);
  }

  #giveUp(): void {
    this.#options.log.error({ events: this.#queue.length }, 'events could not be written and are given up');
    this.#hasLost = true;
    for (const { written } of this.#queue.splice(0)) written();
  }

  #write(): void {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
      if (this.#queue.length > 0 && !this.#isClosed) this.#write();
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      if (this.#hasLost) this.#queue.unshift(gap());
      this.#hasLost = false;
      try {
        await inTime(this.#writeSome(this.#queue.slice(0, MAX_TOGETHER)));
      } catch (error) {
        this.#options.log.warn({ err: error }, 'events could not be written and are tried again');
        if (this.#isClosed) return;
        await this.#pause();
      }
    }
  }

  /** Writes the first of the queue. What was there already, by us or by another node, is read and told first. */
  async #writeSome(some: readonly Queued[]): Promise<void> {
    const first = this.#tail + 1;
    const rows = some.map(({ row }, index): EventRow => ({ _id: first + index, ...row }));
    try {
      await uncast(this.#options.events).insertMany(rows, { ordered: true, ignoreUndefined: true });
      this.#tell(rows);
    } catch (error) {
      await this.#catchUp();
      if (!isDuplicateKey(error)) throw error;
      // Nobody else has its position: it was told before, under its key.
      if (this.#tail === first - 1) this.#dequeue();
    }
  }

  #dequeue(): void {
    this.#queue.shift()?.written();
  }

  /** Reads what was written by others, or by us without our knowing. */
  async #catchUp(): Promise<void> {
    for (;;) {
      const rows = await this.#options.events
        .find({ _id: { $gt: this.#tail } })
        .sort({ _id: 1 })
        .limit(PAGE)
        .lean<EventRow[]>();
      this.#tell(rows);
      if (rows.length < PAGE) return;
    }
  }

  #tell(rows: readonly EventRow[]): void {
    const fresh = rows.filter(({ _id }) => _id > this.#tail);
    const last = fresh.at(-1);
    if (last === undefined) return;
    this.#tail = last._id;
    // Ours stand in the log in the order of the queue.
    for (const { mark } of fresh) if (mark === this.#queue[0]?.row.mark) this.#dequeue();
    this.#recent.push(...fresh);
    if (this.#recent.length > MAX_RECENT * 2) this.#recent = this.#recent.slice(-MAX_RECENT);
    this.#options.onRows(fresh);
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const gap = (): Queued => ({
  row: { at: new Date(), mark: newId(), event: { type: 'stream.gap' }, audiences: [EVERYBODY] },
  written: () => undefined,
});
