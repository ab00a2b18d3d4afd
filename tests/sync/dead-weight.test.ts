import { appendMessage, readMessages } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { StockClient } from '../harness/stock-client.js';

const DEAD_BYTES = 8 * 1024;
/** Pairs of reactions that are given and taken back in one update, by turns: neighbours by turns do not merge. Some 20 bytes a pair. */
const TOGGLES = 100;
const TOGGLE_BYTES = 20;
const EMOJI = ['👍', '🌉'];
/** The server weighs a document whenever it keeps a snapshot: after so many entries, or as the document leaves memory. */
const SNAPSHOT_EVERY = 200;
const LONG_TEXT = 'x'.repeat(2_000);

describe('dead weight', () => {
  let server: TestServer;
  let ada: TestPerson;
  let conversationId: string;
  let rooms = 0;

  before(async () => {
    server = await startTestServer({ generationDeadBytes: DEAD_BYTES, generationMs: 0, documentIdleMs: 0 });
  });
  after(() => server.close());

  beforeEach(async () => {
    ada = await signUp(server, 'ada');
    rooms += 1;
    conversationId = (await ada.api.rooms.joinOrCreate.mutate({ name: `Heavy ${rooms}` })).room.id;
  });

  const connect = async (): Promise<RawClient> => {
    const client = new RawClient({ url: server.url, conversationId, token: ada.token, acks: true });
    // One that comes back just when a generation ends is sent away, and comes again.
    return await client.synced().catch(connect);
  };

  const isStored = (client: RawClient): boolean =>
    client.frames.some((frame) => frame.type === 'stored' && frame.upTo === client.sent);

  const say = (client: RawClient, text: string): string => {
    let id = '';
    client.write((doc) => {
      ({ id } = appendMessage(doc, { author: ada.id, text }));
    });
    return id;
  };

  /** One client id gives and takes back reactions to the message, many in one update. */
  const toggle = (client: RawClient, message: string, times: number): void =>
    client.write((doc) => {
      const segment = doc.getArray<Y.Map<unknown>>('segments').get(0);
      const reactions = segment.get('reactions');
      if (!(reactions instanceof Y.Map)) throw new Error('no segment');
      for (let count = 0; count < times; count += 1) {
        for (const emoji of EMOJI) {
          const key = `${message}:${ada.id}:${emoji}`;
          reactions.set(key, { v: 1, type: 'reaction', message, user: ada.id, emoji });
          reactions.delete(key);
        }
      }
    });

  const generationOf = async (client: RawClient): Promise<number> => {
    const { notice } = await client.next('notice', (frame) => frame.notice.type === 'welcome');
    return notice.type === 'welcome' ? notice.generation : 0;
  };

  /** The generation a newcomer is welcomed to. */
  const generation = async (): Promise<number> => {
    const client = await connect();
    const found = await generationOf(client);
    await client.close();
    return found;
  };

  /** Writes so many entries, one after the other, until the server sends the client away. */
  const toggleUntilClosed = async (
    client: RawClient,
    message: string,
    { entries, times = TOGGLES }: { entries: number; times?: number },
  ): Promise<number> => {
    let isClosed = false;
    void client.closed.then(() => {
      isClosed = true;
    });
    let written = 0;
    while (written < entries && !isClosed) {
      toggle(client, message, times);
      written += 1;
      await client.until(() => isStored(client)).catch(() => undefined);
    }
    return written;
  };

  it('[N2] begins anew, as it leaves memory, when what it shows nothing of outgrows what it shows', async () => {
    const client = await connect();
    const message = say(client, 'liked and not liked');
    await toggleUntilClosed(client, message, { entries: 20 });
    expect(await generationOf(client)).to.equal(1);
    const weight = Y.encodeStateAsUpdate(client.doc).length;
    expect(weight).to.be.above(2 * DEAD_BYTES);
    await client.close();
    while ((await generation()) === 1);
    const next = await connect();
    expect(readMessages(next.doc).map(({ text }) => text)).to.deep.equal(['liked and not liked']);
    expect(Y.encodeStateAsUpdate(next.doc).length).to.be.below(1_000);
    await next.close();
  });

  it('[N2] begins anew under the eyes of clients that can, once it has been weighed', async () => {
    const client = await connect();
    const message = say(client, 'liked and not liked');
    const written = await toggleUntilClosed(client, message, { entries: 2 * SNAPSHOT_EVERY, times: 5 });
    expect(written).to.be.within(SNAPSHOT_EVERY - 5, SNAPSHOT_EVERY + 5);
    expect((await client.closed).code).to.equal(4409);
    expect(await generation()).to.equal(2);
  });

  it('[N2] goes on as it is while it shows more than that', async () => {
    const client = await connect();
    const message = say(client, 'liked and not liked');
    for (let count = 0; count < 20; count += 1) say(client, LONG_TEXT);
    await toggleUntilClosed(client, message, { entries: 12 });
    const weight = Y.encodeStateAsUpdate(client.doc).length;
    expect(weight, 'dead weight alone would do').to.be.above(20 * LONG_TEXT.length + DEAD_BYTES);
    await client.close();
    const again = await connect();
    expect(await generationOf(again)).to.equal(1);
    // A whole round of snapshots later, and with what it shows still larger.
    for (let count = 0; count < SNAPSHOT_EVERY; count += 1) {
      toggle(again, message, 1);
      await again.until(() => isStored(again));
    }
    await again.close();
    expect(await generation()).to.equal(1);
  });

  it('[N2] begins anew once and not again as long as little is added', async () => {
    const client = await connect();
    const message = say(client, 'liked and not liked');
    for (let count = 0; count < 20; count += 1) say(client, LONG_TEXT);
    await toggleUntilClosed(client, message, { entries: 60 });
    await client.close();
    while ((await generation()) === 1);
    for (let count = 0; count < 5; count += 1) {
      const visitor = await connect();
      toggle(visitor, message, 1);
      await visitor.until(() => isStored(visitor));
      await visitor.close();
    }
    expect(await generation()).to.equal(2);
  });

  it('[N2] waits for a stock client until it is five times as heavy', async () => {
    using stock = new StockClient({
      ...{ wsUrl: server.wsUrl, conversationId, userId: ada.id, token: ada.token },
    });
    await stock.synced();
    const closed = new Promise<{ code: number }>((resolve) => {
      stock.provider.once('closed', (event: { code: number }) => resolve(event));
    });
    const client = await connect();
    const message = say(client, 'liked and not liked');
    // Weighed in the middle: due, but not for five times as much.
    for (let count = 0; count < (2 * DEAD_BYTES) / TOGGLE_BYTES / TOGGLES; count += 1)
      toggle(client, message, TOGGLES);
    for (let count = 0; count < SNAPSHOT_EVERY; count += 1) {
      toggle(client, message, 1);
      await client.until(() => isStored(client));
    }
    expect(await generation()).to.equal(1);
    await toggleUntilClosed(client, message, { entries: SNAPSHOT_EVERY, times: 20 });
    expect((await closed).code).to.equal(4409);
    expect(await generation()).to.equal(2);
  });
});
