import { newId } from '@parley/shared';
import { expect } from 'chai';
import { createApi, createDataDir, signUp, spawnTestServer } from '../harness/kit.js';
import { startTestStore } from '../harness/test-store.js';

interface Row {
  readonly _id: string;
}

describe('search after a server was killed', () => {
  it('finds what was said, edited and deleted last, though no word of it was written down yet', async () => {
    const store = await startTestStore();
    const database = store.connection.useDb('search-kill');
    await using dataDir = await createDataDir();
    const uri = new URL(store.uri);
    uri.pathname = '/search-kill';
    const start = () =>
      spawnTestServer(dataDir.path, {
        MONGODB_URI: uri.href,
        PARLEY_TEST_OPTIONS: JSON.stringify({ port: 0, bcryptCost: 4, rateLimits: false }),
      });
    let server = await start();
    const ada = await signUp(server, 'ada');
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'Words' });
    const conversationId = room.id;
    const [kept, edited, deleted] = [newId(), newId(), newId()];
    for (const id of [kept, edited, deleted])
      await ada.api.messages.send.mutate({ conversationId, id, text: 'a needle' });
    await ada.api.messages.edit.mutate({ conversationId, id: edited, text: 'a haystack' });
    await ada.api.messages.delete.mutate({ conversationId, id: deleted });
    await server.kill('SIGKILL');
    const known = await database.collection<Row>('message_terms').countDocuments();
    expect(known, 'the words come later than the messages').to.equal(0);

    server = await start();
    try {
      // The index has to come to it by itself: a search would bring what was noted along.
      while ((await database.collection<Row>('message_terms').countDocuments()) < 2)
        await new Promise((resolve) => setTimeout(resolve, 20));
      const api = createApi(server.url, ada.token);
      const found = async (text: string) =>
        (await api.messages.search.query({ conversationId, text })).items.map(({ message }) => message.id);
      expect(await found('needle')).to.deep.equal([kept]);
      expect(await found('haystack')).to.deep.equal([edited]);
    } finally {
      await server.kill('SIGKILL');
      await database.dropDatabase();
      await store.close();
    }
  });
});
