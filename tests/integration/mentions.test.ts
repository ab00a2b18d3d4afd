// Who is mentioned in history while one of two has blocked the other: by procedure, and typed into the live document.
import { appendMessage, readMessages } from '@parley/shared';
import { expect } from 'chai';
import { segmentOf } from '../harness/guard-bench.js';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { StockClient } from '../harness/stock-client.js';

describe('mentions under a block', () => {
  let server: TestServer;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let conversationId: string;

  before(async () => {
    server = await startTestServer();
    [ada, bob, eve] = await Promise.all([
      signUp(server, 'ada'),
      signUp(server, 'bob'),
      signUp(server, 'eve'),
    ]);
    conversationId = (await ada.api.rooms.joinOrCreate.mutate({ name: 'Mentions' })).room.id;
    for (const person of [bob, eve]) await person.api.rooms.joinOrCreate.mutate({ name: 'mentions' });
  });
  after(() => server.close());

  const history = async (id: string) => {
    const { items } = await bob.api.messages.list.query({ conversationId, limit: 100 });
    return items.find((message) => message.id === id);
  };
  const clientOf = ({ id: userId, token }: TestPerson): StockClient =>
    new StockClient({ wsUrl: server.wsUrl, conversationId, userId, token });
  const everybody = () => [bob.id, eve.id];

  for (const direction of ['is blocked by the author', 'has blocked the author'] as const) {
    describe(`of one who ${direction}`, () => {
      const [blocker, blocked] =
        direction === 'is blocked by the author' ? [() => ada, () => bob] : [() => bob, () => ada];
      before(() => blocker().api.friends.block.mutate({ userId: blocked().id }));
      after(() => blocker().api.friends.unblock.mutate({ userId: blocked().id }));

      it('[C14] are left out of what a procedure sends and edits, and others stay', async () => {
        const text = `@bob @eve, ${direction}`;
        const sent = await ada.api.messages.send.mutate({ conversationId, text, mentions: everybody() });
        expect(sent).to.deep.include({ text, mentions: [eve.id] });
        const ref = { conversationId, id: sent.id };
        const bare = await ada.api.messages.edit.mutate({ ...ref, text });
        expect(bare.mentions).to.deep.equal([]);
        const edited = await ada.api.messages.edit.mutate({ ...ref, text, mentions: everybody() });
        expect(edited).to.deep.include({ text, mentions: [eve.id] });
        expect(await history(sent.id)).to.deep.equal(edited);
      });

      it('[C14] are left out of what a stock client types and edits; the document has them as written', async () => {
        using writer = clientOf(ada);
        using reader = clientOf(bob);
        await Promise.all([writer.synced(), reader.synced()]);
        const text = `typed, ${direction}`;
        const { id } = appendMessage(writer.doc, { author: ada.id, text, mentions: everybody() });
        await reader.sees(text);
        expect(await history(id)).to.deep.include({ text, mentions: [eve.id] });
        const mentions = [...everybody(), 'nobody'];
        const edit = { v: 1, type: 'edit', message: id, author: ada.id, text: `${text}, edited`, mentions };
        segmentOf(writer.doc).edits.set(id, { ...edit, editedAt: Date.now() });
        await reader.sees(edit.text);
        expect(await history(id)).to.deep.include({ text: edit.text, mentions: [eve.id, 'nobody'] });
        expect(readMessages(reader.doc).find((message) => message.id === id)).to.deep.include({ mentions });
      });
    });
  }

  it('[C14] stay where they were written before the block, and come back after it', async () => {
    const send = () => ada.api.messages.send.mutate({ conversationId, text: '@bob', mentions: [bob.id] });
    const before = await send();
    await bob.api.friends.block.mutate({ userId: ada.id });
    const meanwhile = await send();
    await bob.api.friends.unblock.mutate({ userId: ada.id });
    const later = await send();
    expect([before, meanwhile, later].map(({ mentions }) => mentions)).to.deep.equal([
      [bob.id],
      [],
      [bob.id],
    ]);
    expect((await history(before.id))?.mentions).to.deep.equal([bob.id]);
  });
});
