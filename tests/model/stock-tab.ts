// A person with a stock y-websocket client: starts over when its copy is of another generation, comes back while it may.
import { appendMessage, type DocumentMessage, isReady, readMessages } from '@parley/shared';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import type { Line } from '../harness/line.js';
import type { Change } from './ledger.js';
import { type Touch, touch } from './life.js';
import type { Person, Tab } from './person.js';

/** Honest clients meet these: another generation, a session that ended, a right that is gone. */
const EXPECTED = new Set([4409, 4401, 4403]);
const AGAIN_MS = 30;

export class StockTab implements Tab {
  readonly person: Person;
  readonly line: Line;
  readonly relayed = new Set<string>();
  doc = new Y.Doc();
  #provider: WebsocketProvider;
  #token: string;
  /** Said in this copy: it is stored as soon as the copy has been in step, unless it is thrown away before. */
  #owed = new Set<string>();
  #closedByRight = false;
  #isGone = false;

  constructor(person: Person, line: Line, token: string) {
    this.person = person;
    this.line = line;
    this.#token = token;
    this.#provider = this.#open();
  }

  get messages(): readonly DocumentMessage[] {
    return readMessages(this.doc);
  }

  /** What never went out while its segment was there, its own copy has collected: nobody has it any more. */
  get owed(): ReadonlySet<string> {
    return new Set(this.messages.flatMap(({ id }) => (this.#owed.has(id) ? [id] : [])));
  }

  get isInStep(): boolean {
    return this.#provider.synced;
  }

  get token(): string {
    return this.#token;
  }

  say(text: string): string | null {
    if (!isReady(this.doc)) return null;
    const { world, id: author } = this.person;
    const { id } = appendMessage(this.doc, { author, text });
    this.#owed.add(id);
    world.ledger.said(id, author, text);
    return id;
  }

  change(what: Touch): void {
    const { world, id: user } = this.person;
    const { message, text, emoji } = what;
    const act = touch(this.doc, { user, isAdmin: false }, what);
    let change: Change | null = null;
    if (act === 'edit') change = world.ledger.attempt(message.id, { act, text });
    else if (act === 'delete') change = world.ledger.attempt(message.id, { act });
    else if (act !== null) change = world.ledger.attempt(message.id, { act, user, emoji });
    // Nobody tells a stock client what became of it.
    change?.end('unknown');
  }

  signIn(token: string): void {
    this.#token = token;
    this.#provider.params = { token };
    this.connect();
  }

  /** A page that is loaded again: what the server did not get is gone. */
  reload(): void {
    this.#provider.destroy();
    this.doc.destroy();
    this.doc = new Y.Doc();
    this.#owed = new Set();
    this.#provider = this.#open();
  }

  connect(): void {
    if (!this.#isGone) this.#provider.connect();
  }

  close(): void {
    this.#isGone = true;
    this.#provider.destroy();
    this.doc.destroy();
  }

  /** Whether the server has said that one may no longer be here. */
  get isShutOut(): boolean {
    return this.#closedByRight;
  }

  #open(): WebsocketProvider {
    const { doc } = this;
    const { world } = this.person;
    const provider = new WebsocketProvider(`${this.line.wsUrl}/sync`, world.room, doc, {
      params: { token: this.#token },
      disableBc: true,
      maxBackoffTime: 100,
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    });
    doc.on('update', (_update: Uint8Array, origin: unknown) => {
      if (origin !== provider) return;
      if (this.#closedByRight && this.person.isOut)
        world.fault(`${this.person.name} got something while shut out`);
      this.#closedByRight = false;
      for (const { id, author } of this.messages) if (author !== this.person.id) this.relayed.add(id);
    });
    provider.on('closed', ({ code, reason }: { code: number; reason: string }) => {
      if (!EXPECTED.has(code)) world.fault(`${this.person.name} was sent away with ${code} ${reason}`);
      this.#closedByRight = code === 4403;
      setTimeout(() => {
        if (this.#isGone || provider !== this.#provider) return;
        if (code === 4409) this.reload();
        // Also when shut out: it must get nothing.
        else this.connect();
      }, AGAIN_MS);
    });
    return provider;
  }
}
