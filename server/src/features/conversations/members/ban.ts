// Owns keeping somebody out: whatever they are, and whatever happens at the same moment, they are banned in the end.
import { newId } from '@parley/shared';
import { isDuplicateKey } from '../../../platform/rows.js';
import { freshMembership, type MembershipRow } from '../membership.model.js';
import { findPlace } from './come-in.js';
import { type Going, goOut } from './go-out.js';
import type { GoingParts, Place } from './parts.js';
import { tellEnded } from './pending.js';

/** Takes them out where they are in it. CONFLICT for the only owner. */
export const ban = async (parts: GoingParts, place: Place, going: Omit<Going, 'to'>): Promise<void> => {
  for (;;) {
    if (await goOut(parts, place, { ...going, to: 'banned' })) return;
    const row = await findPlace(parts, place);
    if (row?.state === 'banned') return;
    if (row?.state !== 'member' && (await banOutside(parts, place, row))) {
      const ends = { invited: 'revoked', requested: 'declined' } as const;
      if (row !== null) await tellEnded(parts, row, going.by, ends);
      return;
    }
  }
};

/** Whether they were still what they were seen to be. */
const banOutside = async (
  { memberships }: GoingParts,
  { conversationId, userId }: Place,
  row: MembershipRow | null,
): Promise<boolean> => {
  const banned = { state: 'banned', joinedAt: new Date(), invitedBy: null } as const;
  if (row !== null) {
    const set = await memberships.updateOne({ _id: row._id, state: row.state }, { $set: banned });
    return set.modifiedCount > 0;
  }
  const who = { _id: newId(), conversation: conversationId, user: userId };
  try {
    await memberships.insertOne({ ...freshMembership, ...who, ...banned });
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
};

/** Whether they were banned. */
export const unban = async (
  { memberships }: GoingParts,
  { conversationId, userId }: Place,
): Promise<boolean> => {
  const lifted = await memberships.updateOne(
    { conversation: conversationId, user: userId, state: 'banned' },
    { $set: { state: 'left', joinedAt: new Date() } },
  );
  return lifted.modifiedCount > 0;
};
