// What `auth.me` tells of where one is: memberships, and how much is unread.
import { limits } from '@parley/shared';
import { expect } from 'chai';
import type { Api } from '../harness/api.js';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { StockClient } from '../harness/stock-client.js';

/** Summed over what the list says of each conversation. */
const unreadInList = async (api: Api): Promise<number> => {
  let sum = 0;
  for (let cursor: string | undefined, more = true; more; ) {
    const page = await api.conversations.list.query({ limit: 2, ...(cursor !== undefined && { cursor }) });
    for (const { unread } of page.items) sum += unread;
    more = page.nextCursor !== null;
    cursor = page.nextCursor ?? undefined;
  }
  return sum;
};

describe('auth.me', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const room = async ({ api }: TestPerson, name: string): Promise<string> =>
    (await api.rooms.joinOrCreate.mutate({ name })).room.id;

  const say = async ({ api }: TestPerson, conversationId: string, count: number): Promise<void> => {
    for (let nth = 1; nth <= count; nth += 1)
      await api.messages.send.mutate({ conversationId, text: `message ${nth}` });
  };

  it('tells somebody new that they are nowhere', async () => {
    const me = await (await signUp(server)).api.auth.me.query();
    expect(me.memberships).to.deep.equal({ items: [], hasMore: false });
    expect(me.unread).to.equal(0);
  });

  it('tells where one is, the newest-joined first, with one’s role, and not where one has left', async () => {
    const [ada, bob] = [await signUp(server), await signUp(server)];
    const own = await room(ada, 'overview own');
    await room(bob, 'overview of bob');
    const joined = await room(ada, 'overview of bob');
    const left = await room(ada, 'overview left');
    await ada.api.rooms.leave.mutate({ conversationId: left });
    const { conversation } = await bob.api.conversations.start.mutate({ userId: ada.id });
    const { memberships } = await ada.api.auth.me.query();
    expect(memberships).to.deep.equal({
      items: [
        { conversationId: conversation.id, role: 'member' },
        { conversationId: joined, role: 'member' },
        { conversationId: own, role: 'owner' },
      ],
      hasMore: false,
    });
  });

  it('sums what is unread as the list tells it of each conversation, at once', async () => {
    const [ada, bob] = [await signUp(server), await signUp(server)];
    const first = await room(ada, 'unread first');
    await say(ada, first, 3);
    // Read up to here: whoever joins late starts with nothing unread.
    await room(bob, 'unread first');
    const second = await room(bob, 'unread second');
    await room(ada, 'unread second');
    const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
    const left = await room(bob, 'unread left');
    await room(ada, 'unread left');
    expect((await bob.api.auth.me.query()).unread).to.equal(0);
    await say(ada, first, 2);
    await say(ada, conversation.id, 4);
    await say(ada, left, 5);
    await bob.api.rooms.leave.mutate({ conversationId: left });
    expect((await bob.api.auth.me.query()).unread).to.equal(6);
    await say(ada, second, 1);
    // What one says oneself is read, and everything before it.
    await say(bob, conversation.id, 1);
    expect((await bob.api.auth.me.query()).unread).to.equal(3);
    expect(await unreadInList(bob.api)).to.equal(3);
    expect((await ada.api.auth.me.query()).unread).to.equal(await unreadInList(ada.api));
  });

  it('counts what came through a socket as soon as others see it', async () => {
    const [ada, bob] = [await signUp(server), await signUp(server)];
    const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
    const enter = ({ id: userId, token }: TestPerson) =>
      new StockClient({ wsUrl: server.wsUrl, conversationId: conversation.id, userId, token });
    using atAda = enter(ada);
    using atBob = enter(bob);
    await Promise.all([atAda.synced(), atBob.synced()]);
    for (let nth = 1; nth <= 3; nth += 1) {
      atAda.say(`word ${nth}`);
      await atBob.until(() => atBob.texts.length === nth);
      expect((await bob.api.auth.me.query()).unread).to.equal(nth);
    }
    expect((await ada.api.auth.me.query()).unread).to.equal(0);
  });

  it('names a hundred memberships, says that there are more, and counts in all of them', async () => {
    const [ada, bob] = [await signUp(server), await signUp(server)];
    const shown = limits.membershipsShown.value;
    const ids: string[] = [];
    for (let nth = 0; nth < shown; nth += 1) ids.push(await room(ada, `many ${nth}`));
    expect((await ada.api.auth.me.query()).memberships).to.include({ hasMore: false });
    ids.push(await room(ada, 'many, one more'));
    await room(bob, 'many 0');
    await say(bob, ids[0] ?? '', 2);
    const { memberships, unread } = await ada.api.auth.me.query();
    expect(memberships.hasMore).to.equal(true);
    const named = memberships.items.map(({ conversationId }) => conversationId);
    expect(named).to.deep.equal(ids.slice(1).reverse());
    expect(unread).to.equal(2);
  });
});
