import { foldName, type Room, type roomsListInputSchema } from '@parley/shared';
import type { z } from 'zod';
import { cutPage } from '../../platform/cursor.js';
import { startsWith } from '../../platform/rows.js';
import {
  type AccessModels,
  afterCursor,
  byActivity,
  type ConversationRow,
  placeOf,
} from '../conversations/index.js';
import { joinOrCreateRoom, type RoomsParts } from './join-room.js';
import { leaveRoom } from './leave-room.js';

export interface RoomsService {
  /** Joins the room of that name, or makes it. FORBIDDEN for the banned; CONFLICT for a private room's name. */
  joinOrCreate(userId: string, name: string): Promise<{ room: Room; created: boolean }>;
  /** Leaves the room, at once wherever it is open; FORBIDDEN for a conversation that is no room. */
  leave(userId: string, roomId: string): Promise<void>;
  /** Public rooms, newest activity first, those whose name starts with `search` where it is given. */
  list(userId: string, input: ListInput): Promise<{ items: Room[]; nextCursor: string | null }>;
}

type ListInput = z.output<typeof roomsListInputSchema>;

const LIST = 'rooms';

export const createRoomsService = (parts: RoomsParts): RoomsService => ({
  joinOrCreate: async (userId, name) => {
    const { room, created } = await joinOrCreateRoom(parts, userId, name);
    const [shown] = await show(parts, userId, [room]);
    if (shown === undefined) throw new TypeError('a room that was joined must be shown');
    return { room: shown, created };
  },
  leave: (userId, roomId) => leaveRoom(parts, userId, roomId),
  list: (userId, input) => list(parts, userId, input),
});

const list = async (models: AccessModels, userId: string, input: ListInput) => {
  const prefix = foldName(input.search ?? '');
  const rows = await models.conversations
    .find({
      kind: 'room',
      visibility: 'public',
      ...(prefix === '' ? {} : { nameKey: startsWith(prefix) }),
      ...afterCursor(LIST, input.cursor),
    })
    .sort(byActivity)
    .limit(input.limit + 1)
    .lean();
  const page = cutPage(LIST, rows, input.limit, placeOf);
  return { items: await show(models, userId, page.rows), nextCursor: page.nextCursor };
};

/** Rows as somebody sees them: two queries, however many rows. */
const show = async (
  { memberships }: AccessModels,
  userId: string,
  rows: readonly ConversationRow[],
): Promise<Room[]> => {
  const ids = rows.map((row) => row._id);
  const [counts, mine] = await Promise.all([
    memberships.aggregate<{ _id: string; members: number }>([
      { $match: { conversation: { $in: ids }, state: 'member' } },
      { $group: { _id: '$conversation', members: { $sum: 1 } } },
    ]),
    memberships
      .find({ user: userId, conversation: { $in: ids }, state: 'member' })
      .select({ conversation: 1 })
      .lean(),
  ]);
  const memberCounts = new Map(counts.map(({ _id, members }) => [_id, members]));
  const joined = new Set(mine.map((membership) => membership.conversation));
  return rows.map((row) => ({
    id: row._id,
    name: row.name ?? '',
    memberCount: memberCounts.get(row._id) ?? 0,
    messageCount: row.messageCount,
    joined: joined.has(row._id),
    activeAt: row.activeAt,
    createdAt: row.createdAt,
  }));
};
