// Owns what a person has said and the server has not stored yet, in order, in memory and in the storage: what is on its way,
// and what came back and waits to be looked at.
import { type MessageValue, messageValueSchema } from '@parley/shared';
import type { Storage } from '../storage/storage.js';
import { StoredMap } from '../storage/stored-map.js';

interface Entry {
  readonly value: MessageValue;
  readonly isGivenBack: boolean;
}

/** The outbox of one user in one conversation. */
export class Outbox {
  readonly #stored: StoredMap<Entry>;
  readonly #values = new Map<string, MessageValue>();
  readonly #givenBack = new Map<string, MessageValue>();

  constructor(storage: Storage, name: string) {
    this.#stored = new StoredMap({ storage, name, keyOf: ({ value }) => value.id, toStored, fromStored });
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
    const earlier = (await this.#stored.read()) ?? new Map<string, Entry>();
    const since = this.values;
    this.#values.clear();
    for (const { value, isGivenBack } of earlier.values())
      (isGivenBack ? this.#givenBack : this.#values).set(value.id, value);
    for (const value of since) this.#values.set(value.id, value);
  }

  /** Resolves once a restart would find it. */
  async add(value: MessageValue): Promise<void> {
    this.#values.set(value.id, value);
    await this.#stored.put({ value, isGivenBack: false });
  }

  /** It goes out no more, and stays as what somebody wanted to say. Resolves once a restart would find it so. */
  async giveBack(id: string): Promise<void> {
    const value = this.#values.get(id);
    if (value === undefined) return;
    this.#values.delete(id);
    this.#givenBack.set(id, value);
    await this.#stored.put({ value, isGivenBack: true });
  }

  /** Resolves once a restart would no longer find it. */
  async remove(id: string): Promise<void> {
    const wasHere = this.#values.delete(id);
    if (this.#givenBack.delete(id) || wasHere) await this.#stored.remove(id);
  }
}

/** In the storage a message on its way stands as it is. */
const toStored = ({ value, isGivenBack }: Entry): object => (isGivenBack ? { givenBack: value } : value);

const fromStored = (stored: unknown): Entry | null => {
  const isGivenBack = typeof stored === 'object' && stored !== null && 'givenBack' in stored;
  const parsed = messageValueSchema.safeParse(isGivenBack ? stored.givenBack : stored);
  return parsed.success ? { value: parsed.data, isGivenBack } : null;
};
