// The liar on a real line: sends lies made on the copy it has, and comes back when it is thrown out.
import { readMessages } from '@parley/shared';
import * as Y from 'yjs';
import type { Line } from '../harness/line.js';
import type { Random } from '../harness/random.js';
import { RawClient } from '../harness/raw-client.js';
import { LIES } from './lies.js';
import type { Person } from './person.js';

export class LiarTab {
  readonly line: Line;
  readonly #person: Person;
  readonly #token: string;
  readonly #random: Random;
  #client: RawClient | null = null;
  #joining: Promise<void> | null = null;

  constructor(person: Person, line: Line, { token, random }: { token: string; random: Random }) {
    this.#person = person;
    this.line = line;
    this.#token = token;
    this.#random = random;
  }

  /** The name of the lie, or null where there is nobody to tell it to. */
  lie(people: readonly string[]): string | null {
    const client = this.#client;
    if (client === null) {
      this.join();
      return null;
    }
    const random = this.#random;
    const copyAs = (id?: number): Y.Doc => {
      const copy = new Y.Doc();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(client.doc));
      if (id !== undefined) copy.clientID = id;
      return copy;
    };
    const copy = copyAs();
    const messages = readMessages(copy);
    const lie = random.pick(Object.keys(LIES));
    const message = messages.length === 0 ? undefined : random.pick(messages);
    const bytes = LIES[lie]?.({ random, me: this.#person.id, people, copy, message, copyAs });
    if (bytes !== undefined) client.update(bytes);
    return lie;
  }

  join(): void {
    this.#joining ??= this.#join().finally(() => {
      this.#joining = null;
    });
  }

  async close(): Promise<void> {
    await this.#joining;
    await this.#client?.close();
  }

  async #join(): Promise<void> {
    const { url } = this.line;
    const client = new RawClient({ url, conversationId: this.#person.world.room, token: this.#token });
    try {
      await client.synced();
    } catch {
      return;
    }
    this.#client = client;
    void client.closed.then(() => {
      this.#client = null;
    });
  }
}
