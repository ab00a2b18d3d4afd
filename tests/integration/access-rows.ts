// Who calls procedures, what rows of the matrix say, and the things that rows are about.
import type { ErrorCode } from '@parley/shared';
import { TEST_PASSWORD, type TestPerson } from '../harness/kit.js';

/** Owner and member share a room and a direct conversation; the others are in neither. `admin`: of the server. */
export const callers = ['anonymous', 'stranger', 'admin', 'member', 'owner'] as const;
export type Caller = (typeof callers)[number];
export type Outcome = 'ok' | ErrorCode;

export interface World {
  readonly people: Readonly<Record<Exclude<Caller, 'anonymous'>, TestPerson>>;
  /** Of the server. */
  readonly url: string;
  readonly room: string;
  readonly direct: string;
}

export interface Row {
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Made anew for the next caller once one was allowed: what that call uses up is there again. */
  readonly input: (world: World, caller: Caller) => Promise<object> | object;
  readonly outcomes: Readonly<Record<Caller, Outcome>>;
  /** Ends the caller's session or account: everybody is somebody new. */
  readonly isLast?: true;
}

export interface NewLink {
  readonly id: string;
  readonly token: string;
}

export const outcomes = (anonymous: Outcome, outside: Outcome, inside: Outcome): Row['outcomes'] => ({
  anonymous,
  stranger: outside,
  admin: outside,
  member: inside,
  owner: inside,
});
export const anybody = outcomes('ok', 'ok', 'ok');
export const signedIn = outcomes('NOT_SIGNED_IN', 'ok', 'ok');
export const serverAdmin = { ...outcomes('NOT_SIGNED_IN', 'FORBIDDEN', 'FORBIDDEN'), admin: 'ok' } as const;
/** Of a public room it may be known that it is there. */
export const insideRoom = outcomes('NOT_SIGNED_IN', 'FORBIDDEN', 'ok');
export const insideDirect = outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok');

let count = 0;
export const fresh = (word: string): string => {
  count += 1;
  return `${word}.${process.pid}.${count}`;
};
export const somebody = async (world: World): Promise<string> => {
  const { user } = await world.people.owner.api.auth.register.mutate({
    username: fresh('somebody'),
    password: TEST_PASSWORD,
  });
  return user.id;
};
/** A new message of the member's. */
export const messageIn = async (
  world: World,
  conversationId: string,
): Promise<{ conversationId: string; id: string }> => {
  const { id } = await world.people.member.api.messages.send.mutate({
    conversationId,
    text: 'by the member',
  });
  return { conversationId, id };
};
/** A place kept for a file of the member's. */
const ticketIn = async (world: World, conversationId: string): Promise<{ fileId: string; url: string }> =>
  await world.people.member.api.files.ticket.mutate({ conversationId, name: 'notes.txt', size: 5 });
/** A stored file of the member's, in no message yet. */
export const fileIn = async (world: World, conversationId: string): Promise<{ fileId: string }> => {
  const { fileId, url } = await ticketIn(world, conversationId);
  await fetch(`${world.url}${url}`, { method: 'PUT', body: 'words' });
  return { fileId };
};
/** The same, in a message. */
const sentFileIn = async (world: World, conversationId: string): Promise<{ fileId: string }> => {
  const { fileId } = await fileIn(world, conversationId);
  await world.people.member.api.messages.send.mutate({ conversationId, text: '', files: [fileId] });
  return { fileId };
};
/** Whoever may not see a file does not know of it, wherever it is. */
export const ofSentFile: Row = {
  type: 'query',
  input: (world) => sentFileIn(world, world.room),
  outcomes: outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'),
};
export const ofUnsentFile = (type: Row['type']): Row => ({
  type,
  input: (world) => fileIn(world, world.room),
  outcomes: { ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'NOT_FOUND'), member: 'ok' },
});
export const padIn = async (world: World): Promise<{ id: string }> => {
  const { id } = await world.people.member.api.pads.create.mutate({
    conversationId: world.room,
    title: fresh('pad'),
  });
  return { id };
};
export const tokensOf = async (world: World) => {
  const login = world.people.stranger.username;
  return (await world.people.owner.api.auth.login.mutate({ login, password: TEST_PASSWORD })).tokens;
};

export const towardSomebody: Row = {
  type: 'mutation',
  input: async (world) => ({ userId: await somebody(world) }),
  outcomes: signedIn,
};
/** There is nothing to be changed between people who do not know each other. */
export const nothingToUndo: Row = {
  type: 'mutation',
  input: async (world) => ({ userId: await somebody(world) }),
  outcomes: outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'NOT_FOUND'),
};
export const adminAct: Row = {
  type: 'mutation',
  input: async (world) => ({ userId: await somebody(world) }),
  outcomes: serverAdmin,
};
export const own = (type: Row['type'], input: object = {}): Row => ({
  type,
  input: () => input,
  outcomes: signedIn,
});
/** A new project of the owner's in which the member is what is said. `needs`: the least that is allowed. */
export const inProject = (
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
export const taskIn = async (
  { people: { owner, member } }: World,
  role: 'member' | 'viewer',
): Promise<{ projectId: string; taskId: string }> => {
  const { id: projectId } = await owner.api.projects.create.mutate({ name: fresh('project') });
  await owner.api.projects.members.add.mutate({ projectId, userId: member.id, role });
  const { id: taskId } = await owner.api.tasks.create.mutate({ projectId, title: 'a stone' });
  return { projectId, taskId };
};
export const ofTask = (type: Row['type'], needs: 'viewer' | 'member' | 'admin', input: object = {}): Row => ({
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
export const invitedMember: Row = {
  type: 'mutation',
  input: (world) => invitationFor(world, world.people.member.id),
  outcomes: { ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'NOT_FOUND'), member: 'ok' },
};
export const revoking = (role: 'admin' | 'member' | 'viewer', member: Outcome): Row => ({
  type: 'mutation',
  input: async (world) => await invitationFor(world, await somebody(world), role),
  outcomes: { ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'), member },
});
/** A link into a new project of the owner's, in which the member is what is said; null: not in it. */
export const projectLink =
  (role: 'admin' | 'member' | 'viewer' | null) =>
  async ({ people: { owner, member } }: World): Promise<NewLink> => {
    const { id: projectId } = await owner.api.projects.create.mutate({ name: fresh('project') });
    if (role !== null) await owner.api.projects.members.add.mutate({ projectId, userId: member.id, role });
    return await owner.api.projects.links.create.mutate({ projectId });
  };
/** A link of the owner's is taken back. `make` makes it, into a place that strangers do not know of. */
export const revokingLink = (make: (world: World) => Promise<NewLink>, member: Outcome): Row => ({
  type: 'mutation',
  input: async (world) => ({ linkId: (await make(world)).id }),
  outcomes: { ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'), member },
});
export const byLink = (type: Row['type'], make: (world: World) => Promise<NewLink>): Row => ({
  type,
  input: async (world) => ({ token: (await make(world)).token }),
  outcomes: signedIn,
});
/** A new project of the owner's with a pad of theirs, in which the member is what is said. */
export const padInProject = (
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
export const ofComment = (
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
export const inRoom = (type: Row['type'], input: (world: World) => Promise<object> | object): Row => ({
  type,
  input,
  outcomes: insideRoom,
});
