// A person with the SDK's client: told what is stored, keeps what is not over restarts, changes messages by procedure.
import {
  type Conversation,
  type ConversationMessage,
  createParleyClient,
  memoryStorage,
  type ParleyClient,
  type Timing,
} from '@parley/client';
import type { DocumentMessage } from '@parley/shared';
import { TEST_PASSWORD } from '../harness/kit.js';
import type { Line } from '../harness/line.js';
import type { Attempt } from './ledger.js';
import type { Touch } from './life.js';
import type { Person, Tab } from './person.js';

/** Pauses between tries are short: nobody wants to wait. */
const timing: Timing = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => 0.02,
};
const AGAIN_MS = 30;

/** What honest people may be told, where their rights have changed meanwhile. */
const RIGHTS: ReadonlySet<string> = new Set(['FORBIDDEN', 'NOT_FOUND']);
export class SdkTab implements Tab {
  readonly person: Person;
  readonly line: Line;
  readonly relayed = new Set<string>();
  readonly owed = new Set<string>();
  readonly #storage = memoryStorage();
  #client: ParleyClient;
  #conversation: Conversation | null = null;
  #isGone = false;

  constructor(person: Person, line: Line) {
    this.person = person;
    this.line = line;
    this.#client = this.#start();
  }

  get messages(): readonly DocumentMessage[] {
    const shown = this.#conversation?.messages ?? [];
    return shown.filter(({ deletedAt, seq }) => deletedAt === null && seq !== null).map(asInDocument);
  }

  get isInStep(): boolean {
    return this.#conversation?.status === 'online';
  }

  get conversation(): Conversation | null {
    return this.#conversation;
  }

  say(text: string): string | null {
    const conversation = this.#conversation;
    if (conversation === null || conversation.status === 'closed' || conversation.access === 'read')
      return null;
    const { world } = this.person;
    const { id, stored } = conversation.send(text);
    world.ledger.said(id, this.person.id, text);
    this.owed.add(id);
    stored.then(
      () => world.ledger.acknowledged(id),
      // Refused is told by an event; anything else leaves it in the outbox.
      () => undefined,
    );
    return id;
  }

  change({ act, message, text, emoji }: Touch): void {
    const conversation = this.#conversation;
    if (conversation === null) return;
    const { id } = message;
    const user = this.person.id;
    const isOn = message.reactions[emoji]?.includes(user) === true;
    const isMine = message.author === user;
    if ((act === 'edit' && !isMine) || (act === 'delete' && !isMine && !this.person.isAdmin))
      this.#overreach(act === 'edit' ? conversation.edit(id, text) : conversation.delete(id));
    else if (act === 'react' && isOn)
      this.#attempt(id, { act: 'unreact', user, emoji }, conversation.unreact(id, emoji));
    else if (act === 'react') this.#attempt(id, { act, user, emoji }, conversation.react(id, emoji));
    else if (act === 'delete') this.#attempt(id, { act }, conversation.delete(id));
    else this.#attempt(id, { act, text }, conversation.edit(id, text));
  }

  async signIn(): Promise<void> {
    await this.#client.signOut().catch(() => undefined);
    while (!this.#isGone) {
      try {
        await this.#client.signIn({ login: this.person.username, password: TEST_PASSWORD });
        this.#join();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  /** The page is loaded again, on the same storage. */
  async reload(): Promise<void> {
    this.#client.close();
    this.#client = this.#start();
    if ((await this.#client.restore()) !== null) this.#join();
  }

  connect(): void {
    const status = this.#conversation?.status;
    if (!this.#isGone && this.#client.user !== null && (status === 'closed' || status === undefined))
      this.#join();
  }

  close(): void {
    this.#isGone = true;
    this.#client.close();
  }

  #start(): ParleyClient {
    return createParleyClient({ url: this.line.url, storage: this.#storage, timing });
  }

  /** Asks for what is not one's own. */
  #overreach(call: Promise<void>): void {
    const { world, name } = this.person;
    call.then(
      () => world.fault(`${name} changed what is not theirs`),
      () => undefined,
    );
  }

  #attempt(id: string, attempt: Attempt, call: Promise<void>): void {
    const change = this.person.world.ledger.attempt(id, attempt);
    call.then(
      () => change.end('done'),
      // An earlier call may have been carried out and its answer lost, and a later run of the page may try again.
      () => change.end('unknown'),
    );
  }

  #join(): void {
    const { world, name } = this.person;
    const conversation = this.#client.conversation(world.room);
    if (conversation === this.#conversation) return;
    this.#conversation = conversation;
    conversation.on('messages', (messages) => {
      for (const { id, author } of messages) if (author.id !== this.person.id) this.relayed.add(id);
    });
    conversation.on('refused', ({ id, error }) => {
      this.owed.delete(id);
      if (!this.person.wasLimited || !RIGHTS.has(error.code))
        world.fault(`${name}: ${id} was refused: ${error.code}`);
    });
    conversation.on('status', ({ status, error }) => {
      if (status !== 'closed') return;
      if (error !== null && RIGHTS.has(error.code) && !this.person.wasLimited)
        world.fault(`${name} was shut out: ${error.code}`);
      setTimeout(() => this.connect(), AGAIN_MS);
    });
  }
}

const asInDocument = (message: ConversationMessage): DocumentMessage => ({
  ...message,
  author: message.author.id,
  sentAt: message.sentAt.getTime(),
  editedAt: message.editedAt?.getTime() ?? null,
});
