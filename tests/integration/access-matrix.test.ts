// Every procedure × who calls it. A procedure without a row fails the first test.
import { createAppRouter } from '@parley/server/internal/app-router';
import type { ErrorCode } from '@parley/shared';
import { expect } from 'chai';
import { rawCall, signUp, TEST_PASSWORD, type TestPerson } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

/** Owner and member share a room and a direct conversation; the others are in neither. `admin`: of the server. */
const callers = ['anonymous', 'stranger', 'admin', 'member', 'owner'] as const;
type Caller = (typeof callers)[number];
type Outcome = 'ok' | ErrorCode;

interface World {
  readonly people: Readonly<Record<Exclude<Caller, 'anonymous'>, TestPerson>>;
  readonly room: string;
  readonly direct: string;
}

interface Row {
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Made anew for each caller: what an allowed call uses up is there for the next. */
  readonly input: (world: World, caller: Caller) => Promise<object> | object;
  readonly outcomes: Readonly<Record<Caller, Outcome>>;
  /** Ends the caller's session or account: everybody is somebody new. */
  readonly isLast?: true;
}

const outcomes = (anonymous: Outcome, outside: Outcome, inside: Outcome): Row['outcomes'] => ({
  anonymous,
  stranger: outside,
  admin: outside,
  member: inside,
  owner: inside,
});
const anybody = outcomes('ok', 'ok', 'ok');
const signedIn = outcomes('NOT_SIGNED_IN', 'ok', 'ok');
const serverAdmin = { ...outcomes('NOT_SIGNED_IN', 'FORBIDDEN', 'FORBIDDEN'), admin: 'ok' } as const;
/** Of a public room it may be known that it is there. */
const insideRoom = outcomes('NOT_SIGNED_IN', 'FORBIDDEN', 'ok');
const insideDirect = outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok');

let count = 0;
const fresh = (word: string): string => {
  count += 1;
  return `${word}.${process.pid}.${count}`;
};
const somebody = async (world: World): Promise<string> => {
  const { user } = await world.people.owner.api.auth.register.mutate({
    username: fresh('somebody'),
    password: TEST_PASSWORD,
  });
  return user.id;
};
/** A new message of the member's. */
const messageIn = async (
  world: World,
  conversationId: string,
): Promise<{ conversationId: string; id: string }> => {
  const { id } = await world.people.member.api.messages.send.mutate({
    conversationId,
    text: 'by the member',
  });
  return { conversationId, id };
};
const padIn = async (world: World): Promise<{ id: string }> => {
  const { id } = await world.people.member.api.pads.create.mutate({
    conversationId: world.room,
    title: fresh('pad'),
  });
  return { id };
};
const tokensOf = async (world: World) => {
  const login = world.people.stranger.username;
  return (await world.people.owner.api.auth.login.mutate({ login, password: TEST_PASSWORD })).tokens;
};

const towardSomebody: Row = {
  type: 'mutation',
  input: async (world) => ({ userId: await somebody(world) }),
  outcomes: signedIn,
};
/** There is nothing to be changed between people who do not know each other. */
const nothingToUndo: Row = {
  type: 'mutation',
  input: async (world) => ({ userId: await somebody(world) }),
  outcomes: outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'NOT_FOUND'),
};
const adminAct: Row = {
  type: 'mutation',
  input: async (world) => ({ userId: await somebody(world) }),
  outcomes: serverAdmin,
};
const own = (type: Row['type'], input: object = {}): Row => ({
  type,
  input: () => input,
  outcomes: signedIn,
});
/** A new project of the owner's in which the member is what is said. `needs`: the least that is allowed. */
const inProject = (
  type: Row['type'],
  needs: 'viewer' | 'member' | 'admin' | 'owner',
  input: object | ((world: World) => Promise<object> | object) = {},
  role: 'admin' | 'member' | 'viewer' = 'member',
): Row => ({
  type,
  input: async (world) => {
    const { owner, member } = world.people;
    const { id: projectId } = await owner.api.projects.create.mutate({ name: fresh('project') });
    await owner.api.projects.members.add.mutate({ projectId, userId: member.id, role });
    return { projectId, ...(typeof input === 'function' ? await input(world) : input) };
  },
  outcomes: {
    ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'),
    ...(needs === 'viewer' || needs === 'member' ? {} : { member: 'FORBIDDEN' }),
  },
});
/** A task of the owner's in such a project. */
const taskIn = async (
  { people: { owner, member } }: World,
  role: 'member' | 'viewer',
): Promise<{ projectId: string; taskId: string }> => {
  const { id: projectId } = await owner.api.projects.create.mutate({ name: fresh('project') });
  await owner.api.projects.members.add.mutate({ projectId, userId: member.id, role });
  const { id: taskId } = await owner.api.tasks.create.mutate({ projectId, title: 'a stone' });
  return { projectId, taskId };
};
const ofTask = (type: Row['type'], needs: 'viewer' | 'member' | 'admin', input: object = {}): Row => ({
  ...inProject(type, needs),
  input: async (world) => {
    const { taskId } = await taskIn(world, needs === 'member' ? 'member' : 'viewer');
    return { taskId, ...input };
  },
});
/** An invitation to a new project of the owner's, in which the member is what is said. */
const invitationFor = async (
  { people: { owner, member } }: World,
  userId: string,
  role: 'admin' | 'member' | 'viewer' = 'member',
): Promise<{ invitationId: string }> => {
  const { id: projectId } = await owner.api.projects.create.mutate({ name: fresh('project') });
  if (userId !== member.id)
    await owner.api.projects.members.add.mutate({ projectId, userId: member.id, role });
  const { id: invitationId } = await owner.api.projects.invitations.create.mutate({ projectId, userId });
  return { invitationId };
};
/** Sent to the member alone; others do not know of it. */
const invitedMember: Row = {
  type: 'mutation',
  input: (world) => invitationFor(world, world.people.member.id),
  outcomes: { ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'NOT_FOUND'), member: 'ok' },
};
const revoking = (role: 'admin' | 'member' | 'viewer', member: Outcome): Row => ({
  type: 'mutation',
  input: async (world) => await invitationFor(world, await somebody(world), role),
  outcomes: { ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'), member },
});
/** A link into a new project of the owner's, in which the member is what is said; null: not in it. */
const linkInto = async (
  { people: { owner, member } }: World,
  role: 'admin' | 'member' | 'viewer' | null,
): Promise<{ id: string; token: string }> => {
  const { id: projectId } = await owner.api.projects.create.mutate({ name: fresh('project') });
  if (role !== null) await owner.api.projects.members.add.mutate({ projectId, userId: member.id, role });
  return await owner.api.projects.links.create.mutate({ projectId });
};
const revokingLink = (role: 'admin' | 'member' | 'viewer', member: Outcome): Row => ({
  type: 'mutation',
  input: async (world) => ({ linkId: (await linkInto(world, role)).id }),
  outcomes: { ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'), member },
});
const byLink = (type: Row['type']): Row => ({
  type,
  input: async (world) => ({ token: (await linkInto(world, null)).token }),
  outcomes: signedIn,
});
/** A new project of the owner's with a pad of theirs, in which the member is what is said. */
const padInProject = (
  type: Row['type'],
  role: 'admin' | 'member' | 'viewer',
  member: Outcome,
  input: (projectId: string, padId: string) => object,
): Row => ({
  type,
  input: async ({ people: { owner, member } }) => {
    const { id: projectId } = await owner.api.projects.create.mutate({ name: fresh('project') });
    await owner.api.projects.members.add.mutate({ projectId, userId: member.id, role });
    const { id: padId } = await owner.api.pads.create.mutate({ projectId, title: fresh('pad') });
    return input(projectId, padId);
  },
  outcomes: { ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'), member },
});
/** A comment of the owner's in such a project. */
const ofComment = (
  type: Row['type'],
  role: 'member' | 'viewer',
  byMember: Outcome,
  input: object = {},
): Row => ({
  type,
  input: async (world) => {
    const { taskId } = await taskIn(world, role);
    const { id } = await world.people.owner.api.comments.create.mutate({ taskId, content: 'by the owner' });
    return { commentId: id, ...input };
  },
  outcomes: { ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'), member: byMember },
});
const inRoom = (type: Row['type'], input: (world: World) => Promise<object> | object): Row => ({
  type,
  input,
  outcomes: insideRoom,
});

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
  'rooms.joinOrCreate': {
    type: 'mutation',
    input: () => ({ name: fresh('room') }),
    outcomes: signedIn,
  },
  'rooms.leave': {
    type: 'mutation',
    input: async ({ people }) => ({
      roomId: (await people.owner.api.rooms.joinOrCreate.mutate({ name: fresh('to leave') })).room.id,
    }),
    outcomes: signedIn,
  },
  'rooms.leave (a direct conversation)': {
    type: 'mutation',
    input: ({ direct }) => ({ roomId: direct }),
    outcomes: outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'FORBIDDEN'),
  },
  'rooms.list': own('query'),
  'messages.list': inRoom('query', ({ room }) => ({ conversationId: room })),
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
    return { people: { stranger, admin, member, owner }, room: room.id, direct: conversation.id };
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
