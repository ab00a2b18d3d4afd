// JSON sockets while the server or its store goes: what was acknowledged stays, and each message is told once and in order.
import { newId } from '@parley/shared';
import { expect } from 'chai';
import { readHistory } from '../harness/history.js';
import { chat, converse, type JsonClient } from '../harness/json-client.js';
import { createApi, createDataDir, signUp, startTestServer } from '../harness/kit.js';
import { spawnTestServer } from '../harness/server-process.js';
import { type StoreLine, startStoreLine } from '../harness/store-line.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';
import { until } from '../harness/until.js';

const idsOf = (frames: JsonClient['frames'], isAnswer: boolean): (string | undefined)[] =>
  frames.filter(({ ok }) => (ok === true) === isAnswer).map(({ id }) => id);

describe('JSON sockets and what fails beneath them', () => {
  it('lose nothing that was acknowledged, though the server is killed at that moment', async () => {
    await using place = await createDataDir();
    let server = await spawnTestServer(place.path);
    try {
      const [ada, bob] = [await signUp(server), await signUp(server)];
      const acknowledged: (string | undefined)[] = [];
      for (const count of [1, 25]) {
        await using _his = await chat(server, bob.token).opened();
        const hers = await chat(server, ada.token).opened();
        for (let n = 0; n < 100; n += 1) hers.send({ message: `${n}`, receiver: bob.id, id: newId() });
        await hers.has(count);
        await server.kill('SIGKILL');
        await hers.closed;
        acknowledged.push(...idsOf(hers.frames, true));
        server = await spawnTestServer(place.path);
      }
      const api = createApi(server.url, ada.token);
      const { conversation } = await api.conversations.start.mutate({ userId: bob.id });
      const kept = (await readHistory(api, conversation.id)).map(({ id }) => id);
      expect(kept).to.include.members(acknowledged);
      expect(new Set(kept).size).to.equal(kept.length);
    } finally {
      await server.kill('SIGKILL');
    }
  });

  describe('while the store is away', () => {
    let store: TestStore;
    let line: StoreLine;
    before(async () => {
      store = await startTestStore();
      const uri = new URL(store.uri);
      uri.pathname = '/json-sockets-fault';
      line = await startStoreLine(uri.href);
    });
    after(async () => {
      await line[Symbol.asyncDispose]();
      await store.connection.useDb('json-sockets-fault').dropDatabase();
      await store.close();
    });

    for (const state of ['cut', 'stalled', 'deaf'] as const) {
      it(`tell each message once and in order, and acknowledge none that is not there (${state})`, async () => {
        await using server = await startTestServer({ mongodbUri: line.uri });
        const [ada, bob] = [await signUp(server), await signUp(server)];
        const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
        await using his = await chat(server, bob.token).opened();
        await using inIt = await converse(server, bob.token, conversation.id).opened();
        await using hers = await chat(server, ada.token).opened();
        const COUNT = 60;
        for (let n = 0; n < COUNT; n += 1) hers.send({ message: `${n}`, receiver: bob.id, id: newId() });
        await hers.has(10);
        line.become(state);
        await new Promise((resolve) => setTimeout(resolve, 500));
        line.become('open');
        await hers.has(COUNT);
        const history = async () => (await readHistory(ada.api, conversation.id)).map(({ id }) => id);
        const kept = await history();
        expect(kept).to.include.members(idsOf(hers.frames, true));
        await Promise.all([his, inIt].map((socket) => socket.has(kept.length)));
        // What was refused may have been stored by then all the same.
        await until(async () => (await history()).length === his.frames.length);
        for (const socket of [his, inIt]) expect(idsOf(socket.frames, false)).to.deep.equal(await history());
        expect(
          idsOf(hers.frames, false).filter((id) => id !== undefined && !kept.includes(id)),
        ).to.deep.equal([]);
      });
    }
  });
});
