// Owns who else is here and what one shows oneself, by y-protocols' awareness. Does not own the socket.
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness';
import type * as Y from 'yjs';

/** What somebody shows: JSON, at most 16 KiB of it. The server writes `user` itself. */
export type PresenceState = Readonly<Record<string, unknown>>;

/** One client of somebody: a person with two tabs is here twice. `user` is verified by the server. */
export interface Present {
  readonly clientId: number;
  readonly user: { readonly id: string; readonly name: string };
  readonly state: PresenceState;
}

export interface PresenceParts {
  readonly send: (bytes: Uint8Array) => void;
  readonly changed: () => void;
}

interface AwarenessChange {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

export class Presence {
  readonly #parts: PresenceParts;
  #awareness: Awareness;
  #own: PresenceState | null = {};
  #others: readonly Present[] | null = null;

  constructor(doc: Y.Doc, parts: PresenceParts) {
    this.#parts = parts;
    this.#awareness = this.#attach(doc);
  }

  /** The same array until something changes. Empty while there is no connection. */
  get others(): readonly Present[] {
    this.#others ??= othersOf(this.#awareness);
    return this.#others;
  }

  /** Shows this to everybody here; null hides. Kept over reconnects; until first called, one shows an empty state. */
  set(state: PresenceState | null): void {
    this.#own = state;
    this.#awareness.setLocalState(state === null ? null : { ...state });
  }

  /** A new connection knows nobody's state, and nobody knows ours: our clock moves on, or it would be taken for old news. */
  connected(): void {
    this.#awareness.setLocalState(this.#own === null ? null : { ...this.#own });
  }

  receive(bytes: Uint8Array): void {
    try {
      applyAwarenessUpdate(this.#awareness, bytes, this);
    } catch {
      // Presence is for the moment: what cannot be read is made up for by the next update.
    }
  }

  /** Forgets everybody: without a connection nobody can be told to be here. */
  disconnected(): void {
    const others = [...this.#awareness.getStates().keys()].filter((id) => id !== this.#awareness.clientID);
    removeAwarenessStates(this.#awareness, others, this);
    // Their clocks go too, or the same states would be taken for old news on the next connection.
    for (const id of this.#awareness.meta.keys()) {
      if (id !== this.#awareness.clientID) this.#awareness.meta.delete(id);
    }
  }

  /** Goes on under a fresh copy's client id. */
  replace(doc: Y.Doc): void {
    const before = this.#awareness;
    this.#awareness = this.#attach(doc);
    before.destroy();
    this.#change();
  }

  /** Says good-bye, and leaves no timer behind. */
  destroy(): void {
    this.#awareness.destroy();
    this.#change();
  }

  #attach(doc: Y.Doc): Awareness {
    const awareness = new Awareness(doc);
    awareness.setLocalState(this.#own === null ? null : { ...this.#own });
    awareness.on('update', (change: AwarenessChange) => {
      const touched = [...change.added, ...change.updated, ...change.removed];
      if (touched.includes(awareness.clientID)) {
        this.#parts.send(encodeAwarenessUpdate(awareness, [awareness.clientID]));
      }
    });
    awareness.on('change', () => {
      if (awareness === this.#awareness) this.#change();
    });
    return awareness;
  }

  #change(): void {
    this.#others = null;
    this.#parts.changed();
  }
}

const othersOf = (awareness: Awareness): Present[] => {
  const others: Present[] = [];
  for (const [clientId, shown] of awareness.getStates()) {
    const user: unknown = shown.user;
    if (clientId === awareness.clientID || !isUser(user)) continue;
    const { user: _, ...state } = shown;
    others.push({ clientId, user: { id: user.id, name: user.name }, state });
  }
  return others;
};

const isUser = (value: unknown): value is { id: string; name: string } =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'name' in value &&
  typeof value.name === 'string';
