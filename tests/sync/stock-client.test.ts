import { expect } from 'chai';
import {
  claimsOf,
  forgeToken,
  signUp,
  startTestServer,
  TEST_SECRET,
  type TestPerson,
  type TestServer,
} from '../harness/kit.js';
import { StockClient } from '../harness/stock-client.js';

describe('a stock WebsocketProvider', () => {
  let server: TestServer;
  let ada: TestPerson;
  let bob: TestPerson;
  let conversationId: string;

  before(async () => {
    server = await startTestServer();
    ada = await signUp(server, 'ada');
    bob = await signUp(server, 'bob');
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'Stock' });
    await bob.api.rooms.joinOrCreate.mutate({ name: 'stock' });
    conversationId = room.id;
  });

  after(() => server.close());

  const clientOf = (person: TestPerson, token = person.token): StockClient =>
    new StockClient({ wsUrl: server.wsUrl, conversationId, userId: person.id, token });

  const closing = (client: StockClient): Promise<{ code: number }> =>
    new Promise((resolve) => {
      client.provider.once('closed', (event: { code: number }) => resolve(event));
    });

  it('talks with another, and history has every word in order', async () => {
    using first = clientOf(ada);
    using second = clientOf(bob);
    await Promise.all([first.synced(), second.synced()]);
    for (let round = 1; round <= 10; round += 1) {
      first.say(`ping ${round}`);
      await second.sees(`ping ${round}`);
      second.say(`pong ${round}`);
      await first.sees(`pong ${round}`);
    }
    const { items } = await ada.api.messages.list.query({ conversationId });
    expect(items.map(({ text }) => text)).to.deep.equal(
      Array.from({ length: 10 }, (_, index) => [`ping ${index + 1}`, `pong ${index + 1}`]).flat(),
    );
    expect(items.map(({ seq }) => seq)).to.deep.equal(items.map((_, index) => index + 1));
    expect(items[0]?.author).to.include({ id: ada.id, username: ada.username });
  });

  it('sees what a procedure sends, at once', async () => {
    using client = clientOf(bob);
    await client.synced();
    const sent = await ada.api.messages.send.mutate({ conversationId, text: 'by procedure' });
    await client.sees('by procedure');
    expect(sent).to.include({ text: 'by procedure', conversationId });
  });

  it('sees the other’s presence under the verified name, and its end', async () => {
    using first = clientOf(ada);
    await first.synced();
    const second = clientOf(bob);
    try {
      await second.synced();
      const shown = new Promise<unknown>((resolve) => {
        first.provider.awareness.on('change', () => {
          const state = first.provider.awareness.getStates().get(second.doc.clientID);
          if (state?.typing === true) resolve(state);
        });
      });
      second.provider.awareness.setLocalState({ user: { id: ada.id, name: 'Ada herself' }, typing: true });
      expect(await shown).to.deep.include({ user: { id: bob.id, name: bob.username }, typing: true });
      const gone = new Promise<void>((resolve) => {
        first.provider.awareness.on('change', () => {
          if (!first.provider.awareness.getStates().has(second.doc.clientID)) resolve();
        });
      });
      second[Symbol.dispose]();
      await gone;
    } finally {
      second[Symbol.dispose]();
    }
  });

  it('sends after a reconnect what it wrote while it was away', async () => {
    using first = clientOf(ada);
    using second = clientOf(bob);
    await Promise.all([first.synced(), second.synced()]);
    first.provider.disconnect();
    first.say('from the train');
    second.say('meanwhile');
    first.provider.connect();
    await Promise.all([second.sees('from the train'), first.sees('meanwhile')]);
  });

  it('[K8] may type as fast as it likes while it connects', async () => {
    using first = clientOf(ada);
    using second = clientOf(bob);
    await Promise.all([first.synced(), second.synced()]);
    first.provider.disconnect();
    first.say('before');
    first.provider.on('status', ({ status }: { status: string }) => {
      if (status !== 'connected') return;
      for (let count = 1; count <= 40; count += 1) first.say(`typed ${count}`);
    });
    first.provider.connect();
    await second.sees('typed 40');
    expect(second.texts.filter((text) => text === 'before' || text.startsWith('typed'))).to.have.length(41);
    expect(first.provider.shouldConnect).to.equal(true);
  });

  it('[K1] [K2] gives up on a token that is refused, with the code that says why', async () => {
    const refresh = ada.tokens.refreshToken;
    const expired = forgeToken(
      { ...claimsOf(ada.token), exp: Math.floor(Date.now() / 1000) - 60 },
      TEST_SECRET,
    );
    for (const [token, code] of [
      ['', 4401],
      ['garbage', 4401],
      [refresh, 4401],
      [expired, 4401],
    ] as const) {
      using client = clientOf(ada, token);
      expect((await closing(client)).code).to.equal(code);
      expect(client.provider.shouldConnect, 'it must not come back').to.equal(false);
    }
  });

  it('[K1] is told apart: no member of a public room, and a conversation that is not', async () => {
    const eve = await signUp(server, 'eve');
    using outsider = clientOf(eve);
    expect((await closing(outsider)).code).to.equal(4403);
    using lost = new StockClient({
      wsUrl: server.wsUrl,
      conversationId: 'nowhere',
      userId: eve.id,
      token: eve.token,
    });
    expect((await closing(lost)).code).to.equal(4404);
  });

  it('[K2] is closed when its session ends, and stays away', async () => {
    const eve = await signUp(server, 'eve');
    await eve.api.rooms.joinOrCreate.mutate({ name: 'Stock' });
    using client = clientOf(eve);
    await client.synced();
    const closed = closing(client);
    await eve.api.auth.logout.mutate();
    expect((await closed).code).to.equal(4401);
    expect(client.provider.shouldConnect).to.equal(false);
    using again = clientOf(eve);
    expect((await closing(again)).code).to.equal(4401);
  });
});
