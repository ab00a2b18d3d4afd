// Owns what becomes of what somebody owns who goes all the same.
import type { MembershipModel, MembershipRow } from '../membership.model.js';
import { countOwner, markMove, uncountOwner, yieldOwner } from './counts.js';
import { leaveAs } from './go-out.js';
import type { GoingParts } from './parts.js';

/**
 * Goes, whatever they own: that goes to the admin who has been there longest, else to the member who has; with nobody left it has no
 * owner. Whether they went: their role may be another by now.
 */
export const leaveAndHandOn = async (parts: GoingParts, membership: MembershipRow): Promise<boolean> => {
  const { conversation, role } = membership;
  const going = { by: membership.user, to: 'left' } as const;
  if (role !== 'owner') return await leaveAs(parts, membership, { ...going, yielded: null });
  // The heir first: cut short here, there are two owners for a while, and never none.
  await handOn(parts, conversation, membership.user);
  const yielded = await yieldOwner(parts, conversation, { goes: true });
  // They go, whatever the counts say; and another owner may have gone at the same moment.
  if (yielded === null) await uncountOwner(parts, conversation);
  const isGone = await leaveAs(parts, membership, { ...going, yielded });
  await handOn(parts, conversation, membership.user);
  return isGone;
};

/** Makes somebody an owner where nobody is, whoever goes (`except`) aside. */
export const handOn = async (
  parts: GoingParts,
  conversation: string,
  except: string | null,
): Promise<void> => {
  const heir = await heirOf(parts.memberships, conversation, except);
  if (heir === null) return;
  await markMove(parts, conversation);
  const made = await parts.memberships.updateOne(
    { _id: heir._id, state: 'member', role: heir.role },
    { $set: { role: 'owner' } },
  );
  if (made.modifiedCount === 0) return await handOn(parts, conversation, except);
  await countOwner(parts, conversation);
  await parts.onMembershipChanged(conversation, heir.user, 'changed');
};

const heirOf = async (
  memberships: MembershipModel,
  conversation: string,
  except: string | null,
): Promise<MembershipRow | null> => {
  const others = { conversation, state: 'member', user: { $ne: except } } as const;
  const longest = { joinedAt: 1, _id: 1 } as const;
  if ((await memberships.exists({ ...others, role: 'owner' })) !== null) return null;
  return (
    (await memberships
      .findOne({ ...others, role: 'admin' })
      .sort(longest)
      .lean()) ?? (await memberships.findOne(others).sort(longest).lean())
  );
};
