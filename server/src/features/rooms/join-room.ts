import { AppError, foldName, newId } from '@parley/shared';
import { isDuplicateKey } from '../../platform/rows.js';
import type {
  AccessModels,
  ConversationModel,
  ConversationRow,
  FindAccess,
  MembershipEvents,
  MembershipModel,
} from '../conversations/index.js';

/** What joining and leaving need. */
export interface RoomsParts extends AccessModels, MembershipEvents {
  readonly access: FindAccess;
}

/**
 * Joins the room of that name, made when there is none; `created` is true for the one call that made it. Names that differ
 * in letter case or encoding are one room: the folded name is a unique key, so it holds side by side too. Throws FORBIDDEN
 * for whoever is banned there, CONFLICT for the name of a private room they are not in.
 */
export const joinOrCreateRoom = async (
  parts: RoomsParts,
  userId: string,
  name: string,
): Promise<{ room: ConversationRow; created: boolean }> => {
  const { room, created } = await findOrCreate(parts.conversations, name, userId);
  if (await join(parts.memberships, room, userId)) parts.onMembershipChanged(room._id, userId);
  return { room, created };
};

const findOrCreate = async (conversations: ConversationModel, name: string, createdBy: string) => {
  const nameKey = foldName(name);
  const standing = await conversations.findOne({ nameKey }).lean();
  if (standing !== null) return { room: standing, created: false };
  const now = new Date();
  const row: ConversationRow = {
    _id: newId(),
    kind: 'room',
    name,
    nameKey,
    visibility: 'public',
    createdBy,
    createdAt: now,
    activeAt: now,
    messageCount: 0,
    lastMessage: null,
  };
  try {
    await conversations.insertOne(row);
    return { room: row, created: true };
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    const winner = await conversations.findOne({ nameKey }).lean();
    if (winner === null) throw error;
    return { room: winner, created: false };
  }
};

/** Whether that changed anything. */
const join = async (
  memberships: MembershipModel,
  room: ConversationRow,
  userId: string,
): Promise<boolean> => {
  const place = { conversation: room._id, user: userId };
  const standing = await memberships.findOne(place).lean();
  if (standing?.state === 'banned') throw new AppError('FORBIDDEN');
  if (standing?.state === 'member') return false;
  if (standing?.state !== 'invited' && room.visibility === 'private') {
    throw new AppError('CONFLICT', { details: { fields: { name: ['is taken'] } } });
  }
  try {
    await memberships.updateOne(
      // A ban that arrives meanwhile does not match, and the insert then meets the unique key.
      { ...place, state: { $in: ['invited', 'left', 'member'] } },
      {
        $set: { state: 'member' },
        $setOnInsert: {
          _id: newId(),
          role: await roleOf(memberships, room, userId),
          joinedAt: new Date(),
          lastReadSeq: room.messageCount,
          muted: false,
        },
      },
      { upsert: true },
    );
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    const now = await memberships.findOne(place).lean();
    if (now?.state !== 'member') throw new AppError('FORBIDDEN', { cause: error });
  }
  return true;
};

/** Whoever made the room owns it, also when a crash came between the two writes; not again after having given it away. */
const roleOf = async (memberships: MembershipModel, room: ConversationRow, userId: string) => {
  if (room.createdBy !== userId) return 'member';
  const owner = await memberships.exists({ conversation: room._id, role: 'owner' });
  return owner === null ? 'owner' : 'member';
};
