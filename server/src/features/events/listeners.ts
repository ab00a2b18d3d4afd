// Owns who hears of what, on this node: each listener's audiences as they are at every place of the log, and what each has not fetched
// yet, bounded. Whoever is too slow is behind: nothing is kept for them, they read the log (catch-up.ts).
import type { ParleyEvent } from '@parley/shared';
import type { EventRow } from './event.model.js';
import { type Audience, EVERYBODY, userAudience } from './publish.js';

/** Since when somebody is in an audience; what happened before is not told to them. */
export type Places = ReadonlyMap<Audience, Date>;

export type OnLeft = (event: ParleyEvent) => void;

/** Events that wait for one listener. */
const MAX_PENDING = 500;

export class Listener {
  readonly userId: string;
  readonly audiences = new Map<Audience, Date>();
  /** What it came into or left while its places are read. */
  readonly movedMeanwhile = new Set<Audience>();
  pending: EventRow[] = [];
  isBehind = true;
  wake = (): void => undefined;
  /** Told at once of what it has to leave an audience for, however far behind it is. */
  readonly onLeft: OnLeft;

  constructor(userId: string, onLeft: OnLeft = () => undefined) {
    this.userId = userId;
    this.onLeft = onLeft;
  }

  /** Whether it may hear of an event now. */
  hears({ audiences, at }: Pick<EventRow, 'audiences' | 'at'>): boolean {
    return audiences.some((audience) => {
      const since = this.audiences.get(audience);
      return since !== undefined && since <= at;
    });
  }

  push(row: EventRow): void {
    if (!this.isBehind) {
      this.pending.push(row);
      if (this.pending.length > MAX_PENDING) this.fallBehind();
    }
    this.wake();
  }

  /** What has come and may still be heard. */
  take(): EventRow[] {
    const rows = this.pending.filter((row) => this.hears(row));
    this.pending = [];
    return rows;
  }

  fallBehind(): void {
    this.isBehind = true;
    this.pending = [];
  }
}

/** Nodes' clocks may differ so much: rather something from just before somebody came is told than something from just after is not. */
const CLOCKS_APART_MS = 10_000;
/** From the beginning. */
const ALWAYS = new Date(0);

export class Listeners {
  readonly #byAudience = new Map<Audience, Set<Listener>>();

  /** Somebody begins to listen, behind, to what is theirs and everybody's. */
  enter(userId: string, onLeft?: OnLeft): Listener {
    const listener = new Listener(userId, onLeft);
    this.#join(listener, userAudience(userId), ALWAYS);
    this.#join(listener, EVERYBODY, ALWAYS);
    return listener;
  }

  /** Takes up where a listener is. What is read may be older than what is told of meanwhile: that counts. */
  async place(listener: Listener, read: () => Promise<Places>): Promise<void> {
    listener.movedMeanwhile.clear();
    const places = await read();
    for (const audience of [...listener.audiences.keys()]) {
      if (audience === EVERYBODY || audience === userAudience(listener.userId)) continue;
      if (!places.has(audience) && !listener.movedMeanwhile.has(audience)) this.#part(listener, audience);
    }
    for (const [audience, since] of places) {
      if (!listener.audiences.has(audience) && !listener.movedMeanwhile.has(audience))
        this.#join(listener, audience, new Date(since.getTime() - CLOCKS_APART_MS));
    }
  }

  leave(listener: Listener): void {
    for (const audience of [...listener.audiences.keys()]) this.#part(listener, audience);
  }

  deliver(rows: readonly EventRow[]): void {
    for (const row of rows) this.#deliver(row);
  }

  #deliver(row: EventRow): void {
    const { joins, leaves } = row;
    if (joins !== undefined && joins !== null) {
      for (const listener of this.#of(userAudience(joins.userId))) {
        listener.movedMeanwhile.add(joins.audience);
        if (!listener.audiences.has(joins.audience)) this.#join(listener, joins.audience, row.at);
      }
    }
    for (const listener of this.#hearing(row.audiences)) listener.push(row);
    if (leaves === undefined || leaves === null) return;
    const going = leaves.userId === null ? leaves.audience : userAudience(leaves.userId);
    for (const listener of [...this.#of(going)]) {
      listener.movedMeanwhile.add(leaves.audience);
      this.#part(listener, leaves.audience);
      listener.onLeft(row.event);
    }
  }

  /** Each once. */
  #hearing([first, ...others]: readonly Audience[]): Iterable<Listener> {
    if (first === undefined) return [];
    if (others.length === 0) return this.#of(first);
    return new Set([first, ...others].flatMap((audience) => [...this.#of(audience)]));
  }

  #of(audience: Audience): ReadonlySet<Listener> {
    return this.#byAudience.get(audience) ?? new Set();
  }

  #join(listener: Listener, audience: Audience, since: Date): void {
    listener.audiences.set(audience, since);
    this.#byAudience.set(audience, (this.#byAudience.get(audience) ?? new Set()).add(listener));
  }

  #part(listener: Listener, audience: Audience): void {
    listener.audiences.delete(audience);
    const those = this.#byAudience.get(audience);
    those?.delete(listener);
    if (those?.size === 0) this.#byAudience.delete(audience);
  }
}
