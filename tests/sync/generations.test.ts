import { type Conversation, createParleyClient } from '@parley/client';
import { appendMessage, readMessages } from '@parley/shared';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { signUp, startTestServer, TEST_PASSWORD, type TestPerson, type TestServer } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { StockClient } from '../harness/stock-client.js';

/** After so many client ids a document begins anew, or after five times as many where a stock client is in the way. */
const CLIENTS = 6;

describe('generations', () => {
  let server: TestServer;
  let ada: TestPerson;
  let conversationId: string;
  let rooms = 0;

  before(async () => {
    server = await startTestServer({ generationClients: CLIENTS, generationMs: 0, documentIdleMs: 0 });
  });
  after(() => server.close());

  beforeEach(async () => {
    ada = await signUp(server, 'ada');
    rooms += 1;
    conversationId = (await ada.api.rooms.joinOrCreate.mutate({ name: `Worn out ${rooms}` })).room.id;
  });

  const raw = (acks: boolean, params: Record<string, string> = {}): RawClient =>
    new RawClient({ url: server.url, conversationId, token: ada.token, acks, params });

  /** A tab that says one thing and goes. Sent away before that is stored, it comes again. */
  const visit = async (text: string, { acks }: { acks: boolean }): Promise<void> => {
    const client = raw(acks);
    try {
      await client.synced();
      client.write((doc) => appendMessage(doc, { author: ada.id, text }));
      await (acks ? client.until(() => isStored(client)) : client.next('update'));
      await client.close();
    } catch {
      expect((await client.closed).code).to.equal(4409);
      await visit(text, { acks });
    }
  };

  /** Whether the server has everything this client sent. */
  const isStored = (client: RawClient): boolean =>
    client.frames.some((frame) => frame.type === 'stored' && frame.upTo === client.sent);

  /** The generation a newcomer is welcomed to and may stay in. */
  const generation = async (): Promise<number> => {
    const client = raw(true);
    const isHere = await client.synced().then(
      () => true,
      () => false,
    );
    if (!isHere) {
      expect((await client.closed).code).to.equal(4409);
      return await generation();
    }
    const { notice } = await client.next('notice', (frame) => frame.notice.type === 'welcome');
    await client.close();
    return notice.type === 'welcome' ? notice.generation : 0;
  };

  const texts = ({ messages }: Conversation): string[] => messages.map(({ text }) => text);
  const numbered = (from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, index) => `number ${from + index}`);

  const until = (conversation: Conversation, isReached: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isReached()) return;
        stop();
        resolve();
      };
      const stop = conversation.subscribe(look);
      look();
    });

  it('[N2] [N4] begins anew under the eyes of clients that can, who see nothing but what is new', async () => {
    const client = createParleyClient({ url: server.url, WebSocket });
    await client.signIn({ login: ada.username, password: TEST_PASSWORD });
    const conversation = client.conversation(conversationId);
    await conversation.whenSynced();
    const lists: string[][] = [];
    conversation.subscribe(() => lists.push(texts(conversation)));
    const sent = numbered(1, 3 * CLIENTS);
    const own: { text: string; stored: Promise<void> }[] = [];
    for (const text of sent) {
      own.push({ text: `mine, ${text}`, stored: conversation.send(`mine, ${text}`).stored });
      await visit(text, { acks: true });
    }
    await Promise.all(own.map(({ stored }) => stored));
    const all = [...sent, ...own.map(({ text }) => text)].toSorted();
    await until(conversation, () => texts(conversation).length === all.length);
    expect(await generation()).to.be.greaterThan(2);
    expect(texts(conversation).toSorted()).to.deep.equal(all);
    for (const [at, list] of lists.entries())
      expect(list.length, `list ${at}`).to.be.at.least(lists[at - 1]?.length ?? 0);
    const { items } = await ada.api.messages.list.query({ conversationId, limit: 100 });
    expect(items.map(({ text }) => text).toSorted()).to.deep.equal(all);
    expect(items.map(({ seq }) => seq)).to.deep.equal(all.map((_, index) => index + 1));
    await client.close();
  });

  it('[N1] keeps in the next generation what the window shows, and nobody’s client ids', async () => {
    const first = await raw(true).synced();
    let id = '';
    first.write((doc) => {
      id = appendMessage(doc, { author: ada.id, text: 'kept' }).id;
      appendMessage(doc, { author: ada.id, text: 'taken back' });
    });
    first.write((doc) => {
      const segment = doc.getArray<Y.Map<unknown>>('segments').get(0);
      const [edits, messages] = [segment.get('edits'), segment.get('messages')];
      if (!(edits instanceof Y.Map) || !(messages instanceof Y.Array)) throw new Error('no segment');
      const value = { v: 1, type: 'edit', message: id, author: ada.id, text: 'kept and edited', editedAt: 1 };
      edits.set(id, value);
      messages.delete(1, 1);
    });
    await first.until(() => isStored(first));
    await first.close();
    for (const text of numbered(2, CLIENTS)) await visit(text, { acks: true });
    expect(await generation()).to.equal(2);
    const next = await raw(true).synced();
    expect(readMessages(next.doc).map(({ text }) => text)).to.deep.equal([
      'kept and edited',
      ...numbered(2, CLIENTS),
    ]);
    const clients = [...Y.decodeStateVector(Y.encodeStateVector(next.doc)).keys()];
    expect(clients.every((client) => client <= 1024)).to.equal(true);
    await next.close();
  });

  it('[N2] waits while a stock client is there, but not for ever', async () => {
    using stock = new StockClient({
      wsUrl: server.wsUrl,
      conversationId,
      userId: ada.id,
      token: ada.token,
    });
    await stock.synced();
    const closed = new Promise<{ code: number }>((resolve) => {
      stock.provider.once('closed', (event: { code: number }) => resolve(event));
    });
    for (const text of numbered(1, 3 * CLIENTS)) await visit(text, { acks: true });
    expect(await generation()).to.equal(1);
    for (const text of numbered(3 * CLIENTS + 1, 5 * CLIENTS)) await visit(text, { acks: true });
    expect((await closed).code).to.equal(4409);
    expect(await generation()).to.be.greaterThan(1);
  });

  it('[N2] leaves clients alone for a while, however many client ids there are', async () => {
    await using patient = await startTestServer({
      ...{ generationClients: CLIENTS, generationMs: 3_600_000, documentIdleMs: 0 },
    });
    const eve = await signUp(patient, 'eve');
    const { room } = await eve.api.rooms.joinOrCreate.mutate({ name: 'Patient' });
    const connect = () =>
      new RawClient({ url: patient.url, conversationId: room.id, token: eve.token, acks: true }).synced();
    const staying = await connect();
    for (const text of numbered(1, 5 * CLIENTS + 1)) {
      const tab = await connect();
      tab.write((doc) => appendMessage(doc, { author: eve.id, text }));
      await tab.until(() => isStored(tab));
      await tab.close();
    }
    await staying.until(() => readMessages(staying.doc).length === 5 * CLIENTS + 1);
    const { notice } = await staying.next('notice', (frame) => frame.notice.type === 'welcome');
    expect(notice).to.include({ generation: 1 });
    await staying.close();
    // Nobody is disturbed any more: it begins anew as it leaves memory.
    const generationNow = async (): Promise<number> => {
      const client = await connect();
      const welcome = await client.next('notice', (frame) => frame.notice.type === 'welcome');
      await client.close();
      return welcome.notice.type === 'welcome' ? welcome.notice.generation : 0;
    };
    while ((await generationNow()) === 1);
  });

  it('[N3] sends a stock client away that comes with a copy of an older generation', async () => {
    const copy = new Y.Doc();
    {
      using stock = new StockClient({
        wsUrl: server.wsUrl,
        conversationId,
        userId: ada.id,
        token: ada.token,
      });
      await stock.synced();
      for (const text of numbered(1, CLIENTS)) await visit(text, { acks: false });
      await stock.sees(`number ${CLIENTS}`);
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(stock.doc));
    }
    // Nobody is there any more: it begins anew as it leaves memory. Clients that do not ask for acknowledgements are in the way of
    // it at any other time.
    const comeBack = async (): Promise<number> => {
      const old = raw(false);
      Y.applyUpdate(old.doc, Y.encodeStateAsUpdate(copy));
      await old.synced().then(
        () => old.close(),
        () => undefined,
      );
      return (await old.closed).code;
    };
    while ((await comeBack()) !== 4409);
    expect(await generation()).to.equal(2);
    const stale = raw(true, { generation: '1' });
    expect((await stale.closed).code).to.equal(4409);
  });
});
