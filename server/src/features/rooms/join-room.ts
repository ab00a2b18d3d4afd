import { AppError, foldName, newId } from '@parley/shared';
import { isDuplicateKey } from '../../platform/rows.js';
import {
  type AccessModels,
  type ConversationRow,
  type FindAccess,
  findOrCreateConversation,
  freshMembership,
  type MembershipEvents,
  type MembershipModel,
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
  const { conversation: room, created } = await findOrCreateConversation(
    parts.conversations,
    { nameKey: foldName(name) },
    { kind: 'room', name, visibility: 'public', createdBy: userId },
  );
  if (await join(parts.memberships, room, userId))
    await parts.onMembershipChanged(room._id, userId, 'joined');
  return { room, created };
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
  const { state: _state, ...fresh } = freshMembership;
  try {
    await memberships.updateOne(
      // A ban that arrives meanwhile does not match, and the insert then meets the unique key.
      { ...place, state: { $in: ['invited', 'left', 'member'] } },
      {
        $set: { state: 'member' },
        $setOnInsert: {
          _id: newId(),
          ...fresh,
          role: await roleOf(memberships, room, userId),
          joinedAt: new Date(),
          lastReadSeq: room.messageCount,
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
