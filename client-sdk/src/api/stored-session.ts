import { type SignedIn, signedInSchema, type Tokens } from '@parley/shared';
import superjson from 'superjson';
import type { Storage } from '../storage/storage.js';
import type { Timing } from '../timing.js';

/** A session as it is kept. `refreshAt`: by this device's clock, ms; null where the clocks disagree too much to tell. */
export interface StoredSession {
  readonly signedIn: SignedIn;
  readonly refreshAt: number | null;
}

/** How long before its end a token is no longer used, ms; half its life where that is shorter. */
const MARGIN_MS = 60_000;

/** What is kept of a session whose tokens have just arrived. */
export const sessionOf = (signedIn: SignedIn, timing: Pick<Timing, 'now'>): StoredSession => ({
  signedIn,
  refreshAt: refreshTime(signedIn.tokens, timing.now()),
});

const refreshTime = (tokens: Tokens, now: number): number | null => {
  const lifeMs = tokens.accessExpiresAt.getTime() - now;
  return lifeMs <= 0 ? null : now + lifeMs - Math.min(MARGIN_MS, lifeMs / 2);
};

/** Reads and writes the session of one server in a storage. A storage that fails costs a restart its session, nothing else. */
export class SessionStore {
  readonly storage: Storage;
  readonly key: string;
  /** Whether what is stored can be believed: our last write went through. */
  #written = false;

  constructor(storage: Storage, key: string) {
    this.storage = storage;
    this.key = key;
  }

  /** The stored session; null when there is none; undefined when the storage cannot tell. */
  async read(): Promise<StoredSession | null | undefined> {
    try {
      const text = await this.storage.get(this.key);
      if (text !== null && text !== undefined) return parse(text);
      return this.#written ? null : undefined;
    } catch {
      return undefined; // The session in memory stands.
    }
  }

  async write(session: StoredSession | null): Promise<void> {
    try {
      if (session === null) await this.storage.remove(this.key);
      else await this.storage.set(this.key, superjson.stringify({ v: 1, ...session }));
      this.#written = true;
    } catch {
      this.#written = false; // The session in memory goes on; only a restart would miss it.
    }
  }
}

const parse = (text: string): StoredSession | null => {
  let value: unknown;
  try {
    value = superjson.parse(text);
  } catch {
    return null; // Not ours, or cut short: as good as none.
  }
  if (typeof value !== 'object' || value === null || !('signedIn' in value) || !('refreshAt' in value))
    return null;
  const signedIn = signedInSchema.safeParse(value.signedIn);
  const { refreshAt } = value;
  if (!signedIn.success || (refreshAt !== null && typeof refreshAt !== 'number')) return null;
  return { signedIn: signedIn.data, refreshAt };
};
