// Owns who is here in one document and what they show: stamped with the verified name, sent together, never stored.
// Does not own sockets; `Sender` is all it sees of them.
import {
  type AwarenessEntry,
  decodeAwareness,
  encodeAwareness,
  encodeAwarenessEntries,
  limits,
} from '@parley/shared';
import type { Access, Actor } from '../ports.js';

/** The part of a connection that presence needs. */
export interface Sender {
  readonly actor: Actor;
  readonly access: Access;
}

interface Shown {
  readonly entry: AwarenessEntry;
  readonly by: Sender;
  /** When its connection last said so, news or not; by the clock of this presence. */
  heardAt: number;
}

/** Who showed presence and does not any more. */
interface Gone {
  readonly clock: number;
  readonly at: number;
}

const GONE = 'null';
/** A stock client repeats everybody's state in one update; no more than these are looked at. */
const MAX_ENTRIES_READ = 2_000;
/** One who has missed changes is told of so many who have gone, and no older ones: by then it has dropped them by itself. */
const MAX_GONE = 2_000;
const GONE_MS = 2 * limits.presenceMs.value;
/**
 * Every frame goes to everybody. A few hear of each change at once; the more there are, the longer changes are gathered into one.
 * What all of them send all of them grows with the square: past a pace of bytes, people see each other move less often instead.
 */
const FEW = 32;
const GATHER_MS_A_LISTENER = 0.15;
const CALM_GATHER_MS = 200;
const BYTES_A_MS = 500_000;
const MAX_GATHER_MS = 1_000;
/** Client ids whose user is kept in mind. */
const MAX_REMEMBERED = 50_000;

/** Presence of one live document. `broadcast` gets one frame for all changes since the last, and tells how many it went to. */
export class Presence {
  readonly #shown = new Map<number, Shown>();
  /** Who showed presence under a client id, and its last clock; kept after they have gone: stock clients repeat what they heard. */
  readonly #past = new Map<number, { readonly userId: string; readonly clock: number }>();
  /** Those who have gone lately, the newest last. */
  readonly #gone = new Map<number, Gone>();
  readonly #changed = new Map<number, AwarenessEntry>();
  readonly #broadcast: (frame: Uint8Array) => number;
  readonly #now: () => number;
  #scheduled = false;
  /** How many heard the last changes, and the bytes that took for all of them. */
  #last = { listeners: 0, bytes: 0 };
  /** Everybody's state in one frame; where changes are gathered, as it was at one moment since the last went out. */
  #everybody: Uint8Array | null = null;

  /** `now`: a clock that never goes back, ms. */
  constructor(broadcast: (frame: Uint8Array) => number, now: () => number = () => performance.now()) {
    this.#broadcast = broadcast;
    this.#now = now;
  }

  /** The user who shows or has shown presence under this client id. Keeps others from writing under it first. */
  userOf(client: number): string | undefined {
    return this.#past.get(client)?.userId;
  }

  /**
   * Takes in an awareness update. States of other people's client ids are passed over without a word: stock clients
   * repeat what they heard. `mayUse` says whether a client id can be the sender's. Throws BadBytes.
   */
  update(sender: Sender, bytes: Uint8Array, mayUse: (client: number) => boolean): void {
    for (const entry of decodeAwareness(bytes, MAX_ENTRIES_READ)) {
      if (sender.access === 'read' || !mayUse(entry.client)) continue;
      if ((this.userOf(entry.client) ?? sender.actor.userId) !== sender.actor.userId) continue;
      const before = this.#shown.get(entry.client);
      if (entry.state === GONE) {
        if (before?.by === sender) this.#remove(entry.client);
        continue;
      }
      if (before?.by === sender) before.heardAt = this.#now();
      else if (!this.#mayTakeUp(entry, before, sender)) continue;
      const state = stamped(entry.state, sender.actor);
      if (state === null) continue;
      const clock = nextClock({ ...entry, state }, before, sender);
      if (clock !== null) this.#show({ client: entry.client, clock, state }, sender);
    }
  }

  /**
   * Everybody's state for one who joins, or null when nobody shows any. Where changes are gathered, those of just now may be
   * missing: they go to everybody, the joiner too.
   */
  everybody(): Uint8Array | null {
    if (this.#shown.size === 0) return null;
    const entries = (): AwarenessEntry[] => [...this.#shown.values()].map(({ entry }) => entry);
    this.#everybody ??= encodeAwareness(encodeAwarenessEntries(entries()));
    return this.#everybody;
  }

  /** Everybody's state, and who has gone lately: for one who has missed changes. */
  afresh(): Uint8Array {
    const entries = [...this.#shown.values()].map(({ entry }) => entry);
    const since = this.#now() - GONE_MS;
    for (const [client, { clock, at }] of this.#gone)
      if (at >= since) entries.push({ client, clock, state: GONE });
    return encodeAwareness(encodeAwarenessEntries(entries));
  }

  /**
   * Takes away what its connection has not said again for so long that stock clients have dropped it too. One that is still there
   * hears that it is gone and says at once that it is not.
   */
  expire(): void {
    const since = this.#now() - limits.presenceMs.value;
    for (const [client, { heardAt }] of this.#shown) if (heardAt <= since) this.#remove(client);
  }

  /** Takes away all that this connection showed. */
  leave(sender: Sender): void {
    for (const [client, shown] of this.#shown) {
      if (shown.by === sender) this.#remove(client);
    }
  }

  /**
   * Whether a connection may begin to show under the client id. Another tab of the same person repeats what it heard, with a
   * clock that is known; a client that comes back does so on a connection that shows nothing yet.
   */
  #mayTakeUp(entry: AwarenessEntry, before: Shown | undefined, sender: Sender): boolean {
    if (before !== undefined) return entry.clock > before.entry.clock;
    const shows = this.#countOf(sender);
    if (shows >= limits.awarenessClientsPerConnection.value) return false;
    return shows === 0 || entry.clock > (this.#past.get(entry.client)?.clock ?? -1);
  }

  #countOf(sender: Sender): number {
    let count = 0;
    for (const shown of this.#shown.values()) if (shown.by === sender) count += 1;
    return count;
  }

  #show(entry: AwarenessEntry, by: Sender): void {
    this.#shown.set(entry.client, { entry, by, heardAt: this.#now() });
    this.#gone.delete(entry.client);
    this.#remember(entry, by.actor.userId);
    this.#note(entry);
  }

  #remember({ client, clock }: AwarenessEntry, userId: string): void {
    this.#past.set(client, { userId, clock });
    if (this.#past.size <= MAX_REMEMBERED) return;
    const oldest = this.#past.keys().next().value;
    if (oldest !== undefined) this.#past.delete(oldest);
  }

  #remove(client: number): void {
    const shown = this.#shown.get(client);
    if (shown === undefined) return;
    this.#shown.delete(client);
    this.#forgetGone();
    this.#gone.set(client, { clock: shown.entry.clock, at: this.#now() });
    this.#note({ client, clock: shown.entry.clock, state: GONE });
  }

  /** Makes room for one more. */
  #forgetGone(): void {
    const since = this.#now() - GONE_MS;
    for (const [client, { at }] of this.#gone) {
      if (at >= since && this.#gone.size < MAX_GONE) return;
      this.#gone.delete(client);
    }
  }

  #note(entry: AwarenessEntry): void {
    this.#changed.set(entry.client, entry);
    const { listeners, bytes } = this.#last;
    const areFew = listeners <= FEW;
    if (areFew) this.#everybody = null;
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (areFew) {
      setImmediate(() => this.#flush());
      return;
    }
    const calmMs = Math.min(listeners * GATHER_MS_A_LISTENER, CALM_GATHER_MS);
    const gatherMs = Math.min(Math.max(calmMs, bytes / BYTES_A_MS), MAX_GATHER_MS);
    setTimeout(() => this.#flush(), gatherMs).unref();
  }

  #flush(): void {
    this.#scheduled = false;
    this.#everybody = null;
    const entries = [...this.#changed.values()];
    this.#changed.clear();
    const frame = encodeAwareness(encodeAwarenessEntries(entries));
    const listeners = this.#broadcast(frame);
    this.#last = { listeners, bytes: listeners * frame.length };
  }
}

/**
 * The clock under which a state goes out, or null when it says nothing new. The server numbers states itself: after a
 * reconnect a client begins with the clock that others have seen its absence under, and they would not look at it. So the first
 * state of a connection is numbered one higher; the client hears that as an echo and goes on from there.
 */
const nextClock = (entry: AwarenessEntry, before: Shown | undefined, sender: Sender): number | null => {
  const known = before?.entry.clock ?? 0;
  if (before?.by !== sender) return Math.max(entry.clock, known) + 1;
  if (entry.clock > known) return entry.clock;
  return entry.state === before.entry.state ? null : known + 1;
};

/** The state with `user.id` and `user.name` as the server knows them, or null when it is no object or too large. */
const stamped = (text: string, actor: Actor): string | null => {
  if (Buffer.byteLength(text) > limits.awarenessStateBytes.value) return null;
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return null;
  if (depthOf(state, limits.valueDepth.value) > limits.valueDepth.value) return null;
  const claimed = 'user' in state && typeof state.user === 'object' ? state.user : {};
  return JSON.stringify({ ...state, user: { ...claimed, id: actor.userId, name: actor.name } });
};

/** How deep a value goes, looked into no further than the limit: deeper ones can be read, but not written again. */
const depthOf = (value: unknown, limit: number): number => {
  if (typeof value !== 'object' || value === null) return 0;
  if (limit === 0) return 1;
  return 1 + Math.max(0, ...Object.values(value).map((inner) => depthOf(inner, limit - 1)));
};
