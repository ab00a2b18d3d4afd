// Owns what becomes of the conversations of somebody who goes for good.
import type { LinkModel } from '../links/index.js';
import { leaveAndHandOn } from './members/hand-on.js';
import type { GoingParts } from './members/parts.js';
import { tellEnded } from './members/pending.js';
import type { MembershipRow } from './membership.model.js';

export interface LeaveAllParts extends GoingParts {
  readonly conversationLinks: LinkModel;
}

const AT_ONCE = 100;

/**
 * Leaves every conversation, handing on what they own. Their links end, and what they were invited to or had asked for. May be repeated.
 */
export const leaveAll = async (parts: LeaveAllParts, userId: string): Promise<void> => {
  await parts.conversationLinks.deleteMany({ createdBy: userId });
  for (;;) {
    const mine = await parts.memberships.find({ user: userId, state: 'member' }).limit(AT_ONCE).lean();
    if (mine.length === 0) break;
    for (const membership of mine) await leaveAndHandOn(parts, membership);
  }
  for (;;) {
    const row = await parts.memberships
      .findOneAndUpdate(
        { user: userId, state: { $in: ['invited', 'requested'] } },
        { $set: { state: 'left', invitedBy: null } },
      )
      .lean<MembershipRow>();
    if (row === null) return;
    await tellEnded(parts, row, userId, { invited: 'declined', requested: 'withdrawn' });
  }
};
