import { withStorageLock } from './lock.js';
import type { Storage } from './storage.js';

export interface StoredMapParts<T> {
  readonly storage: Storage;
  /** Where in the storage it stands. */
  readonly name: string;
  readonly keyOf: (value: T) => string;
  /** What of it is kept, as JSON. */
  readonly toStored: (value: T) => object;
  /** Null, where it cannot be read. */
  readonly fromStored: (stored: unknown) => T | null;
}

/**
 * Values by key, kept in a storage. Every write reads what is stored first, so that another client on the same storage keeps what
 * it put there. A storage that fails costs nothing but what a restart would have found.
 */
export class StoredMap<T> {
  readonly #parts: StoredMapParts<T>;
  #changes: ((stored: Map<string, T>) => void)[] = [];
  #writing: Promise<boolean> = Promise.resolve(true);

  constructor(parts: StoredMapParts<T>) {
    this.#parts = parts;
  }

  /** In the order they were first put. Null where the storage cannot be read. */
  async read(): Promise<Map<string, T> | null> {
    const { storage, name, keyOf, fromStored } = this.#parts;
    try {
      const stored: unknown = JSON.parse((await storage.get(name)) ?? '[]');
      const values = Array.isArray(stored) ? stored.map(fromStored) : [];
      return new Map(values.flatMap((value) => (value === null ? [] : [[keyOf(value), value] as const])));
    } catch {
      return null;
    }
  }

  /** Resolves with whether a restart would find it. */
  put(value: T): Promise<boolean> {
    return this.#change((stored) => stored.set(this.#parts.keyOf(value), value));
  }

  /** Removes it where `isIt` says so of what is stored. Resolves with whether a restart would find it so. */
  remove(key: string, isIt: (stored: T) => boolean = () => true): Promise<boolean> {
    return this.#change((stored) => {
      const value = stored.get(key);
      if (value !== undefined && isIt(value)) stored.delete(key);
    });
  }

  #change(change: (stored: Map<string, T>) => void): Promise<boolean> {
    this.#changes.push(change);
    const { storage, name } = this.#parts;
    this.#writing = this.#writing
      .then(() => withStorageLock(storage, name, () => this.#write()))
      // The storage, or the lock, fails: what is in memory is carried out all the same.
      .catch(() => false);
    return this.#writing;
  }

  /** Carries out all changes so far at once; those of later calls find nothing left to do. */
  async #write(): Promise<boolean> {
    const changes = this.#changes.splice(0);
    if (changes.length === 0) return true;
    const { storage, name, toStored } = this.#parts;
    const stored = (await this.read()) ?? new Map<string, T>();
    for (const change of changes) change(stored);
    if (stored.size === 0) await storage.remove(name);
    else await storage.set(name, JSON.stringify([...stored.values()].map(toStored)));
    return true;
  }
}
