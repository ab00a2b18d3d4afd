// Owns inviting people into a conversation, people who ask to be let in, and how either ends without their coming in.
import { AppError, limits, newId } from '@parley/shared';
import { isDuplicateKey } from '../../../platform/rows.js';
import { freshMembership, type MembershipRow } from '../membership.model.js';
import { findPlace } from './come-in.js';
import type { MembersParts, Place } from './parts.js';
import { tellEnded, tellInvited, tellRequested } from './pending.js';

interface Waiting {
  readonly state: 'invited' | 'requested';
  readonly invitedBy: string | null;
}

/** What they are now: what was wanted, or what they were already. Throws CONFLICT where as many wait as may. */
export const wait = async (
  parts: MembersParts,
  place: Place,
  waiting: Waiting,
): Promise<MembershipRow['state']> => {
  for (;;) {
    const row = await findPlace(parts, place);
    if (row !== null && row.state !== 'left') return row.state;
    await assertRoom(parts, place.conversationId, waiting.state);
    if (!(await write(parts, place, { row, waiting }))) continue;
    await assertStands(parts, place);
    if (waiting.invitedBy === null) await tellRequested(parts, place);
    else await tellInvited(parts, place, waiting.invitedBy);
    return waiting.state;
  }
};

const assertRoom = async (
  { memberships }: MembersParts,
  conversation: string,
  state: Waiting['state'],
): Promise<void> => {
  const most =
    state === 'invited' ? limits.invitationsPerConversation.value : limits.requestsPerConversation.value;
  if ((await memberships.countDocuments({ conversation, state })) < most) return;
  const what = state === 'invited' ? 'invitations' : 'requests';
  throw new AppError('CONFLICT', {
    details: { fields: { conversationId: [`has as many ${what} as it may`] } },
  });
};

const write = async (
  { memberships }: MembersParts,
  { conversationId, userId }: Place,
  { row, waiting }: { readonly row: MembershipRow | null; readonly waiting: Waiting },
): Promise<boolean> => {
  const now = { ...waiting, joinedAt: new Date() };
  if (row !== null) {
    const set = await memberships.updateOne({ _id: row._id, state: 'left' }, { $set: now });
    return set.modifiedCount > 0;
  }
  try {
    const who = { _id: newId(), conversation: conversationId, user: userId };
    await memberships.insertOne({ ...freshMembership, ...who, ...now });
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
};

/** A conversation or an account that ended meanwhile has taken its rows along before this one was written. */
const assertStands = async (parts: MembersParts, { conversationId, userId }: Place): Promise<void> => {
  const [conversation, user] = await Promise.all([
    parts.conversations.exists({ _id: conversationId, deletedAt: null }),
    parts.users.find(userId),
  ]);
  if (conversation !== null && user !== null) return;
  await parts.memberships.deleteOne({
    ...{ conversation: conversationId, user: userId },
    state: { $in: ['invited', 'requested'] },
  });
  throw new AppError('NOT_FOUND');
};

/** Throws NOT_FOUND where they do not wait for that. */
export const endWait = async (
  parts: MembersParts,
  { conversationId, userId }: Place,
  { state, by }: { readonly state: Waiting['state']; readonly by: string },
): Promise<void> => {
  const row = await parts.memberships
    .findOneAndUpdate(
      { conversation: conversationId, user: userId, state },
      { $set: { state: 'left', joinedAt: new Date(), invitedBy: null } },
    )
    .lean<MembershipRow>();
  if (row === null) throw new AppError('NOT_FOUND');
  const isTheirs = by === userId;
  await tellEnded(parts, row, by, {
    invited: isTheirs ? 'declined' : 'revoked',
    requested: isTheirs ? 'withdrawn' : 'declined',
  });
};
