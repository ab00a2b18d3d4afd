// Who may do what with groups and rooms: rows of the matrix. Each is tried on a new private one of the owner's.
import { signUp } from '../harness/kit.js';
import {
  byLink,
  fresh,
  type NewLink,
  type Outcome,
  outcomes,
  own,
  type Row,
  revokingLink,
  signedIn,
  somebody,
  type World,
} from './access-rows.js';

type Kind = 'groups' | 'rooms';
type SpaceRole = 'admin' | 'member';

/** With the member in it, as what is said. */
const spaceIn = async (
  { people: { owner, member } }: World,
  kind: Kind,
  role: SpaceRole,
): Promise<string> => {
  const id =
    kind === 'groups'
      ? (await owner.api.groups.create.mutate({ name: fresh('group') })).id
      : (await owner.api.rooms.joinOrCreate.mutate({ name: fresh('room'), visibility: 'private' })).room.id;
  await owner.api[kind].addMember.mutate({ conversationId: id, userId: member.id });
  if (role === 'admin') await owner.api[kind].setRole.mutate({ conversationId: id, userId: member.id, role });
  return id;
};

type Input = (world: World, conversationId: string) => Promise<object> | object;

interface Given {
  readonly kind: Kind;
  readonly type: Row['type'];
  readonly member: Outcome;
  readonly owner?: Outcome;
  readonly role?: SpaceRole;
  readonly input?: Input;
}

const inSpace = ({ kind, type, member, owner = 'ok', role = 'member', input }: Given): Row => ({
  type,
  input: async (world) => {
    const conversationId = await spaceIn(world, kind, role);
    return { conversationId, ...(await input?.(world, conversationId)) };
  },
  outcomes: { ...outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'ok'), member, owner },
});

const withSomebody: Input = async (world) => ({ userId: await somebody(world) });
const withSomebodyIn =
  (kind: Kind): Input =>
  async (world, conversationId) => {
    const userId = await somebody(world);
    await world.people.owner.api[kind].addMember.mutate({ conversationId, userId });
    return { userId };
  };

/** Something done by an admin: tried as a member, and of groups, which go the same way as rooms, as an admin too. */
const byAdmin = (
  kind: Kind,
  name: string,
  input: Input | undefined = undefined,
  type: Row['type'] = 'mutation',
): [string, Row][] => {
  const given = { kind, type, ...(input && { input }) };
  const asMember = inSpace({ ...given, member: 'FORBIDDEN' });
  const asAdmin = inSpace({ ...given, member: 'ok', role: 'admin' });
  const rows: [string, Row][] = [[`${kind}.${name}`, asMember]];
  return kind === 'rooms' ? rows : [...rows, [`${kind}.${name} (as an admin)`, asAdmin]];
};

const invitedThere =
  (kind: Kind): Input =>
  async (world, conversationId) => {
    const userId = await somebody(world);
    await world.people.owner.api[kind].invite.mutate({ conversationId, userId });
    return { userId };
  };
const bannedThere =
  (kind: Kind): Input =>
  async (world, conversationId) => {
    const userId = await somebody(world);
    await world.people.owner.api[kind].ban.mutate({ conversationId, userId });
    return { userId };
  };
const linkInto =
  (kind: Kind, role: SpaceRole) =>
  async (world: World): Promise<NewLink> => {
    const conversationId = await spaceIn(world, kind, role);
    return await world.people.owner.api[kind].links.create.mutate({ conversationId });
  };

const rowsOf = (kind: Kind): [string, Row][] => [
  [`${kind}.get`, inSpace({ kind, type: 'query', member: 'ok' })],
  [`${kind}.join`, inSpace({ kind, type: 'mutation', member: 'ok' })],
  [
    `${kind}.leave`,
    inSpace({ kind, type: 'mutation', member: 'ok', owner: kind === 'groups' ? 'CONFLICT' : 'ok' }),
  ],
  ...byAdmin(kind, 'update', () => ({ topic: 'changed' })),
  ...byAdmin(kind, 'archive'),
  ...byAdmin(kind, 'restore'),
  [`${kind}.delete`, inSpace({ kind, type: 'mutation', member: 'FORBIDDEN' })],
  [`${kind}.delete (as an admin)`, inSpace({ kind, type: 'mutation', member: 'FORBIDDEN', role: 'admin' })],
  ...byAdmin(kind, 'addMember', withSomebody),
  ...byAdmin(kind, 'removeMember', withSomebodyIn(kind)),
  [
    `${kind}.removeMember (the owner)`,
    inSpace({
      ...{ kind, type: 'mutation', member: 'FORBIDDEN', owner: 'INVALID_INPUT', role: 'admin' },
      input: ({ people }) => ({ userId: people.owner.id }),
    }),
  ],
  ...byAdmin(kind, 'setRole', async (...given) => ({
    ...(await withSomebodyIn(kind)(...given)),
    role: 'admin',
  })),
  [
    `${kind}.setRole (to owner, as an admin)`,
    inSpace({
      ...{ kind, type: 'mutation', member: 'FORBIDDEN', role: 'admin' },
      input: async (...given) => ({ ...(await withSomebodyIn(kind)(...given)), role: 'owner' }),
    }),
  ],
  [
    `${kind}.transfer`,
    inSpace({ kind, type: 'mutation', member: 'FORBIDDEN', role: 'admin', input: withSomebodyIn(kind) }),
  ],
  ...byAdmin(kind, 'ban', withSomebody),
  ...byAdmin(kind, 'unban', bannedThere(kind)),
  ...byAdmin(kind, 'banned', undefined, 'query'),
  ...byAdmin(kind, 'silence', withSomebodyIn(kind)),
  ...byAdmin(kind, 'unsilence', withSomebodyIn(kind)),
  ...byAdmin(kind, 'invite', withSomebody),
  ...byAdmin(kind, 'revokeInvitation', invitedThere(kind)),
  ...byAdmin(kind, 'invited', undefined, 'query'),
  [`${kind}.invitations`, own('query')],
  // Whoever is in it is not invited.
  [`${kind}.decline`, inSpace({ kind, type: 'mutation', member: 'NOT_FOUND', owner: 'NOT_FOUND' })],
  ...byAdmin(kind, 'links.create'),
  ...byAdmin(kind, 'links.list', undefined, 'query'),
  [`${kind}.links.revoke`, revokingLink(linkInto(kind, 'member'), 'FORBIDDEN')],
  [`${kind}.links.revoke (as an admin)`, revokingLink(linkInto(kind, 'admin'), 'ok')],
  [`${kind}.links.preview`, byLink('query', linkInto(kind, 'member'))],
  [`${kind}.links.join`, byLink('mutation', linkInto(kind, 'member'))],
];

/** Somebody who has asked to be let in, where it is public meanwhile. */
const requestedThere: Input = async ({ url, people: { owner } }, conversationId) => {
  const asks = await signUp({ url }, 'asks');
  await owner.api.groups.update.mutate({ conversationId, visibility: 'public', approval: true });
  await asks.api.groups.join.mutate({ conversationId });
  await owner.api.groups.update.mutate({ conversationId, visibility: 'private' });
  return { userId: asks.id };
};

const publicGroup = (type: Row['type']): Row => ({
  type,
  input: async ({ people: { owner } }) => ({
    conversationId: (await owner.api.groups.create.mutate({ name: fresh('open'), visibility: 'public' })).id,
  }),
  outcomes: signedIn,
});

export const spaceRows: Readonly<Record<string, Row>> = Object.fromEntries([
  ['groups.create', { ...own('mutation'), input: () => ({ name: fresh('group') }) }],
  ['groups.list', own('query')],
  ['groups.get (a public one)', publicGroup('query')],
  ['groups.join (a public one)', publicGroup('mutation')],
  ...rowsOf('groups'),
  ...byAdmin('groups', 'requests', undefined, 'query'),
  ...byAdmin('groups', 'approve', requestedThere),
  ...byAdmin('groups', 'declineRequest', requestedThere),
  ['rooms.joinOrCreate', { ...own('mutation'), input: () => ({ name: fresh('room') }) }],
  ['rooms.list', own('query')],
  [
    'rooms.leave (a direct conversation)',
    {
      type: 'mutation',
      input: ({ direct }: World) => ({ conversationId: direct }),
      outcomes: outcomes('NOT_SIGNED_IN', 'NOT_FOUND', 'FORBIDDEN'),
    },
  ],
  ...rowsOf('rooms'),
]);
