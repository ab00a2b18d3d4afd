// Every procedure × who calls it. A procedure without a row fails the first test.
import { createAppRouter } from '@parley/server/internal/app-router';
import { expect } from 'chai';
import { rawCall, signUp, TEST_PASSWORD } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';
import {
  adminAct,
  anybody,
  byLink,
  type Caller,
  callers,
  fileIn,
  fresh,
  inProject,
  inRoom,
  insideDirect,
  insideRoom,
  invitedMember,
  messageIn,
  nothingToUndo,
  ofComment,
  ofSentFile,
  ofTask,
  ofUnsentFile,
  outcomes,
  own,
  padIn,
  padInProject,
  type Row,
  revoking,
  revokingLink,
  serverAdmin,
  signedIn,
  somebody,
  taskIn,
  tokensOf,
  towardSomebody,
  type World,
} from './access-rows.js';
import { spaceRows } from './access-spaces.js';

/** A name in brackets tells rows of one procedure apart. */
const table: Readonly<Record<string, Row>> = {
  'auth.register': {
    type: 'mutation',
    input: () => ({ username: fresh('new'), password: TEST_PASSWORD }),
    outcomes: anybody,
  },
  'auth.login': {
    type: 'mutation',
    input: ({ people }) => ({ login: people.stranger.username, password: TEST_PASSWORD }),
    outcomes: anybody,
  },
  'auth.refresh': {
    type: 'mutation',
    input: async (world) => ({ refreshToken: (await tokensOf(world)).refreshToken }),
    outcomes: anybody,
  },
  'auth.logout': { ...own('mutation'), isLast: true },
  'auth.logoutEverywhere': { ...own('mutation'), isLast: true },
  'auth.me': own('query'),
  'auth.sessions': own('query'),
  'auth.revokeSession': {
    type: 'mutation',
    input: async ({ people }, caller) => {
      const { username } = people[caller === 'anonymous' ? 'stranger' : caller];
      const signedIn = await people.owner.api.auth.login.mutate({ login: username, password: TEST_PASSWORD });
      return { sessionId: signedIn.session.id };
    },
    outcomes: signedIn,
  },
  'auth.revokeSession (somebody else’s)': {
    type: 'mutation',
    input: async (world) => {
      const { session } = await world.people.owner.api.auth.register.mutate({
        username: fresh('other'),
        password: TEST_PASSWORD,
      });
      return { sessionId: session.id };
    },
    outcomes: outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'NOT_FOUND'),
  },
  'auth.changePassword': {
    ...own('mutation', { currentPassword: TEST_PASSWORD, newPassword: `${TEST_PASSWORD} anew` }),
    isLast: true,
  },
  'auth.requestPasswordReset': {
    type: 'mutation',
    input: () => ({ email: `${fresh('nobody')}@example.org` }),
    outcomes: anybody,
  },
  'auth.resetPassword': {
    type: 'mutation',
    input: () => ({ token: 'guessed', newPassword: TEST_PASSWORD }),
    outcomes: outcomes('INVALID_INPUT', 'INVALID_INPUT', 'INVALID_INPUT'),
  },
  'users.get': {
    type: 'query',
    input: ({ people }) => ({ userId: people.owner.id }),
    outcomes: signedIn,
  },
  'users.list': own('query'),
  'users.update': own('mutation', { bio: 'hello' }),
  'users.replace': {
    type: 'mutation',
    input: () => ({
      username: fresh('replaced'),
      email: null,
      firstName: '',
      lastName: '',
      bio: '',
      interests: [],
      lastSeen: 'nobody',
      isListed: true,
    }),
    outcomes: signedIn,
    isLast: true,
  },
  'users.export': own('query'),
  'users.delete': { ...own('mutation', { password: TEST_PASSWORD }), isLast: true },
  'friends.list': own('query'),
  'friends.suggestions': own('query'),
  'friends.request': towardSomebody,
  'friends.accept': nothingToUndo,
  'friends.decline': nothingToUndo,
  'friends.cancel': nothingToUndo,
  'friends.remove': nothingToUndo,
  'friends.block': towardSomebody,
  'friends.unblock': nothingToUndo,
  'presence.online': own('query'),
  'presence.get': {
    type: 'query',
    input: ({ people }) => ({ userIds: [people.owner.id] }),
    outcomes: signedIn,
  },
  'presence.watch': {
    type: 'subscription',
    input: ({ people }) => ({ userIds: [people.owner.id] }),
    outcomes: signedIn,
  },
  'presence.status': own('query'),
  'presence.setStatus': own('mutation', { status: 'away' }),
  'events.stream': own('subscription'),
  'notifications.list': own('query'),
  'notifications.unread': own('query'),
  'notifications.markRead': own('mutation', { ids: ['none'] }),
  'notifications.preferences': own('query'),
  'notifications.setPreferences': own('mutation', { mention: false }),
  'projects.create': own('mutation', { name: 'another' }),
  'projects.list': own('query'),
  'projects.get': inProject('query', 'viewer'),
  'projects.update': inProject('mutation', 'admin', { name: 'changed' }),
  'projects.replace': inProject('mutation', 'admin', { name: 'changed', description: '' }),
  'projects.archive': inProject('mutation', 'admin'),
  'projects.restore': inProject('mutation', 'admin'),
  'projects.delete': inProject('mutation', 'owner'),
  'projects.leave': {
    ...inProject('mutation', 'viewer'),
    outcomes: { ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'), owner: 'CONFLICT' },
  },
  'projects.transfer': inProject('mutation', 'owner', (world) => ({ userId: world.people.member.id })),
  'projects.members.list': inProject('query', 'viewer'),
  'projects.members.add': inProject('mutation', 'admin', async (world) => ({
    userId: await somebody(world),
  })),
  'projects.members.add (as a viewer)': {
    ...inProject('mutation', 'admin', async (world) => ({ userId: await somebody(world) }), 'viewer'),
  },
  'projects.members.setRole': inProject('mutation', 'admin', (world) => ({
    userId: world.people.member.id,
    role: 'viewer',
  })),
  'projects.members.remove': inProject('mutation', 'admin', (world) => ({ userId: world.people.member.id })),
  'projects.get (as a viewer)': inProject('query', 'viewer', {}, 'viewer'),
  'projects.update (as an admin)': {
    ...inProject('mutation', 'admin', { name: 'changed' }, 'admin'),
    outcomes: outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'),
  },
  'projects.delete (as an admin)': inProject('mutation', 'owner', {}, 'admin'),
  'projects.invitations.create': inProject('mutation', 'admin', async (world) => ({
    userId: await somebody(world),
  })),
  'projects.invitations.create (as a viewer)': {
    ...inProject('mutation', 'admin', async (world) => ({ userId: await somebody(world) }), 'viewer'),
  },
  'projects.invitations.create (as an admin)': {
    ...inProject('mutation', 'admin', async (world) => ({ userId: await somebody(world) }), 'admin'),
    outcomes: outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'),
  },
  'projects.invitations.list': inProject('query', 'admin'),
  'projects.invitations.list (as a viewer)': inProject('query', 'admin', {}, 'viewer'),
  'projects.invitations.list (as an admin)': {
    ...inProject('query', 'admin', {}, 'admin'),
    outcomes: outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'),
  },
  'projects.invitations.mine': own('query'),
  'projects.invitations.accept': invitedMember,
  'projects.invitations.decline': invitedMember,
  'projects.invitations.revoke': revoking('member', 'FORBIDDEN'),
  'projects.invitations.revoke (as a viewer)': revoking('viewer', 'FORBIDDEN'),
  'projects.invitations.revoke (as an admin)': revoking('admin', 'ok'),
  'projects.links.create': inProject('mutation', 'admin'),
  'projects.links.create (as a viewer)': inProject('mutation', 'admin', {}, 'viewer'),
  'projects.links.create (as an admin)': {
    ...inProject('mutation', 'admin', {}, 'admin'),
    outcomes: outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'),
  },
  'projects.links.list': inProject('query', 'admin'),
  'projects.links.list (as a viewer)': inProject('query', 'admin', {}, 'viewer'),
  'projects.links.list (as an admin)': {
    ...inProject('query', 'admin', {}, 'admin'),
    outcomes: outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'),
  },
  'projects.links.revoke': revokingLink('member', 'FORBIDDEN'),
  'projects.links.revoke (as a viewer)': revokingLink('viewer', 'FORBIDDEN'),
  'projects.links.revoke (as an admin)': revokingLink('admin', 'ok'),
  'projects.links.preview': byLink('query'),
  'projects.links.join': byLink('mutation'),
  'tasks.create': inProject('mutation', 'member', { title: 'a stone' }),
  'tasks.create (as a viewer)': inProject('mutation', 'admin', { title: 'a stone' }, 'viewer'),
  'tasks.list': inProject('query', 'viewer', {}, 'viewer'),
  'tasks.get': ofTask('query', 'viewer'),
  'tasks.update': ofTask('mutation', 'member', { title: 'changed' }),
  'tasks.update (as a viewer)': ofTask('mutation', 'admin', { title: 'changed' }),
  'tasks.replace': ofTask('mutation', 'member', {
    ...{ title: 'changed', description: '', status: 'done', priority: 'low' },
    ...{ assignees: [], due: null, labels: [] },
  }),
  'tasks.move': {
    ...inProject('mutation', 'member'),
    input: async (world) => {
      const { projectId, taskId } = await taskIn(world, 'member');
      return { projectId, taskIds: [taskId], place: 'first' };
    },
  },
  'tasks.delete': ofTask('mutation', 'member'),
  'tasks.delete (as a viewer)': ofTask('mutation', 'admin'),
  'tasks.openPad': ofTask('mutation', 'member'),
  'tasks.openPad (as a viewer)': ofTask('mutation', 'admin'),
  'tasks.history': ofTask('query', 'viewer'),
  'comments.create': ofTask('mutation', 'member', { content: 'hello' }),
  'comments.create (as a viewer)': ofTask('mutation', 'admin', { content: 'hello' }),
  'comments.list': ofTask('query', 'viewer'),
  'comments.get': ofComment('query', 'viewer', 'ok'),
  'comments.update': ofComment('mutation', 'member', 'FORBIDDEN', { content: 'changed' }),
  'comments.replace': ofComment('mutation', 'member', 'FORBIDDEN', { content: 'changed', mentions: [] }),
  'comments.delete': ofComment('mutation', 'member', 'FORBIDDEN'),
  'comments.delete (as a viewer)': ofComment('mutation', 'viewer', 'FORBIDDEN'),
  'admin.users.list': { type: 'query', input: () => ({}), outcomes: serverAdmin },
  'admin.users.suspend': adminAct,
  'admin.users.restore': adminAct,
  'admin.users.setRole': {
    type: 'mutation',
    input: async (world) => ({ userId: await somebody(world), role: 'user' }),
    outcomes: serverAdmin,
  },
  'admin.sessions.revoke': adminAct,
  'admin.stats': { type: 'query', input: () => ({}), outcomes: serverAdmin },
  'admin.audit': { type: 'query', input: () => ({}), outcomes: serverAdmin },
  'conversations.start': {
    type: 'mutation',
    input: async (world) => ({ userId: await somebody(world) }),
    outcomes: signedIn,
  },
  'conversations.markRead': inRoom('mutation', ({ room }) => ({ conversationId: room, seq: 0 })),
  'conversations.markRead (of a pair)': {
    type: 'mutation',
    input: ({ direct }) => ({ conversationId: direct, seq: 0 }),
    outcomes: insideDirect,
  },
  'conversations.list': own('query'),
  'conversations.get': inRoom('query', ({ room }) => ({ conversationId: room })),
  'conversations.get (of a pair)': {
    type: 'query',
    input: ({ direct }) => ({ conversationId: direct }),
    outcomes: insideDirect,
  },
  'conversations.participants': inRoom('query', ({ room }) => ({ conversationId: room })),
  'conversations.participants (of a pair)': {
    type: 'query',
    input: ({ direct }) => ({ conversationId: direct }),
    outcomes: insideDirect,
  },
  'conversations.mute': inRoom('mutation', ({ room }) => ({ conversationId: room, until: null })),
  'conversations.pin': inRoom('mutation', ({ room }) => ({ conversationId: room, pinned: false })),
  'conversations.archive': inRoom('mutation', ({ room }) => ({ conversationId: room, archived: false })),
  'conversations.keep': {
    type: 'mutation',
    input: ({ direct }) => ({ conversationId: direct, retentionDays: 7 }),
    outcomes: insideDirect,
  },
  'conversations.keep (in a room)': {
    type: 'mutation',
    input: ({ room }) => ({ conversationId: room, retentionDays: 7 }),
    outcomes: outcomes('NOT_SIGNED_IN', 'FORBIDDEN', 'FORBIDDEN'),
  },
  'conversations.delete': inRoom('mutation', ({ room }) => ({ conversationId: room })),
  ...spaceRows,
  'messages.list': inRoom('query', ({ room }) => ({ conversationId: room })),
  'messages.around': inRoom('query', (world) => messageIn(world, world.room)),
  'messages.around (a direct conversation)': {
    type: 'query',
    input: (world) => messageIn(world, world.direct),
    outcomes: insideDirect,
  },
  'messages.search': own('query', { text: 'hello' }),
  'messages.search (in a room)': inRoom('query', ({ room }) => ({ conversationId: room, text: 'hello' })),
  'messages.search (a direct conversation)': {
    type: 'query',
    input: ({ direct }) => ({ conversationId: direct, text: 'hello' }),
    outcomes: insideDirect,
  },
  'messages.list (a direct conversation)': {
    type: 'query',
    input: ({ direct }) => ({ conversationId: direct }),
    outcomes: insideDirect,
  },
  'messages.send': inRoom('mutation', ({ room }) => ({ conversationId: room, text: 'hello' })),
  'messages.send (a direct conversation)': {
    type: 'mutation',
    input: ({ direct }) => ({ conversationId: direct, text: 'hello' }),
    outcomes: insideDirect,
  },
  'messages.edit': {
    type: 'mutation',
    input: async (world) => ({ ...(await messageIn(world, world.room)), text: 'changed' }),
    outcomes: { ...insideRoom, owner: 'FORBIDDEN' },
  },
  'messages.delete': inRoom('mutation', (world) => messageIn(world, world.room)),
  'messages.delete (a direct conversation)': {
    type: 'mutation',
    input: (world) => messageIn(world, world.direct),
    outcomes: { ...insideDirect, owner: 'FORBIDDEN' },
  },
  'messages.react': inRoom('mutation', async (world) => ({
    ...(await messageIn(world, world.room)),
    emoji: '👍',
  })),
  'messages.unreact': inRoom('mutation', async (world) => ({
    ...(await messageIn(world, world.room)),
    emoji: '👍',
  })),
  'messages.send (with a file)': {
    type: 'mutation',
    input: async (world) => ({
      ...{ conversationId: world.room, text: 'look', files: [(await fileIn(world, world.room)).fileId] },
    }),
    outcomes: { ...insideRoom, owner: 'UPDATE_REFUSED' },
  },
  'files.ticket': inRoom('mutation', ({ room }) => ({ conversationId: room, name: 'a.txt', size: 1 })),
  'files.ticket (a direct conversation)': {
    type: 'mutation',
    input: ({ direct }) => ({ conversationId: direct, name: 'a.txt', size: 1 }),
    outcomes: insideDirect,
  },
  'files.get': ofSentFile,
  'files.get (in no message yet)': ofUnsentFile('query'),
  'files.list': inRoom('query', ({ room }) => ({ conversationId: room })),
  'files.delete': ofUnsentFile('mutation'),
  'files.delete (in a message)': {
    ...ofSentFile,
    type: 'mutation',
    outcomes: { ...ofSentFile.outcomes, member: 'CONFLICT', owner: 'FORBIDDEN' },
  },
  'files.usage': own('query'),
  'pads.create': inRoom('mutation', ({ room }) => ({ conversationId: room, title: fresh('pad') })),
  'pads.list': inRoom('query', ({ room }) => ({ conversationId: room })),
  'pads.get': inRoom('query', padIn),
  'pads.delete': inRoom('mutation', padIn),
  'pads.create (in a project)': padInProject('mutation', 'member', 'ok', (projectId) => ({
    ...{ projectId, title: fresh('pad') },
  })),
  'pads.create (in a project, as a viewer)': padInProject('mutation', 'viewer', 'FORBIDDEN', (projectId) => ({
    ...{ projectId, title: fresh('pad') },
  })),
  'pads.list (in a project)': padInProject('query', 'member', 'ok', (projectId) => ({ projectId })),
  'pads.list (in a project, as a viewer)': padInProject('query', 'viewer', 'ok', (projectId) => ({
    projectId,
  })),
  'pads.get (in a project)': padInProject('query', 'member', 'ok', (_, id) => ({ id })),
  'pads.get (in a project, as a viewer)': padInProject('query', 'viewer', 'ok', (_, id) => ({ id })),
  'pads.delete (in a project, not one’s own)': padInProject('mutation', 'member', 'FORBIDDEN', (_, id) => ({
    id,
  })),
  'pads.delete (in a project, as a viewer)': padInProject('mutation', 'viewer', 'FORBIDDEN', (_, id) => ({
    id,
  })),
  'pads.delete (in a project, as an admin)': padInProject('mutation', 'admin', 'ok', (_, id) => ({ id })),
};

describe('who may do what', () => {
  let place: ServerOnStore;
  let world: World;
  before(async () => {
    place = await startServerOnStore('access-matrix');
    world = await makeWorld();
  });
  after(() => place.close());

  const makeWorld = async (): Promise<World> => {
    const [stranger, admin, member, owner] = await Promise.all(
      (['stranger', 'admin', 'member', 'owner'] as const).map((name) => signUp(place.server, name)),
    );
    if (!stranger || !admin || !member || !owner) throw new Error('nobody came');
    await place.makeAdmin(admin.id);
    const name = fresh('matrix');
    const { room } = await owner.api.rooms.joinOrCreate.mutate({ name });
    await member.api.rooms.joinOrCreate.mutate({ name });
    const { conversation } = await owner.api.conversations.start.mutate({ userId: member.id });
    const people = { stranger, admin, member, owner };
    return { people, url: place.server.url, room: room.id, direct: conversation.id };
  };

  it('is said of every procedure', () => {
    const { procedures } = createAppRouter({} as never)._def;
    const told = new Set(Object.keys(table).map((name) => name.split(' ', 1)[0]));
    expect([...told].sort()).to.deep.equal(Object.keys(procedures).sort());
  });

  for (const [name, row] of Object.entries(table)) {
    it(name, async () => {
      const here = row.isLast ? await makeWorld() : world;
      const found: Partial<Record<Caller, string>> = {};
      for (const caller of callers) {
        const signedIn = caller === 'anonymous' ? {} : { token: here.people[caller].token };
        const path = name.split(' ', 1)[0] ?? name;
        const payload = { json: await row.input(here, caller) };
        const answer = await rawCall({ url: place.server.url, path, type: row.type, ...signedIn, payload });
        found[caller] = answer.status === 200 ? 'ok' : (answer.code ?? `status ${answer.status}`);
      }
      expect(found).to.deep.equal(row.outcomes);
    });
  }
});
