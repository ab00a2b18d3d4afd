// How far suggestions look where there is very much to see, and that they look no further.

import { createModels, type Models } from '@parley/server/internal/app/store';
import { createSharedConversations } from '@parley/server/internal/features/conversations/index';
import {
  createFriendsService,
  createHiddenFrom,
  createStandings,
  type FriendsService,
} from '@parley/server/internal/features/friends/index';
import { createSharedProjects } from '@parley/server/internal/features/projects/index';
import { interestFields, nameFields } from '@parley/server/internal/features/users/account-fields';
import { createUsersService } from '@parley/server/internal/features/users/index';
import { connectMongo, ensureIndexes } from '@parley/server/internal/platform/mongo';
import { newId } from '@parley/shared';
import { expect } from 'chai';
import type { Connection, mongo } from 'mongoose';
import { tellNobody } from '../harness/silent-log.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';

describe('suggestions among very many', () => {
  let store: TestStore;
  let connection: Connection;
  let models: Models;
  let friends: FriendsService;
  let people = 0;

  before(async () => {
    store = await startTestStore();
    const address = new URL(store.uri);
    address.searchParams.set('monitorCommands', 'true');
    connection = await connectMongo(address.href);
    models = createModels(connection);
    await ensureIndexes(connection);
    const { friendships, memberships } = models;
    const onChanged = (): void => undefined;
    const hiddenFrom = createHiddenFrom(createStandings(friendships));
    const letters = { sendLetter: onChanged, rateLimits: false };
    const users = createUsersService({ users: models.users, hiddenFrom, onChanged, ...letters });
    friends = createFriendsService({
      friendships,
      accounts: models.users,
      users,
      publish: tellNobody,
      onChanged: async () => undefined,
      sharedConversations: createSharedConversations(memberships),
      sharedProjects: createSharedProjects(models.projectMembers),
    });
  });
  after(async () => {
    await connection.close();
    await store.close();
  });

  /** So many accounts, the oldest first. */
  const join = async (count: number, interests: readonly string[] = []): Promise<string[]> => {
    const rows = Array.from({ length: count }, () => {
      people += 1;
      const names = { username: `number-${people}`, email: null, firstName: '', lastName: '' };
      return {
        _id: newId(people),
        ...nameFields(names),
        ...interestFields(interests),
        bio: '',
        lastSeen: 'friends',
        isListed: true,
        role: 'user',
        passwordHash: 'none',
        createdAt: new Date(people),
        suspendedAt: null,
        deletedAt: null,
      } as const;
    });
    await models.users.insertMany(rows);
    return rows.map(({ _id }) => _id);
  };

  /** Brings the pairs together, one after the other. */
  const pair = async (
    pairs: readonly (readonly [string, string])[],
    state: 'accepted' | 'requested' = 'accepted',
  ): Promise<void> => {
    const rows = pairs.map(([one, other], index) => {
      const users = [one, other].sort();
      const since = new Date(index * 1_000);
      return { _id: users.join(':'), users, state, requestedBy: one, blockedBy: [], since };
    });
    await models.friendships.insertMany(rows);
  };

  const suggested = async (userId: string): Promise<string[]> =>
    (await friends.suggestions(userId, 20)).map(({ person }) => person.id);

  /** What the store had to look at for the suggestions. */
  const examinedFor = async (userId: string): Promise<number[]> => {
    const asked: mongo.BSON.Document[] = [];
    const note = ({ command }: mongo.CommandStartedEvent): void => {
      if ('find' in command) asked.push(command);
    };
    connection.getClient().on('commandStarted', note);
    await suggested(userId);
    connection.getClient().off('commandStarted', note);
    return await Promise.all(
      asked.map(async ({ find, filter, sort, limit, hint }) => {
        const command = {
          find,
          filter,
          ...(sort && { sort }),
          ...(limit && { limit }),
          ...(hint && { hint }),
        };
        const plan = await connection.db?.command({ explain: command, verbosity: 'executionStats' });
        return Number(plan?.executionStats.totalDocsExamined);
      }),
    );
  };

  it('come from the 200 newest friends, and of no older one', async () => {
    const [me = ''] = await join(1);
    const theirs = await join(250);
    const mine = await join(250);
    await pair(mine.map((friend) => [me, friend]));
    await pair(mine.map((friend, index) => [friend, theirs[index] ?? '']));
    expect(await suggested(me)).to.deep.equal(theirs.slice(50, 70));
    const examined = await examinedFor(me);
    expect(examined.filter((count) => count > 200)).to.deep.equal([400]);
  });

  it('come from the 100 oldest accounts of an interest, however many share it', async () => {
    const [me = ''] = await join(1, ['Maps', 'Rare maps']);
    const many = await join(150, ['maps']);
    const [both = ''] = await join(1, ['maps', 'rare maps']);
    const [first, ...others] = await friends.suggestions(me, 20);
    // Too young an account to be seen by its first interest, so it counts one.
    expect([first?.score, others.at(-1)?.score]).to.deep.equal([2, 2]);
    expect([first, ...others].map((each) => each?.person.id)).to.deep.equal(many.slice(0, 20));
    expect([both, ...many]).to.include.members(await suggested(me));
    expect(Math.max(...(await examinedFor(me)))).to.be.at.most(100);
  });

  it('are found behind very many whom one knows already, with few questions', async () => {
    const [me = '', friend = ''] = await join(2);
    const theirs = await join(700);
    await pair([[me, friend], ...theirs.map((each) => [friend, each] as const)]);
    await pair(
      theirs.slice(0, 690).map((each) => [me, each]),
      'requested',
    );
    expect(await suggested(me)).to.deep.equal(theirs.slice(690));
    expect(await examinedFor(me)).to.have.length.at.most(14);
  });
});
