// Owns what those who are in a conversation are in it, and who is silenced there.
import { AppError } from '@parley/shared';
import type { MemberRole } from '../membership.model.js';
import { findPlace } from './come-in.js';
import { countOwner, markMove, takeBack, yieldOwner } from './counts.js';
import { isLastOwner } from './go-out.js';
import type { GoingParts, Place } from './parts.js';

export interface NewRole {
  readonly role: MemberRole;
  /** Throws where somebody of that role may not be given another. */
  readonly allow: (before: MemberRole) => void;
}

/** NOT_FOUND for whoever is not in it, CONFLICT for the only owner. */
export const giveRole = async (parts: GoingParts, place: Place, { role, allow }: NewRole): Promise<void> => {
  const { conversationId, userId } = place;
  for (;;) {
    const row = await findPlace(parts, place);
    if (row?.state !== 'member') throw new AppError('NOT_FOUND');
    allow(row.role);
    if (row.role === role) return;
    const yielded = row.role === 'owner' ? await yieldOwner(parts, conversationId, { goes: false }) : null;
    if (row.role === 'owner' && yielded === null) {
      if ((await findPlace(parts, place))?.role !== 'owner') continue;
      throw isLastOwner();
    }
    if (role === 'owner') await markMove(parts, conversationId);
    const given = await parts.memberships.updateOne(
      { _id: row._id, state: 'member', role: row.role },
      { $set: { role } },
    );
    if (given.modifiedCount === 0) {
      if (yielded !== null) await takeBack(parts, yielded);
      continue;
    }
    if (role === 'owner') await countOwner(parts, conversationId);
    await parts.onMembershipChanged(conversationId, userId, 'changed');
    return;
  }
};

export interface Silence {
  readonly silenced: boolean;
  /** Those that may be silenced, and heard again. */
  readonly allow: (role: MemberRole) => void;
}

/** Lets somebody read only, or write again. NOT_FOUND for whoever is not in it. */
export const setSilenced = async (
  parts: GoingParts,
  place: Place,
  { silenced, allow }: Silence,
): Promise<void> => {
  for (;;) {
    const row = await findPlace(parts, place);
    if (row?.state !== 'member') throw new AppError('NOT_FOUND');
    allow(row.role);
    if (row.silenced === silenced) return;
    const set = await parts.memberships.updateOne(
      { _id: row._id, state: 'member', role: row.role },
      { $set: { silenced } },
    );
    if (set.matchedCount === 0) continue;
    await parts.onMembershipChanged(place.conversationId, place.userId, 'changed');
    return;
  }
};
