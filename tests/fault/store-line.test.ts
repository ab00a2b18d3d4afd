import { type Conversation, createParleyClient, type ParleyClient } from '@parley/client';
import { appendMessage, errorCatalogue, type Message, readMessages } from '@parley/shared';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import {
  rawRequest,
  signUp,
  startTestServer,
  TEST_PASSWORD,
  type TestPerson,
  type TestServer,
} from '../harness/kit.js';
import { scrape } from '../harness/metrics.js';
import { RawClient } from '../harness/raw-client.js';
import { StockClient } from '../harness/stock-client.js';
import { type LineState, type StoreLine, startStoreLine } from '../harness/store-line.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';

/** Long enough for no outage here to outlast it, and short enough for every one to. */
const PATIENT_MS = 60_000;
const IMPATIENT_MS = 300;
const WRITE_TIMEOUT_MS = 200;
const GIVEN_UP = errorCatalogue.UNAVAILABLE.close;
const OUTAGES: readonly Exclude<LineState, 'open'>[] = ['cut', 'stalled', 'deaf'];

interface Parts {
  readonly store: TestStore;
  readonly line: StoreLine;
  readonly server: TestServer;
  readonly ada: TestPerson;
  readonly client: ParleyClient;
}

/** A server whose store can be taken away, with three sorts of clients of one conversation. */
class Scene implements AsyncDisposable {
  readonly sdk: Conversation;
  readonly stock: StockClient;
  readonly raw: RawClient;
  readonly conversationId: string;
  /** Codes with which sockets of the SDK and of the stock client were closed. */
  readonly closes: number[];
  readonly #parts: Parts;

  private constructor(parts: Parts, conversationId: string, closes: number[]) {
    const { server, ada, client } = parts;
    this.#parts = parts;
    this.conversationId = conversationId;
    this.closes = closes;
    this.sdk = client.conversation(conversationId);
    this.stock = new StockClient({ wsUrl: server.wsUrl, conversationId, userId: ada.id, token: ada.token });
    this.stock.provider.on('connection-close', (event: { code: number } | null) => {
      if (event !== null) this.closes.push(event.code);
    });
    this.raw = new RawClient({ url: server.url, conversationId, token: ada.token, acks: true });
  }

  static async open(logPatienceMs: number): Promise<Scene> {
    const store = await startTestStore();
    const line = await startStoreLine(store.uri);
    const database = `/${store.connection.name}?serverSelectionTimeoutMS=200&`;
    const server = await startTestServer({
      mongodbUri: line.uri.replace(/\/[^/?]*\?|\/[^/?]*$/, database),
      ...{ logPatienceMs, logWriteTimeoutMs: WRITE_TIMEOUT_MS },
    });
    const ada = await signUp(server, 'ada');
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'By the sea' });
    const closes: number[] = [];
    const client = createParleyClient({
      url: server.url,
      WebSocket: class extends WebSocket {
        constructor(url: string) {
          super(url);
          this.on('close', (code) => closes.push(code));
        }
      },
    });
    await client.signIn({ login: ada.username, password: TEST_PASSWORD });
    const scene = new Scene({ store, line, server, ada, client }, room.id, closes);
    await Promise.all([scene.sdk.whenSynced(), scene.stock.synced(), scene.raw.synced()]);
    return scene;
  }

  get line(): StoreLine {
    return this.#parts.line;
  }

  get me(): string {
    return this.#parts.ada.id;
  }

  writeByHand(text: string): void {
    this.raw.write((doc) => appendMessage(doc, { author: this.me, text }));
  }

  readiness(): Promise<{ status: number; text: string }> {
    return rawRequest(`${this.#parts.server.url}/readyz`);
  }

  /** Comes as a new client, and is told why it can not be now. */
  async knock(): Promise<number> {
    const { server, ada } = this.#parts;
    const { conversationId } = this;
    const client = new RawClient({ url: server.url, conversationId, token: ada.token, acks: true });
    return (await client.closed).code;
  }

  /** Asks until the server says of itself what is wanted. */
  async isReady(wanted: boolean): Promise<string> {
    for (;;) {
      const { status, text } = await this.readiness();
      if (status === (wanted ? 200 : 503)) return text;
    }
  }

  /** Resolves when so many more writes to the log have failed. With the second it is known what became of the first. */
  async failedWrites(more = 1): Promise<void> {
    const count = async () =>
      (await scrape(this.#parts.server.url)).get('parley_log_write_failures_total') ?? 0;
    const before = await count();
    while ((await count()) < before + more);
  }

  /** Resolves when every client shows all of these, each once. */
  async allShow(texts: readonly string[]): Promise<void> {
    const wanted = texts.toSorted();
    const shows = (found: readonly string[]): boolean =>
      JSON.stringify(found.toSorted()) === JSON.stringify(wanted);
    await Promise.all([
      this.stock.until(() => shows(this.stock.texts)),
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (shows(this.sdk.messages.map(({ text }) => text))) resolve();
        };
        this.sdk.on('messages', look);
        look();
      }),
    ]);
  }

  async history(): Promise<readonly Message[]> {
    const { messages } = this.#parts.ada.api;
    return (await messages.list.query({ conversationId: this.conversationId, limit: 100 })).items;
  }

  /** How many entries of the conversation's log hold something that was said. */
  async logged(): Promise<number> {
    const log = this.#parts.store.connection.collection('document_log');
    return await log.countDocuments({ document: this.conversationId, changes: { $ne: [] } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.line.become('open');
    this.stock[Symbol.dispose]();
    this.#parts.client.close();
    await this.raw.close();
    await this.#parts.server.close();
    await this.line[Symbol.asyncDispose]();
    await this.#parts.store.close();
  }
}

describe('a store whose line is bad', () => {
  for (const outage of OUTAGES) {
    it(`[O1] [O6] keeps sockets and everything said, where it is ${outage} for less than patience lasts`, async () => {
      await using scene = await Scene.open(PATIENT_MS);
      await scene.sdk.send('before, by the SDK').stored;
      await scene.allShow(['before, by the SDK']);
      await scene.raw.until(() => readMessages(scene.raw.doc).length === 1);
      await scene.raw.next('stored', ({ upTo }) => upTo === scene.raw.sent);
      const heard = scene.raw.frames.length;
      scene.line.become(outage);
      const sent = scene.sdk.send('during, by the SDK');
      scene.stock.say('during, by a stock client');
      scene.writeByHand('during, by hand');
      expect(await scene.isReady(false)).to.match(
        /"reason":"the (store does not answer|log does not take writes)"/,
      );
      await scene.failedWrites(2);
      const told = scene.raw.frames.slice(heard).filter(({ type }) => type === 'update' || type === 'stored');
      expect(told, 'nothing is relayed or acknowledged').to.deep.equal([]);
      expect(scene.sdk.messages.find(({ id }) => id === sent.id)?.state).to.equal('pending');
      scene.line.become('open');
      await sent.stored;
      await scene.raw.next('stored', ({ upTo }) => upTo === scene.raw.sent);
      const all = [
        'before, by the SDK',
        'during, by the SDK',
        'during, by a stock client',
        'during, by hand',
      ];
      await scene.allShow(all);
      await scene.raw.until(() => readMessages(scene.raw.doc).length === all.length);
      await scene.isReady(true);
      expect(scene.closes).to.deep.equal([]);
      const history = await scene.history();
      expect(history.map(({ text }) => text).toSorted()).to.deep.equal(all.toSorted());
      expect(history.map(({ seq }) => seq)).to.deep.equal(all.map((_, index) => index + 1));
    });

    it(`[O11] sends everybody away and takes them back with what they have, where it is ${outage} for longer`, async () => {
      await using scene = await Scene.open(IMPATIENT_MS);
      await scene.sdk.send('before, by the SDK').stored;
      await scene.allShow(['before, by the SDK']);
      const copy = scene.stock.doc;
      scene.line.become(outage);
      const sent = scene.sdk.send('during, by the SDK');
      scene.stock.say('during, by a stock client');
      expect((await scene.raw.closed).code).to.equal(GIVEN_UP);
      expect(await scene.isReady(false)).to.include('"reason":"');
      if (outage === 'cut') expect(await scene.knock()).to.equal(GIVEN_UP);
      const more = scene.sdk.send('while away, by the SDK');
      scene.stock.say('while away, by a stock client');
      scene.line.become('open');
      await Promise.all([sent.stored, more.stored]);
      const all = [
        ...['before, by the SDK', 'during, by the SDK', 'during, by a stock client'],
        ...['while away, by the SDK', 'while away, by a stock client'],
      ];
      await scene.allShow(all);
      await scene.isReady(true);
      expect(scene.stock.doc, 'without a reload').to.equal(copy);
      expect(scene.closes.filter((code) => code >= 4400 && code < 4500)).to.deep.equal([]);
      const history = await scene.history();
      expect(history.map(({ text }) => text).toSorted()).to.deep.equal(all.toSorted());
      expect(history.map(({ seq }) => seq)).to.deep.equal(all.map((_, index) => index + 1));
    });
  }

  it('[O6] counts a write once whose answer was lost', async () => {
    await using scene = await Scene.open(PATIENT_MS);
    const before = await scene.logged();
    scene.line.become('deaf');
    const { stored } = scene.sdk.send('heard, and not answered');
    await scene.failedWrites();
    expect(await scene.logged()).to.equal(before + 1);
    expect(scene.raw.frames.filter(({ type }) => type === 'update')).to.deep.equal([]);
    scene.line.become('open');
    await stored;
    expect(await scene.logged()).to.equal(before + 1);
    await scene.allShow(['heard, and not answered']);
    expect((await scene.history()).map(({ seq }) => seq)).to.deep.equal([1]);
  });

  it('[O10] is ready again by itself when everybody has given up and nobody writes', async () => {
    await using scene = await Scene.open(IMPATIENT_MS);
    scene.line.become('cut');
    scene.writeByHand('and goes');
    expect((await scene.raw.closed).code).to.equal(GIVEN_UP);
    scene.stock.provider.disconnect();
    scene.sdk.close();
    await scene.isReady(false);
    scene.line.become('open');
    await scene.isReady(true);
  });
});
