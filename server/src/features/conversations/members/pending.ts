// Owns telling of invitations and of those who want to be let in: when they begin, and how they end.
import type { ParleyEvent } from '@parley/shared';
import { userAudience } from '../../events/index.js';
import type { MembershipRow } from '../membership.model.js';
import type { GoingParts, Place } from './parts.js';

export const tellInvited = async ({ publish }: GoingParts, place: Place, by: string): Promise<void> =>
  await publish([
    { event: { type: 'conversation.invited', ...place, by }, audiences: [userAudience(place.userId)] },
  ]);

export const tellRequested = async (parts: GoingParts, place: Place): Promise<void> =>
  await parts.publish([
    { event: { type: 'conversation.requested', ...place }, audiences: await adminsAnd(parts, place) },
  ]);

type Ending = Extract<
  ParleyEvent,
  { type: 'conversation.invitationEnded' | 'conversation.requestEnded' }
>['outcome'];

/** Tells that what a row said before is over; says nothing of rows that were neither. */
export const tellEnded = async (
  parts: GoingParts,
  before: Pick<MembershipRow, 'conversation' | 'user' | 'state' | 'invitedBy'>,
  by: string,
  outcome: { readonly invited: Ending; readonly requested: Ending },
): Promise<void> => {
  const place = { conversationId: before.conversation, userId: before.user };
  if (before.state === 'invited' && outcome.invited !== 'withdrawn') {
    const ended = { type: 'conversation.invitationEnded', ...place, by, outcome: outcome.invited } as const;
    const whom = [before.user, ...(before.invitedBy === null ? [] : [before.invitedBy])];
    await parts.publish([{ event: ended, audiences: whom.map(userAudience) }]);
  }
  if (before.state === 'requested' && outcome.requested !== 'revoked') {
    const ended = { type: 'conversation.requestEnded', ...place, by, outcome: outcome.requested } as const;
    await parts.publish([{ event: ended, audiences: await adminsAnd(parts, place) }]);
  }
};

/** Admins who hear of it at most. */
const MAX_TOLD = 100;

const adminsAnd = async ({ memberships }: GoingParts, { conversationId, userId }: Place) => {
  const admins = await memberships
    .find({ conversation: conversationId, state: 'member', role: { $in: ['owner', 'admin'] } })
    .limit(MAX_TOLD)
    .select({ user: 1 })
    .lean();
  return [...admins.map(({ user }) => user), userId].map(userAudience);
};
