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
  participantsOf,
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
  /** Public rooms, newest activity first, those whose name starts with `search` where it is given. */
  list(userId: string, input: ListInput): Promise<{ items: Room[]; nextCursor: string | null }>;
}

export const createRoomsService = (parts: RoomsParts): RoomsService => {
  const spaces = createSpacesService(parts, 'room');
  return {
    spaces,
    joinOrCreate: async (userId, input) => {
      for (;;) {
        const room = await parts.conversations
          .findOne({ nameKey: foldName(input.name), deletedAt: null })
          .lean<ConversationRow>();
        if (room !== null) return { room: await join(spaces, userId, room._id), created: false };
        const made = await make(parts, userId, input);
        if (made !== null) return { room: await spaces.show(userId, made), created: true };
      }
    },
    list: (userId, input) => list(parts, spaces, { userId, input }),
  };
};

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
  // Whoever comes in sees no more of the others than is said from then on.
  const open = rows.filter(({ history }) => history === 'all');
  const [participants, messages] = await Promise.all([
    participantsOf(parts, rows),
    recent > 0 ? parts.newestMessages.newestOf(open, recent) : new Map<string, never>(),
  ]);
  const items = shown.map((space) => ({
    ...space,
    participants: [...(participants.get(space.id) ?? [])],
    recent: [...(messages.get(space.id) ?? [])],
  }));
  return { items, nextCursor };
};
