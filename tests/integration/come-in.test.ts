// What coming into a conversation leaves behind when it does not come to its end, moment by moment.
import {
  createConversationModel,
  createMembershipModel,
  freshMembership,
} from '@parley/server/internal/features/conversations/index';
import { comeIn, FROM_ANYWHERE } from '@parley/server/internal/features/conversations/members/come-in';
import type { MembersParts } from '@parley/server/internal/features/conversations/members/parts';
import { ensureIndexes } from '@parley/server/internal/platform/mongo';
import { deferred, newId } from '@parley/shared';
import { expect } from 'chai';
import { startTestStore, type TestStore } from '../harness/test-store.js';

describe('coming in', () => {
  let store: TestStore;
  let parts: MembersParts;
  /** Who is asked for where history begins, in turn. */
  let starts: (() => Promise<number>)[];
  before(async () => {
    store = await startTestStore();
    parts = {
      conversations: createConversationModel(store.connection),
      memberships: createMembershipModel(store.connection),
      users: { find: async (id: string) => (id === 'gone' ? null : { _id: id }) } as never,
      hiddenFrom: async () => new Set(),
      publish: async () => undefined,
      say: async () => undefined,
      onMembershipChanged: async () => undefined,
      historyStart: async () => (await starts.shift()?.()) ?? 0,
    };
    await ensureIndexes(store.connection);
  });
  after(() => store.close());
  beforeEach(() => {
    starts = [];
  });

  const empty = async (more: object = {}): Promise<string> => {
    const now = new Date();
    const { _id } = await parts.conversations.create({
      ...{ _id: newId(), kind: 'group', visibility: 'public', createdBy: 'ada', history: 'fromJoin' },
      ...{ createdAt: now, activeAt: now, ...more },
    });
    return _id;
  };
  const enter = (conversationId: string, userId: string): Promise<boolean | null> =>
    comeIn(parts, { conversationId, userId }, { by: userId, from: FROM_ANYWHERE });
  const countsOf = async (id: string) =>
    await parts.conversations.findById(id).select({ _id: 0, memberCount: 1, ownerCount: 1 }).lean();
  const rolesIn = async (conversation: string): Promise<string[][]> =>
    (await parts.memberships.find({ conversation, state: 'member' }).lean()).map(({ user, role }) => [
      user,
      role,
    ]);

  it('makes whoever came second the owner where the first, who took the first place, does not come', async () => {
    const id = await empty();
    const [reached, fails] = [deferred<void>(), deferred<number>()];
    starts = [
      () => {
        reached.resolve();
        return fails.promise;
      },
    ];
    const first = enter(id, 'ada').catch((error: unknown) => error);
    await reached.promise;
    expect(await enter(id, 'bob')).to.equal(true);
    expect(await rolesIn(id)).to.deep.equal([['bob', 'member']]);
    fails.reject(new Error('no history'));
    expect(await first).to.have.property('message', 'no history');
    expect(await rolesIn(id)).to.deep.equal([['bob', 'owner']]);
    expect(await countsOf(id)).to.deep.equal({ memberCount: 1, ownerCount: 1 });
  });

  it('leaves nobody in it whose account, or which, ended meanwhile', async () => {
    const id = await empty();
    await enter(id, 'bob');
    expect(await enter(id, 'gone').catch(({ code }) => code)).to.equal('NOT_FOUND');
    starts = [
      async () => {
        await parts.conversations.updateOne({ _id: id }, { $set: { deletedAt: new Date() } });
        return 0;
      },
    ];
    expect(await enter(id, 'ada').catch(({ code }) => code)).to.equal('NOT_FOUND');
    expect(await rolesIn(id)).to.deep.equal([['bob', 'owner']]);
    expect(await countsOf(id)).to.deep.equal({ memberCount: 1, ownerCount: 1 });
  });

  it('lets nobody in who is banned between the look and the write', async () => {
    const id = await empty();
    await enter(id, 'bob');
    starts = [
      async () => {
        const who = { _id: newId(), conversation: id, user: 'ada', joinedAt: new Date() };
        await parts.memberships.create({ ...freshMembership, ...who, state: 'banned' });
        return 0;
      },
    ];
    expect(await enter(id, 'ada').catch(({ code }) => code)).to.equal('FORBIDDEN');
    expect(await countsOf(id)).to.deep.equal({ memberCount: 1, ownerCount: 1 });
  });
});
