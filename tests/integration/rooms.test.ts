import { expect } from 'chai';
import { refusalOf, signUp, startTestServer, type TestServer } from '../harness/kit.js';

describe('rooms', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  describe('joinOrCreate', () => {
    it('makes a room once, and lets others in by its name', async () => {
      const [ada, bob] = [await signUp(server), await signUp(server)];
      const made = await ada.api.rooms.joinOrCreate.mutate({ name: '  The   Engine Room ' });
      expect(made).to.deep.include({ created: true });
      expect(made.room).to.deep.include({
        name: 'The Engine Room',
        memberCount: 1,
        joined: true,
        messageCount: 0,
      });
      const joined = await bob.api.rooms.joinOrCreate.mutate({ name: 'the engine room' });
      expect(joined.created).to.equal(false);
      expect(joined.room).to.deep.equal({ ...made.room, memberCount: 2 });
      expect(
        (await bob.api.rooms.joinOrCreate.mutate({ name: 'THE ENGINE ROOM' })).room.memberCount,
      ).to.equal(2);
    });

    it('is one room for twenty that race with every spelling of its name', async () => {
      const people = await Promise.all([signUp(server), signUp(server), signUp(server), signUp(server)]);
      const spellings = [
        'Caf\u00e9 Zo\u00eb',
        'Cafe\u0301 Zoe\u0308',
        'CAF\u00c9 ZO\u00cb',
        'cafe\u0301  zoe\u0308',
        '\uff23af\u00e9 Zo\u00eb',
      ];
      const joins = people.flatMap(({ api }) =>
        spellings.map((name) => api.rooms.joinOrCreate.mutate({ name })),
      );
      const outcomes = await Promise.all(joins);
      expect(outcomes).to.have.length(20);
      expect(new Set(outcomes.map(({ room }) => room.id)).size).to.equal(1);
      expect(outcomes.filter(({ created }) => created)).to.have.length(1);
      const [found] = (await people[0].api.rooms.list.query({ search: 'CAFE\u0301' })).items;
      expect(found?.memberCount).to.equal(4);
    });

    it('refuses a name without anything to read in it', async () => {
      const { api } = await signUp(server);
      for (const name of ['', '   ', 'a\u0000b', 'x'.repeat(81), 'left\u202eright']) {
        const refusal = await refusalOf(api.rooms.joinOrCreate.mutate({ name }));
        expect(refusal.code).to.equal('INVALID_INPUT');
        expect(refusal.fields).to.have.keys('name');
      }
    });

    it('starts whoever joins late with nothing unread', async () => {
      const [ada, bob] = [await signUp(server), await signUp(server)];
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'talked before' });
      await ada.api.messages.send.mutate({ conversationId: room.id, text: 'long ago' });
      await bob.api.rooms.joinOrCreate.mutate({ name: 'talked before' });
      const [atBob] = (await bob.api.conversations.list.query()).items;
      expect(atBob).to.deep.include({ id: room.id, messageCount: 1, unread: 0 });
    });
  });

  describe('list', () => {
    it('shows public rooms by activity, whether joined, and direct conversations never', async () => {
      await using own = await startTestServer();
      const [ada, bob] = [await signUp(own), await signUp(own)];
      await ada.api.conversations.start.mutate({ userId: bob.id });
      const names = ['alpha', 'beta', 'gamma', 'delta'];
      for (const name of names) await ada.api.rooms.joinOrCreate.mutate({ name });
      const beta = await bob.api.rooms.joinOrCreate.mutate({ name: 'beta' });
      await bob.api.messages.send.mutate({ conversationId: beta.room.id, text: 'anybody here?' });

      const first = await bob.api.rooms.list.query({ limit: 3 });
      expect(first.items.map(({ name }) => name)).to.deep.equal(['beta', 'delta', 'gamma']);
      expect(first.items.map(({ joined }) => joined)).to.deep.equal([true, false, false]);
      const rest = await bob.api.rooms.list.query({ limit: 3, cursor: first.nextCursor ?? '' });
      expect(rest.items.map(({ name }) => name)).to.deep.equal(['alpha']);
      expect(rest.nextCursor).to.equal(null);
    });

    it('shows private ones to those who are in them, where they are asked for, in the order of all', async () => {
      await using own = await startTestServer();
      const [ada, bob, eve] = [await signUp(own), await signUp(own), await signUp(own)];
      for (const name of ['one', 'two', 'three', 'four', 'five']) {
        const visibility = name === 'two' || name === 'four' ? 'private' : 'public';
        const history = name === 'two' ? 'fromJoin' : 'all';
        const { room } = await ada.api.rooms.joinOrCreate.mutate({ name, visibility, history });
        await ada.api.messages.send.mutate({ conversationId: room.id, text: `before, in ${name}` });
        if (visibility === 'private')
          await ada.api.rooms.addMember.mutate({ conversationId: room.id, userId: bob.id });
        await ada.api.messages.send.mutate({ conversationId: room.id, text: `in ${name}` });
      }
      const shown = async ({ api }: typeof ada, withPrivate: boolean) => {
        const all: [string, string[]][] = [];
        let cursor: string | undefined;
        do {
          const input = { withPrivate, recent: 2, limit: 2, ...(cursor && { cursor }) };
          const page = await api.rooms.list.query(input);
          all.push(
            ...page.items.map(({ name, recent }): [string, string[]] => [
              name,
              recent.map(({ text }) => text),
            ]),
          );
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        return all;
      };
      const both = (name: string): [string, string[]] => [name, [`before, in ${name}`, `in ${name}`]];
      const open = ['five', 'three', 'one'].map(both);
      for (const [who, withPrivate] of [
        [ada, false],
        [bob, false],
        [eve, true],
      ] as const)
        expect(await shown(who, withPrivate)).to.deep.equal(open);
      const all = ['five', 'four', 'three', 'two', 'one'].map(both);
      expect(await shown(ada, true)).to.deep.equal(all);
      expect(await shown(bob, true)).to.deep.equal(all.with(3, ['two', ['in two']]));
    });

    it('searches by how a name starts, whatever its signs would mean to a pattern', async () => {
      const { api } = await signUp(server);
      for (const name of ['C++ (advanced)', 'c+ basics', 'Csharp', '[draft] notes', '.*']) {
        await api.rooms.joinOrCreate.mutate({ name });
      }
      const found = async (search: string) =>
        (await api.rooms.list.query({ search })).items.map(({ name }) => name).sort();
      expect(await found('c+')).to.deep.equal(['C++ (advanced)', 'c+ basics']);
      expect(await found('C++ (')).to.deep.equal(['C++ (advanced)']);
      expect(await found('[')).to.deep.equal(['[draft] notes']);
      expect(await found('.*')).to.deep.equal(['.*']);
      expect(await found('^c')).to.deep.equal([]);
    });

    it('shows who is in them and what was said last, of those one may read', async () => {
      const [ada, bob] = [await signUp(server), await signUp(server)];
      const open = await ada.api.rooms.joinOrCreate.mutate({ name: 'shown: open', topic: 'all' });
      const fromNow = await ada.api.rooms.joinOrCreate.mutate({
        name: 'shown: from now',
        history: 'fromJoin',
      });
      await ada.api.messages.send.mutate({ conversationId: fromNow.room.id, text: 'not for those who come' });
      await ada.api.rooms.joinOrCreate.mutate({ name: 'shown: closed', visibility: 'private' });
      const { room: old } = await ada.api.rooms.joinOrCreate.mutate({ name: 'shown: old' });
      await ada.api.rooms.archive.mutate({ conversationId: old.id });
      await bob.api.rooms.joinOrCreate.mutate({ name: 'shown: open' });
      for (const text of ['one', 'two', 'three'])
        await ada.api.messages.send.mutate({ conversationId: open.room.id, text });
      const eve = await signUp(server);
      const { items } = await eve.api.rooms.list.query({ search: 'shown', recent: 2 });
      expect(items.map(({ name }) => name)).to.deep.equal(['shown: open', 'shown: from now']);
      const [shown, silent] = items;
      expect(silent?.recent).to.deep.equal([]);
      expect(shown?.participants.map(({ id }) => id)).to.deep.equal([ada.id, bob.id]);
      expect(shown?.recent.map(({ text }) => text)).to.deep.equal(['two', 'three']);
      expect(shown).to.include({ topic: 'all', joined: false, memberCount: 2 });
      expect((await eve.api.rooms.list.query({ search: 'shown' })).items[0]?.recent).to.deep.equal([]);
      const archived = await eve.api.rooms.list.query({ search: 'shown', archived: true });
      expect(archived.items.map(({ id }) => id)).to.deep.equal([old.id]);
    });
  });

  it('that are private are known by their name alone, and open to whoever is invited', async () => {
    const [ada, bob] = [await signUp(server), await signUp(server)];
    const { room, created } = await ada.api.rooms.joinOrCreate.mutate({
      name: 'Hidden',
      visibility: 'private',
    });
    expect(created).to.equal(true);
    const conversationId = room.id;
    const taken = await refusalOf(bob.api.rooms.joinOrCreate.mutate({ name: 'hidden' }));
    expect([taken.code, taken.fields]).to.deep.equal(['CONFLICT', { name: ['is taken'] }]);
    expect((await refusalOf(bob.api.rooms.get.query({ conversationId }))).code).to.equal('NOT_FOUND');
    await ada.api.rooms.invite.mutate({ conversationId, userId: bob.id });
    const joined = await bob.api.rooms.joinOrCreate.mutate({ name: 'hidden', visibility: 'public' });
    expect(joined.room).to.deep.include({ id: conversationId, joined: true, memberCount: 2 });
    expect(joined.room.settings.visibility).to.equal('private');
    expect((await refusalOf(bob.api.groups.get.query({ conversationId }))).code).to.equal('FORBIDDEN');
    const { items } = await ada.api.messages.list.query({ conversationId });
    expect(items).to.deep.equal([]);
    // Deleted, the name is free.
    await ada.api.rooms.delete.mutate({ conversationId });
    expect((await bob.api.rooms.joinOrCreate.mutate({ name: 'hidden' })).created).to.equal(true);
  });
});
