import {
  AppError,
  foldName,
  type joinRoomInputSchema,
  limits,
  type Room,
  type roomsListInputSchema,
  type Space,
} from '@parley/shared';
import type { z } from 'zod';
import {
  type ConversationRow,
  createSpacesService,
  makeSpace,
  membersOf,
  type SpacesParts,
  type SpacesService,
} from '../conversations/index.js';

type JoinInput = z.output<typeof joinRoomInputSchema>;
type ListInput = z.output<typeof roomsListInputSchema>;

export interface RoomsParts extends SpacesParts {
  /** Resolves when these conversations tell of what their members have seen so far, or after a moment. */
  settled(conversationIds: readonly string[]): Promise<void>;
}

export interface RoomsService {
  readonly spaces: SpacesService;
  /**
   * Joins the room of that name, or makes it; `created` is true for the one call that made it. Names that differ in letter case or
   * encoding are one room. FORBIDDEN for the banned; CONFLICT for a private room's name, and where it is archived or full.
   */
  joinOrCreate(userId: string, input: JoinInput): Promise<{ room: Space; created: boolean }>;
  /** NOT_FOUND where there is none of that name that they may know of. Twice is harmless. */
  leaveNamed(userId: string, name: string): Promise<void>;
  /** The id of the room of that name, for whoever then asks what they are to it. */
  idOf(name: string): Promise<string | null>;
  /** Public rooms, newest activity first, those whose name starts with `search` where it is given; private ones of one's own where asked for. */
  list(userId: string, input: ListInput): Promise<{ items: Room[]; nextCursor: string | null }>;
}

export const createRoomsService = (parts: RoomsParts): RoomsService => {
  const spaces = createSpacesService(parts, 'room');
  return {
    spaces,
    joinOrCreate: async (userId, input) => {
      for (;;) {
        const room = await findNamed(parts, input.name);
        if (room !== null) return { room: await join(spaces, userId, room._id), created: false };
        const made = await make(parts, userId, input);
        if (made !== null) return { room: await spaces.show(userId, made), created: true };
      }
    },
    leaveNamed: async (userId, name) => {
      const room = await findNamed(parts, name);
      if (room === null) throw new AppError('NOT_FOUND');
      await spaces.leave(userId, room._id);
    },
    idOf: async (name) => (await findNamed(parts, name))?._id ?? null,
    list: (userId, input) => list(parts, spaces, { userId, input }),
  };
};

const findNamed = async ({ conversations }: RoomsParts, name: string): Promise<ConversationRow | null> =>
  await conversations.findOne({ nameKey: foldName(name), deletedAt: null }).lean<ConversationRow>();

/** Null where somebody was faster. */
const make = async (
  parts: RoomsParts,
  userId: string,
  { name, visibility = 'public', ...others }: JoinInput,
): Promise<ConversationRow | null> => {
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  return await makeSpace(parts, {
    ...{ ...given, name, visibility, kind: 'room', createdBy: userId, members: [] },
  });
};

/** Whoever may not know of it knows by its name that there is one. */
const join = async (spaces: SpacesService, userId: string, conversationId: string): Promise<Space> => {
  try {
    return await spaces.join(userId, conversationId);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'NOT_FOUND') throw cause;
    throw new AppError('CONFLICT', { details: { fields: { name: ['is taken'] } }, cause });
  }
};

const list = async (
  parts: RoomsParts,
  spaces: SpacesService,
  { userId, input: { recent, ...input } }: { readonly userId: string; readonly input: ListInput },
) => {
  const most = Math.floor(limits.recentMessagesInAll.value / Math.max(1, recent));
  const page = { ...input, limit: Math.min(input.limit, most) };
  const { rows, spaces: shown, nextCursor } = await spaces.list(userId, page);
  if (recent > 0) await parts.settled(rows.map(({ _id }) => _id));
  const own = rows.filter(({ visibility }) => visibility === 'private');
  // Whoever comes in sees no more of the others than is said from then on.
  const open = rows.filter((row) => row.history === 'all' || own.includes(row));
  const [participants, since, messages] = await Promise.all([
    membersOf(parts, shown, limits.participantsShown.value),
    sinceOf(parts, userId, own),
    recent > 0 ? parts.newestMessages.newestOf(open, recent) : new Map<string, never>(),
  ]);
  const items = shown.map((space) => ({
    ...space,
    participants: (participants.get(space.id) ?? []).map(({ person }) => person),
    recent: (messages.get(space.id) ?? []).filter(({ seq }) => seq > (since.get(space.id) ?? 0)),
  }));
  return { items, nextCursor };
};

/** From where private rooms show somebody what was said. */
const sinceOf = async (
  { memberships }: RoomsParts,
  user: string,
  rooms: readonly ConversationRow[],
): Promise<ReadonlyMap<string, number>> => {
  if (rooms.length === 0) return new Map();
  const found = await memberships
    .find({ user, conversation: { $in: rooms.map(({ _id }) => _id) } })
    .select({ conversation: 1, sinceSeq: 1 })
    .lean();
  return new Map(found.map(({ conversation, sinceSeq }) => [conversation, sinceSeq]));
};
