// Owns what a person has said and the server has not stored yet, in order, in memory and in the storage: what is on its way,
// and what came back and waits to be looked at.
import { type MessageValue, messageValueSchema } from '@parley/shared';
import { withStorageLock } from '../lock.js';
import type { Storage } from '../storage.js';

type Change =
  | { readonly type: 'add' | 'giveBack'; readonly value: MessageValue }
  | { readonly type: 'remove'; readonly id: string };

interface Entry {
  readonly value: MessageValue;
  readonly isGivenBack: boolean;
}

/**
 * The outbox of one user in one conversation. Every write reads what is stored first, so that another client on the same
 * storage keeps what it put there. A storage that fails costs nothing but what a restart would have found.
 */
export class Outbox {
  readonly #storage: Storage;
  readonly #key: string;
  readonly #values = new Map<string, MessageValue>();
  readonly #givenBack = new Map<string, MessageValue>();
  #changes: Change[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(storage: Storage, key: string) {
    this.#storage = storage;
    this.#key = key;
  }

  /** Oldest first. */
  get values(): MessageValue[] {
    return [...this.#values.values()];
  }

  /** What the server will not have, until it is dismissed. */
  get givenBack(): MessageValue[] {
    return [...this.#givenBack.values()];
  }

  has(id: string): boolean {
    return this.#values.has(id);
  }

  find(id: string): MessageValue | undefined {
    return this.#values.get(id);
  }

  /** Takes up what an earlier run left; it comes before anything said since. */
  async load(): Promise<void> {
    const earlier = await this.#read();
    const since = this.values;
    this.#values.clear();
    for (const { value, isGivenBack } of earlier)
      (isGivenBack ? this.#givenBack : this.#values).set(value.id, value);
    for (const value of since) this.#values.set(value.id, value);
  }

  /** Resolves once a restart would find it. */
  add(value: MessageValue): Promise<void> {
    this.#values.set(value.id, value);
    return this.#change({ type: 'add', value });
  }

  /** It goes out no more, and stays as what somebody wanted to say. Resolves once a restart would find it so. */
  async giveBack(id: string): Promise<void> {
    const value = this.#values.get(id);
    if (value === undefined) return;
    this.#values.delete(id);
    this.#givenBack.set(id, value);
    await this.#change({ type: 'giveBack', value });
  }

  /** Resolves once a restart would no longer find it. */
  async remove(id: string): Promise<void> {
    const wasHere = this.#values.delete(id);
    if (this.#givenBack.delete(id) || wasHere) await this.#change({ type: 'remove', id });
  }

  /** Resolves once everything so far is written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  #change(change: Change): Promise<void> {
    this.#changes.push(change);
    this.#writing = this.#writing
      .then(() => withStorageLock(this.#storage, this.#key, () => this.#write()))
      // Only the lock itself can fail; see `#write` for why it is safe to go on.
      .catch(() => undefined);
    return this.#writing;
  }

  /** Carries out all changes so far at once; those of later calls find nothing left to do. */
  async #write(): Promise<void> {
    const changes = this.#changes.splice(0);
    if (changes.length === 0) return;
    const stored = new Map((await this.#read()).map((entry) => [entry.value.id, entry]));
    for (const change of changes) {
      if (change.type === 'remove') stored.delete(change.id);
      else stored.set(change.value.id, { value: change.value, isGivenBack: change.type === 'giveBack' });
    }
    try {
      if (stored.size === 0) await this.#storage.remove(this.#key);
      else await this.#storage.set(this.#key, JSON.stringify([...stored.values()].map(toStored)));
    } catch {
      // What is in memory still goes out; only a restart before that would lose it.
    }
  }

  async #read(): Promise<Entry[]> {
    let values: unknown;
    try {
      values = JSON.parse((await this.#storage.get(this.#key)) ?? '[]');
    } catch {
      return []; // Unreadable: as good as empty.
    }
    if (!Array.isArray(values)) return [];
    return values.flatMap(fromStored);
  }
}

/** In the storage a message on its way stands as it is. */
const toStored = ({ value, isGivenBack }: Entry): object => (isGivenBack ? { givenBack: value } : value);

/** Nothing, where it cannot be read. */
const fromStored = (stored: unknown): Entry[] => {
  const isGivenBack = typeof stored === 'object' && stored !== null && 'givenBack' in stored;
  const parsed = messageValueSchema.safeParse(isGivenBack ? stored.givenBack : stored);
  return parsed.success ? [{ value: parsed.data, isGivenBack }] : [];
};
