import { expect } from 'chai';
import { refusalOf, signUp, startTestServer, type TestServer } from '../harness/kit.js';

describe('conversations', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  describe('start', () => {
    it('opens one conversation for both, each seeing the other as its peer', async () => {
      const [ada, bob] = [await signUp(server, 'ada'), await signUp(server, 'bob')];
      const first = await ada.api.conversations.start.mutate({ userId: bob.id });
      const again = await bob.api.conversations.start.mutate({ userId: ada.id });
      expect(first.created).to.equal(true);
      expect(again.created).to.equal(false);
      expect(again.conversation.id).to.equal(first.conversation.id);
      expect(first.conversation).to.deep.include({
        kind: 'direct',
        name: null,
        lastMessage: null,
        unread: 0,
      });
      expect(first.conversation.peer).to.deep.equal({
        id: bob.id,
        username: bob.username,
        name: bob.username,
      });
      expect(again.conversation.peer?.id).to.equal(ada.id);
    });

    it('makes exactly one of twenty that race from both ends', async () => {
      const [ada, bob] = [await signUp(server), await signUp(server)];
      const started = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          index % 2 === 0
            ? ada.api.conversations.start.mutate({ userId: bob.id })
            : bob.api.conversations.start.mutate({ userId: ada.id }),
        ),
      );
      expect(new Set(started.map(({ conversation }) => conversation.id)).size).to.equal(1);
      expect(started.filter(({ created }) => created)).to.have.length(1);
      for (const person of [ada, bob]) {
        expect((await person.api.conversations.list.query()).items).to.have.length(1);
      }
    });

    it('refuses oneself, and people who do not exist', async () => {
      const { api, id } = await signUp(server);
      const self = await refusalOf(api.conversations.start.mutate({ userId: id }));
      expect(self).to.include({ code: 'INVALID_INPUT', httpStatus: 400 });
      expect(self.fields).to.have.keys('userId');
      const nobody = await refusalOf(
        api.conversations.start.mutate({ userId: '01HZZZZZZZZZZZZZZZZZZZZZZZ' }),
      );
      expect(nobody).to.include({ code: 'NOT_FOUND', httpStatus: 404 });
    });
  });

  describe('list', () => {
    it('shows the newest activity first, with last message and what is unread', async () => {
      const [ada, bob, eve] = [await signUp(server), await signUp(server), await signUp(server)];
      const { conversation: older } = await ada.api.conversations.start.mutate({ userId: bob.id });
      const { conversation: newer } = await ada.api.conversations.start.mutate({ userId: eve.id });
      await ada.api.messages.send.mutate({ conversationId: newer.id, text: 'hello eve' });
      await ada.api.messages.send.mutate({ conversationId: older.id, text: 'one' });
      const two = await ada.api.messages.send.mutate({ conversationId: older.id, text: 'two' });

      const { items } = await ada.api.conversations.list.query();
      expect(items.map(({ id }) => id)).to.deep.equal([older.id, newer.id]);
      expect(items[0]?.lastMessage).to.deep.equal(two);
      const [atBob] = (await bob.api.conversations.list.query()).items;
      expect(atBob).to.deep.include({ messageCount: 2, unread: 2 });
    });

    it('pages through all of them, each once, and takes no cursor of another list', async () => {
      const ada = await signUp(server);
      const ids: string[] = [];
      for (let index = 0; index < 7; index += 1) {
        const peer = await signUp(server);
        ids.push((await ada.api.conversations.start.mutate({ userId: peer.id })).conversation.id);
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await ada.api.conversations.list.query({
          limit: 3,
          ...(cursor === undefined ? {} : { cursor }),
        });
        expect(page.items.length).to.be.at.most(3);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).to.deep.equal(ids.reverse());

      const { nextCursor } = await ada.api.conversations.list.query({ limit: 1 });
      const refusal = await refusalOf(ada.api.rooms.list.query({ cursor: nextCursor ?? '' }));
      expect(refusal.fields).to.have.keys('cursor');
    });

    it('shows nobody the conversations of others', async () => {
      const [ada, bob, eve] = [await signUp(server), await signUp(server), await signUp(server)];
      await ada.api.conversations.start.mutate({ userId: bob.id });
      expect((await eve.api.conversations.list.query()).items).to.deep.equal([]);
    });
  });
});
