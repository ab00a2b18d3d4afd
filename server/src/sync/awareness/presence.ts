// Owns who is here in one document and what they show: stamped with the verified name, sent once a turn, never stored.
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
}

const GONE = 'null';
/** A stock client repeats everybody's state in one update; no more than these are looked at. */
const MAX_ENTRIES_READ = 2_000;
/** Client ids whose user is kept in mind. */
const MAX_REMEMBERED = 50_000;

/** Presence of one live document. `broadcast` gets one frame for all changes since the last. */
export class Presence {
  readonly #shown = new Map<number, Shown>();
  /** Who showed presence under a client id, and its last clock; kept after they have gone: stock clients repeat what they heard. */
  readonly #past = new Map<number, { readonly userId: string; readonly clock: number }>();
  readonly #changed = new Map<number, AwarenessEntry>();
  readonly #broadcast: (frame: Uint8Array) => void;
  #scheduled = false;

  constructor(broadcast: (frame: Uint8Array) => void) {
    this.#broadcast = broadcast;
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
      if (before?.by !== sender && !this.#mayTakeUp(entry, before, sender)) continue;
      const state = stamped(entry.state, sender.actor);
      if (state === null) continue;
      const clock = nextClock({ ...entry, state }, before, sender);
      if (clock !== null) this.#show({ client: entry.client, clock, state }, sender);
    }
  }

  /** Everybody's state for one who joins, or null when nobody shows any. */
  everybody(): Uint8Array | null {
    if (this.#shown.size === 0) return null;
    return encodeAwareness(encodeAwarenessEntries([...this.#shown.values()].map(({ entry }) => entry)));
  }

  /** Everybody's state, and that whoever else showed one is gone: for one who has missed changes. */
  afresh(): Uint8Array {
    const entries = [...this.#shown.values()].map(({ entry }) => entry);
    for (const [client, { clock }] of this.#past)
      if (!this.#shown.has(client)) entries.push({ client, clock, state: GONE });
    return encodeAwareness(encodeAwarenessEntries(entries));
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
    this.#shown.set(entry.client, { entry, by });
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
    this.#note({ client, clock: shown.entry.clock, state: GONE });
  }

  #note(entry: AwarenessEntry): void {
    this.#changed.set(entry.client, entry);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const entries = [...this.#changed.values()];
    this.#changed.clear();
    this.#broadcast(encodeAwareness(encodeAwarenessEntries(entries)));
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
