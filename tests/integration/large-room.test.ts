import { limits } from '@parley/shared';
import { expect } from 'chai';
import { refusalOf, signUp, type TestPerson } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

interface Row {
  readonly _id: string;
  readonly [field: string]: unknown;
}

const MEMBERS = 10_000;
const CONVERSATIONS = 2_000;

describe('very many', () => {
  let on: ServerOnStore;
  let ada: TestPerson;
  before(async () => {
    on = await startServerOnStore('large-room');
    ada = await signUp(on.server, 'ada');
  });
  after(() => on.close());

  const rows = (name: string) => on.database.collection<Row>(name);
  const insert = async (name: string, all: readonly Row[]): Promise<void> => {
    for (let from = 0; from < all.length; from += 1_000)
      await rows(name).insertMany(all.slice(from, from + 1_000));
  };
  const placeOf = (conversation: string, user: string, more: object = {}): Row => ({
    ...{ _id: `${conversation}-${user}`, conversation, user, role: 'member', state: 'member' },
    ...{ joinedAt: new Date(), lastReadSeq: 0, sinceSeq: 0, silenced: false, mutedUntil: null },
    ...{ invitedBy: null, pinnedAt: null, archivedAt: null, hidden: false, ...more },
  });

  describe(`members of a room: ${MEMBERS}`, () => {
    let conversationId: string;
    before(async () => {
      conversationId = (await ada.api.rooms.joinOrCreate.mutate({ name: 'everybody' })).room.id;
      const members = Array.from({ length: MEMBERS }, (_, index) => placeOf(conversationId, `m${index}`));
      await insert('memberships', members);
    });

    it('a message writes a handful of rows, and none of any member but its author', async () => {
      const counts = async (): Promise<number> => {
        let sum = 0;
        for (const { name } of await on.database.listCollections()) sum += await rows(name).countDocuments();
        return sum;
      };
      const members = async (): Promise<Map<string, string>> =>
        new Map(
          (await rows('memberships').find({ conversation: conversationId }).toArray()).map((row) => [
            String(row.user),
            JSON.stringify(row),
          ]),
        );
      const [countBefore, before] = [await counts(), await members()];
      await ada.api.messages.send.mutate({ conversationId, text: 'hello, all of you' });
      const after = await members();
      const changed = [...after].filter(([user, row]) => before.get(user) !== row).map(([user]) => user);
      expect(changed).to.deep.equal([ada.id]);
      expect((await counts()) - countBefore).to.be.within(1, 10);
    });

    it('are listed page by page', async () => {
      const first = await ada.api.conversations.participants.query({ conversationId, limit: 100 });
      expect(first.nextCursor).to.not.equal(null);
      const owners = await ada.api.conversations.participants.query({ conversationId, role: 'owner' });
      expect(owners.items.map(({ person }) => person.id)).to.deep.equal([ada.id]);
    });
  });

  it(`what is unread in ${CONVERSATIONS} conversations is one question, by indexes`, async () => {
    const bob = await signUp(on.server, 'bob');
    const at = new Date();
    const conversations = Array.from(
      { length: CONVERSATIONS },
      (_, index): Row => ({
        ...{ _id: `c${index}`, kind: 'room', name: `c${index}`, nameKey: `c${index}`, visibility: 'private' },
        ...{ createdBy: 'x', createdAt: at, activeAt: new Date(at.getTime() + index), lastMessage: null },
        ...{ messageCount: index % 10, erasedSeq: index % 50 === 9 ? 9 : 0, deletedAt: null, topic: '' },
        ...{ approval: false, history: 'all', announces: false, capacity: null, memberCount: 1 },
        ...{ slowModeMs: 0, retentionDays: null, archivedAt: null },
      }),
    );
    await insert('conversations', conversations);
    await insert(
      'memberships',
      conversations.map(({ _id }, index) => placeOf(_id, bob.id, { lastReadSeq: index % 3 })),
    );
    const expected = conversations.reduce((sum, { messageCount, erasedSeq }, index) => {
      const read = Math.max(index % 3, Number(erasedSeq));
      return sum + Math.max(0, Number(messageCount) - read);
    }, 0);
    expect((await bob.api.auth.me.query()).unread).to.equal(expected);
    const plan = await rows('memberships').find({ user: bob.id, state: 'member' }).explain();
    expect(JSON.stringify(plan.queryPlanner)).to.include('IXSCAN').and.not.include('COLLSCAN');

    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await bob.api.conversations.list.query({ limit: 100, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).to.deep.equal(conversations.map(({ _id }) => _id).reverse());
  });

  it('nobody comes into more than so many', async () => {
    const eve = await signUp(on.server, 'eve');
    const most = limits.conversationsPerPerson.value;
    await insert(
      'memberships',
      Array.from({ length: most - 1 }, (_, index) => placeOf(`elsewhere${index}`, eve.id)),
    );
    await eve.api.rooms.joinOrCreate.mutate({ name: 'the last one' });
    await ada.api.rooms.joinOrCreate.mutate({ name: 'one more' });
    const refusal = await refusalOf(eve.api.rooms.joinOrCreate.mutate({ name: 'one more' }));
    expect(refusal.code).to.equal('CONFLICT');
    const making = await refusalOf(eve.api.groups.create.mutate({ name: 'mine', members: [] }));
    expect(making.code).to.equal('CONFLICT');
  });
});
