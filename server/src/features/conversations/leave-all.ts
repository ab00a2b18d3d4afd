// Owns what becomes of the conversations of somebody who goes for good.
import type { MembershipEvents } from './access.js';
import type { MembershipModel, MembershipRow } from './membership.model.js';

export interface LeaveAllParts extends MembershipEvents {
  readonly memberships: MembershipModel;
}

const AT_ONCE = 100;

/**
 * Leaves every conversation. What they own goes to the admin who has been there longest, else to the member who has; with
 * nobody left it has no owner. May be repeated.
 */
export const leaveAll = async (parts: LeaveAllParts, userId: string): Promise<void> => {
  for (;;) {
    const mine = await parts.memberships.find({ user: userId, state: 'member' }).limit(AT_ONCE).lean();
    if (mine.length === 0) return;
    for (const membership of mine) await leave(parts, membership);
  }
};

const leave = async (
  { memberships, onMembershipChanged }: LeaveAllParts,
  { _id, conversation, user, role }: MembershipRow,
): Promise<void> => {
  // The heir first: cut short here, there are two owners for a while, and never none.
  if (role === 'owner') {
    const heir = await heirOf(memberships, conversation, user);
    if (heir !== null) {
      await memberships.updateOne({ _id: heir._id, state: 'member' }, { $set: { role: 'owner' } });
      await onMembershipChanged(conversation, heir.user, 'changed');
    }
  }
  await memberships.updateOne({ _id }, { $set: { state: 'left', role: 'member' } });
  await onMembershipChanged(conversation, user, 'left');
};

const heirOf = async (
  memberships: MembershipModel,
  conversation: string,
  user: string,
): Promise<MembershipRow | null> => {
  const others = { conversation, state: 'member', user: { $ne: user } } as const;
  const longest = { joinedAt: 1, _id: 1 } as const;
  if ((await memberships.exists({ ...others, role: 'owner' })) !== null) return null;
  return (
    (await memberships
      .findOne({ ...others, role: 'admin' })
      .sort(longest)
      .lean()) ?? (await memberships.findOne(others).sort(longest).lean())
  );
};
