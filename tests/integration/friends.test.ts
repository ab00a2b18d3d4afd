// How people become friends and get rid of each other, whatever both do at once, and who is suggested to whom.
import { expect } from 'chai';
import { refusalOf, signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';

describe('friends', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const pair = async (): Promise<[TestPerson, TestPerson]> =>
    await Promise.all([signUp(server), signUp(server)]);
  const ids = async (person: TestPerson, state: 'friends' | 'received' | 'sent' | 'blocked' = 'friends') =>
    (await person.api.friends.list.query({ state })).items.map((item) => item.person.id);
  const befriend = async (one: TestPerson, other: TestPerson): Promise<void> => {
    await one.api.friends.request.mutate({ userId: other.id });
    await other.api.friends.accept.mutate({ userId: one.id });
  };
  const codeOf = async (call: Promise<unknown>): Promise<string | null> => (await refusalOf(call)).code;

  it('asks, is asked, and says yes; both see the same', async () => {
    const [ada, bob] = await pair();
    expect(await ada.api.friends.request.mutate({ userId: bob.id })).to.deep.equal({
      userId: bob.id,
      state: 'sent',
    });
    expect(await ada.api.friends.request.mutate({ userId: bob.id })).to.include({ state: 'sent' });
    expect([await ids(ada, 'sent'), await ids(bob, 'received')]).to.deep.equal([[bob.id], [ada.id]]);
    expect([await ids(ada), await ids(bob)]).to.deep.equal([[], []]);
    expect(await codeOf(ada.api.friends.accept.mutate({ userId: bob.id }))).to.equal('NOT_FOUND');
    for (let twice = 0; twice < 2; twice += 1)
      expect(await bob.api.friends.accept.mutate({ userId: ada.id })).to.include({ state: 'friends' });
    expect([await ids(ada), await ids(bob)]).to.deep.equal([[bob.id], [ada.id]]);
    expect([await ids(ada, 'sent'), await ids(bob, 'received')]).to.deep.equal([[], []]);
    expect(await bob.api.friends.remove.mutate({ userId: ada.id })).to.include({ state: 'none' });
    expect([await ids(ada), await ids(bob)]).to.deep.equal([[], []]);
    expect(await codeOf(ada.api.friends.remove.mutate({ userId: bob.id }))).to.equal('NOT_FOUND');
  });

  it('takes a request back, or declines it', async () => {
    const [ada, bob] = await pair();
    await ada.api.friends.request.mutate({ userId: bob.id });
    expect(await codeOf(bob.api.friends.cancel.mutate({ userId: ada.id }))).to.equal('NOT_FOUND');
    await ada.api.friends.cancel.mutate({ userId: bob.id });
    expect(await ids(bob, 'received')).to.deep.equal([]);
    await ada.api.friends.request.mutate({ userId: bob.id });
    await bob.api.friends.decline.mutate({ userId: ada.id });
    expect(await ids(ada, 'sent')).to.deep.equal([]);
    expect(await codeOf(bob.api.friends.decline.mutate({ userId: ada.id }))).to.equal('NOT_FOUND');
  });

  it('makes friends of two who ask each other at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [ada, bob] = await pair();
      const outcomes = await Promise.all([
        ada.api.friends.request.mutate({ userId: bob.id }),
        bob.api.friends.request.mutate({ userId: ada.id }),
      ]);
      expect(outcomes.map(({ state }) => state)).to.include('friends');
      expect([await ids(ada), await ids(bob)]).to.deep.equal([[bob.id], [ada.id]]);
    }
  });

  it('is in one state for both, whatever many do at once', async () => {
    const [ada, bob] = await pair();
    const acts = ['request', 'accept', 'decline', 'cancel', 'remove', 'block', 'unblock'] as const;
    for (let round = 0; round < 8; round += 1) {
      await Promise.allSettled(
        acts.flatMap((act) => [
          ada.api.friends[act].mutate({ userId: bob.id }),
          bob.api.friends[act].mutate({ userId: ada.id }),
        ]),
      );
      const [left, right] = await Promise.all(
        [ada, bob].map(async (person) => ({
          friends: (await ids(person)).length,
          sent: (await ids(person, 'sent')).length,
          received: (await ids(person, 'received')).length,
          blocked: (await ids(person, 'blocked')).length,
        })),
      );
      expect([left?.friends, left?.sent, left?.received]).to.deep.equal([
        right?.friends,
        right?.received,
        right?.sent,
      ]);
      if ((left?.blocked ?? 0) + (right?.blocked ?? 0) > 0) expect(left?.friends).to.equal(0);
      await Promise.allSettled([
        ada.api.friends.unblock.mutate({ userId: bob.id }),
        bob.api.friends.unblock.mutate({ userId: ada.id }),
      ]);
      const state = (await ada.api.friends.request.mutate({ userId: bob.id })).state;
      expect(['sent', 'friends']).to.include(state);
    }
  });

  it('hides both from each other while one blocks: profile, search, requests, suggestions, new conversations', async () => {
    const [ada, bob] = await pair();
    await befriend(ada, bob);
    for (const person of [ada, bob]) await person.api.users.update.mutate({ interests: ['blocking'] });
    const { items } = await ada.api.users.list.query({ search: bob.username });
    expect(items.map(({ id }) => id)).to.deep.equal([bob.id]);
    expect(await ada.api.friends.block.mutate({ userId: bob.id })).to.include({ state: 'blocked' });
    expect([await ids(ada), await ids(bob), await ids(ada, 'blocked')]).to.deep.equal([[], [], [bob.id]]);
    expect(await ids(bob, 'blocked')).to.deep.equal([]);
    for (const [one, other] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      expect((await one.api.users.list.query({ search: other.username })).items).to.deep.equal([]);
      expect(await codeOf(one.api.users.get.query({ userId: other.id }))).to.equal('NOT_FOUND');
      expect(await codeOf(one.api.conversations.start.mutate({ userId: other.id }))).to.equal('NOT_FOUND');
      expect(
        (await one.api.friends.suggestions.query({})).items.map(({ person }) => person.id),
      ).not.to.include(other.id);
    }
    expect(await codeOf(bob.api.friends.request.mutate({ userId: ada.id }))).to.equal('NOT_FOUND');
    expect(await codeOf(ada.api.friends.request.mutate({ userId: bob.id }))).to.equal('CONFLICT');
    expect(await codeOf(bob.api.friends.unblock.mutate({ userId: ada.id }))).to.equal('NOT_FOUND');
    await bob.api.friends.block.mutate({ userId: ada.id });
    await ada.api.friends.unblock.mutate({ userId: bob.id });
    expect(await codeOf(ada.api.friends.request.mutate({ userId: bob.id }))).to.equal('NOT_FOUND');
    await bob.api.friends.unblock.mutate({ userId: ada.id });
    expect(await ada.api.friends.request.mutate({ userId: bob.id })).to.include({ state: 'sent' });
  });

  it('has nothing to do with oneself, nor with nobody', async () => {
    const ada = await signUp(server);
    expect(await codeOf(ada.api.friends.request.mutate({ userId: ada.id }))).to.equal('INVALID_INPUT');
    expect(await codeOf(ada.api.friends.block.mutate({ userId: 'nobody' }))).to.equal('NOT_FOUND');
  });

  it('lists many, the newest first, page by page', async () => {
    const ada = await signUp(server);
    const others = [];
    for (let count = 0; count < 7; count += 1) {
      const other = await signUp(server);
      await befriend(ada, other);
      others.unshift(other.id);
    }
    const found: string[] = [];
    for (let cursor: string | undefined, more = true; more; ) {
      const page = await ada.api.friends.list.query({ limit: 3, ...(cursor && { cursor }) });
      found.push(...page.items.map(({ person }) => person.id));
      more = page.nextCursor !== null;
      cursor = page.nextCursor ?? undefined;
    }
    expect(found).to.deep.equal(others);
  });

  it('suggests whom one shares most with, says why, and the same twice', async () => {
    const people = await Promise.all(Array.from({ length: 7 }, () => signUp(server)));
    const [me, friend, both, mutual, likes, hidden, asked] = people;
    if (!me || !friend || !both || !mutual || !likes || !hidden || !asked) throw new Error('nobody came');
    await me.api.users.update.mutate({ interests: ['Climbing walls', 'Old maps'] });
    for (const person of [both, likes, hidden, asked])
      await person.api.users.update.mutate({ interests: ['climbing  WALLS'] });
    await both.api.users.update.mutate({ interests: ['climbing walls', 'old maps'] });
    await hidden.api.users.update.mutate({ isListed: false });
    for (const person of [me, both, mutual]) await befriend(friend, person);
    await asked.api.friends.request.mutate({ userId: me.id });
    const { room } = await me.api.rooms.joinOrCreate.mutate({ name: `suggestions ${me.id}` });
    for (const person of [both, likes]) await person.api.rooms.joinOrCreate.mutate({ name: room.name ?? '' });
    const { items } = await me.api.friends.suggestions.query({});
    expect(items.map(({ person, score }) => [person.id, score])).to.deep.equal([
      [both.id, 8],
      ...[
        [mutual.id, 3],
        [likes.id, 3],
      ].sort(([left = ''], [right = '']) => (left < right ? -1 : 1)),
    ]);
    expect(items[0]?.reasons).to.deep.equal([
      { type: 'mutualFriends', count: 1, userIds: [friend.id] },
      { type: 'interests', interests: ['Climbing walls', 'Old maps'] },
      { type: 'conversations', count: 1, conversationIds: [room.id] },
    ]);
    expect(await me.api.friends.suggestions.query({})).to.deep.equal({ items });
    expect((await me.api.friends.suggestions.query({ limit: 1 })).items).to.deep.equal(items.slice(0, 1));
    expect((await (await signUp(server)).api.friends.suggestions.query({})).items).to.deep.equal([]);
  });
});
