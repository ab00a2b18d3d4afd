// The end of an account: what goes, what stays, and what is finished after a crash.

import { beginDeletion } from '@parley/server/internal/features/users/delete-user';
import { createUserModel } from '@parley/server/internal/features/users/index';
import type { ExportPage } from '@parley/shared';
import { expect } from 'chai';
import {
  createApi,
  createDataDir,
  refusalOf,
  signUp,
  startTestServer,
  TEST_PASSWORD,
  type TestPerson,
} from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { startTestStore } from '../harness/test-store.js';

const befriend = async (one: TestPerson, other: TestPerson): Promise<void> => {
  await one.api.friends.request.mutate({ userId: other.id });
  await other.api.friends.accept.mutate({ userId: one.id });
};

describe('an account from before there were profiles', () => {
  it('signs in, is found, and keeps its name', async () => {
    await using place = await createDataDir();
    const store = await startTestStore();
    try {
      const uri = new URL(store.uri);
      uri.pathname = '/account-of-old';
      const options = { dataDir: place.path, mongodbUri: uri.href };
      const before = await startTestServer(options);
      const ada = await signUp(before);
      await before.close();
      const users = store.connection.useDb('account-of-old').collection<{ _id: string }>('users');
      const newer = ['nameKey', 'searchKeys', 'bio', 'interests', 'interestKeys', 'lastSeen'].concat(
        ...['isListed', 'suspendedAt', 'deletedAt'],
      );
      const gone = Object.fromEntries(newer.map((name): [string, 1] => [name, 1]));
      await users.updateOne({ _id: ada.id }, { $unset: gone });
      await using after = await startTestServer(options);
      const again = await createApi(after.url).auth.login.mutate({
        login: ada.username,
        password: TEST_PASSWORD,
      });
      expect(again.user).to.deep.equal(ada.user);
      await createApi(after.url, again.tokens.accessToken).auth.me.query();
      const { items } = await (await signUp(after)).api.users.list.query({ search: ada.username });
      expect(items.map(({ id }) => id)).to.deep.equal([ada.id]);
    } finally {
      await store.close();
    }
  });
});

describe('taking everything along', () => {
  it('hands over the account, sessions, friends, conversations and every word one has said, and nobody else’s', async () => {
    await using server = await startTestServer();
    const [ada, bob, eve] = [await signUp(server), await signUp(server), await signUp(server)];
    await befriend(ada, bob);
    await ada.api.friends.block.mutate({ userId: eve.id });
    const said: string[] = [];
    for (const name of ['one', 'two', 'left']) {
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: `export ${name}` });
      await bob.api.rooms.joinOrCreate.mutate({ name: `export ${name}` });
      for (let count = 1; count <= 3; count += 1) {
        said.push(`ada in ${name}, ${count}`);
        await ada.api.messages.send.mutate({ conversationId: room.id, text: said.at(-1) ?? '' });
        await bob.api.messages.send.mutate({ conversationId: room.id, text: `bob in ${name}, ${count}` });
      }
      if (name === 'left') await ada.api.rooms.leave.mutate({ conversationId: room.id });
    }
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'hers' });
    const old = await bob.api.projects.create.mutate({ name: 'archived' });
    await bob.api.projects.members.add.mutate({ projectId: old.id, userId: ada.id });
    await bob.api.projects.archive.mutate({ projectId: old.id });
    const { id: asked } = await bob.api.projects.create.mutate({ name: 'asks her in' });
    await bob.api.projects.invitations.create.mutate({ projectId: asked, userId: ada.id });
    const found: ExportPage[] = [];
    for (let cursor: string | undefined, more = true; more; ) {
      const page: ExportPage = await ada.api.users.export.query(cursor === undefined ? {} : { cursor });
      found.push(page);
      more = page.nextCursor !== null;
      cursor = page.nextCursor ?? undefined;
    }
    const all = <Part extends ExportPage['part']>(part: Part): unknown[] =>
      found.flatMap((page): unknown[] => (page.part === part ? page.items : []));
    expect(all('account')).to.deep.equal([(await ada.api.auth.me.query()).user]);
    expect(all('sessions')).to.have.length(1);
    const friends = found.flatMap((page) => (page.part === 'friends' ? page.items : []));
    expect(friends.map(({ person, state }) => [person.id, state])).to.deep.equal([
      [bob.id, 'friends'],
      [eve.id, 'blocked'],
    ]);
    const projects = found.flatMap((page) => (page.part === 'projects' ? page.items : []));
    expect(projects.map(({ id }) => id)).to.deep.equal([projectId, old.id]);
    expect(all('invitations')).to.deep.equal((await ada.api.projects.invitations.mine.query()).items);
    expect(all('notifications')).to.deep.equal((await ada.api.notifications.list.query()).items);
    expect([all('invitations'), all('notifications')].map(({ length }) => length)).to.deep.equal([1, 1]);
    expect(all('conversations')).to.have.length(2);
    const texts = found
      .flatMap((page) => (page.part === 'messages' ? page.items : []))
      .map(({ text }) => text);
    expect(texts.sort()).to.deep.equal(said.sort());
  });
});

describe('deleting an account', () => {
  it('needs the password', async () => {
    await using server = await startTestServer();
    const { api } = await signUp(server);
    const refused = await refusalOf(api.users.delete.mutate({ password: 'not mine at all' }));
    expect(refused).to.include({ code: 'FORBIDDEN' });
    expect(refused.fields).to.have.keys('password');
    await api.auth.me.query();
  });

  it('leaves nothing of a person but what they said, as somebody who is gone', async () => {
    await using server = await startTestServer();
    const [ada, bob] = [await signUp(server), await signUp(server)];
    await befriend(ada, bob);
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'left behind' });
    await bob.api.rooms.joinOrCreate.mutate({ name: 'left behind' });
    const { id } = await ada.api.messages.send.mutate({ conversationId: room.id, text: 'I was here' });
    const socket = new RawClient({ url: server.url, conversationId: room.id, token: ada.token });
    await socket.synced();
    await ada.api.users.delete.mutate({ password: TEST_PASSWORD });
    expect((await socket.closed).code).to.be.within(4401, 4404);
    expect((await refusalOf(ada.api.auth.me.query())).code).to.equal('SESSION_ENDED');
    const login = createApi(server.url).auth.login.mutate({ login: ada.username, password: TEST_PASSWORD });
    expect((await refusalOf(login)).code).to.equal('BAD_CREDENTIALS');
    expect((await refusalOf(bob.api.users.get.query({ userId: ada.id }))).code).to.equal('NOT_FOUND');
    expect((await bob.api.users.list.query({ search: ada.username })).items).to.deep.equal([]);
    expect((await bob.api.friends.list.query({})).items).to.deep.equal([]);
    const { items } = await bob.api.messages.list.query({ conversationId: room.id });
    expect(items).to.have.length(1);
    expect(items[0]).to.deep.include({ id, text: 'I was here' });
    expect(items[0]?.author).to.deep.equal({ id: ada.id, username: null, name: 'Deleted user' });
    await createApi(server.url).auth.register.mutate({ username: ada.username, password: TEST_PASSWORD });
  });

  it('hands on what they own to whoever has been there longest, admins first', async () => {
    await using server = await startTestServer();
    const [owner, first, second] = [await signUp(server), await signUp(server), await signUp(server)];
    const name = 'handed on';
    const { room } = await owner.api.rooms.joinOrCreate.mutate({ name });
    for (const { api } of [first, second]) await api.rooms.joinOrCreate.mutate({ name });
    const { id } = await second.api.messages.send.mutate({ conversationId: room.id, text: 'delete me' });
    const mayDelete = async ({ api }: TestPerson): Promise<boolean> =>
      await api.messages.delete.mutate({ conversationId: room.id, id }).then(
        () => true,
        () => false,
      );
    expect(await mayDelete(first)).to.equal(false);
    await owner.api.users.delete.mutate({ password: TEST_PASSWORD });
    expect(await mayDelete(first), 'the new owner').to.equal(true);
  });

  it('is finished by the next start when a crash cut it short', async () => {
    await using place = await createDataDir();
    const store = await startTestStore();
    try {
      const uri = new URL(store.uri);
      uri.pathname = '/account-cut-short';
      const options = { dataDir: place.path, mongodbUri: uri.href };
      const before = await startTestServer(options);
      const [ada, bob] = [await signUp(before), await signUp(before)];
      await befriend(ada, bob);
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'cut short' });
      await bob.api.rooms.joinOrCreate.mutate({ name: 'cut short' });
      const database = store.connection.useDb('account-cut-short');
      expect(await beginDeletion(createUserModel(database), ada.id)).to.equal(true);
      await before.close();
      await using after = await startTestServer(options);
      const again = createApi(after.url, bob.token);
      expect((await again.friends.list.query({})).items).to.deep.equal([]);
      const memberships = await database.collection('memberships').find({ conversation: room.id }).toArray();
      const shown = new Map(memberships.map(({ user, state, role }) => [user, `${state} ${role}`]));
      expect(shown.get(ada.id)).to.equal('left member');
      expect(shown.get(bob.id)).to.equal('member owner');
      const sessions = await database
        .collection('sessions')
        .find({ user: ada.id, revokedAt: null })
        .toArray();
      expect(sessions).to.deep.equal([]);
      expect(await database.collection('users').countDocuments({ isLeaving: true })).to.equal(0);
    } finally {
      await store.close();
    }
  });
});
