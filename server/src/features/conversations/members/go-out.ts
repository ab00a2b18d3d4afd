// Owns going out of a conversation, whoever does it. The row stays: whoever comes back is silenced still.
import { AppError } from '@parley/shared';
import type { ConversationRow } from '../conversation.model.js';
import type { MemberRole, MembershipRow } from '../membership.model.js';
import { announce } from './announce.js';
import { givePlaceBack, markMove, takeBack, type Yielded, yieldOwner } from './counts.js';
import type { GoingParts, Place } from './parts.js';

export interface Going {
  readonly by: string;
  readonly to: 'left' | 'banned';
  /** Throws where somebody of that role may not be taken out. */
  readonly allow?: (role: MemberRole) => void;
}

/** Whether they were in it. CONFLICT for the only owner of a conversation with others in it. */
export const goOut = async (parts: GoingParts, place: Place, going: Going): Promise<boolean> => {
  for (;;) {
    const row = await findMember(parts, place);
    if (row === null) return false;
    going.allow?.(row.role);
    const yielded =
      row.role === 'owner' ? await yieldOwner(parts, place.conversationId, { goes: true }) : null;
    if (row.role === 'owner' && yielded === null) {
      // Handed on, or out, meanwhile.
      if ((await findMember(parts, place))?.role !== 'owner') continue;
      throw isLastOwner();
    }
    if (await leaveAs(parts, row, { ...going, yielded })) return true;
  }
};

export const isLastOwner = (): AppError =>
  new AppError('CONFLICT', { details: { fields: { userId: ['is the only owner: hand it on first'] } } });

const findMember = async (
  { memberships }: GoingParts,
  { conversationId, userId }: Place,
): Promise<MembershipRow | null> =>
  await memberships
    .findOne({ conversation: conversationId, user: userId, state: 'member' })
    .lean<MembershipRow>();

/** Whether they went; not where their role is another by now. What was taken off the counts for it is put back then. */
export const leaveAs = async (
  parts: GoingParts,
  { _id, conversation: conversationId, user, role }: MembershipRow,
  { by, to, yielded }: Going & { readonly yielded: Yielded | null },
): Promise<boolean> => {
  const conversation = yielded?.conversation ?? (await markMove(parts, conversationId));
  const gone = await parts.memberships.updateOne(
    { _id, state: 'member', role },
    { $set: { state: to, role: 'member', joinedAt: new Date(), invitedBy: null } },
  );
  if (gone.modifiedCount === 0) {
    if (yielded !== null) await takeBack(parts, yielded);
    return false;
  }
  if (yielded?.counts.memberCount === undefined) await givePlaceBack(parts, conversationId);
  if (conversation !== null) await freeName(parts, conversation, user);
  await parts.onMembershipChanged(conversationId, user, 'left');
  if (conversation !== null) {
    const users = [user];
    await announce(
      parts,
      conversation,
      by,
      by === user ? { type: 'left', users } : { type: 'removed', users },
    );
  }
  return true;
};

/** Whoever made a group and is not in it any more may make another of its name. */
const freeName = async (
  { conversations }: GoingParts,
  { _id, createdBy, groupKey }: ConversationRow,
  userId: string,
): Promise<void> => {
  if (createdBy === userId && groupKey !== undefined)
    await conversations.updateOne({ _id, groupKey }, { $unset: { groupKey: 1 } });
};
