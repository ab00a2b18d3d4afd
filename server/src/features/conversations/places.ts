import { conversationAudience, type Places } from '../events/index.js';
import type { MembershipModel } from './membership.model.js';

/** The conversations that somebody is in, and from which message on each shows them what was said. */
export const shownSince = async (
  memberships: MembershipModel,
  userId: string,
): Promise<ReadonlyMap<string, number>> => {
  const mine = await memberships
    .find({ user: userId, state: 'member' })
    .select({ conversation: 1, sinceSeq: 1 })
    .lean();
  return new Map(mine.map(({ conversation, sinceSeq }) => [conversation, sinceSeq]));
};

/** The conversations whose events somebody hears, and since when. */
export const conversationPlaces = async (memberships: MembershipModel, userId: string): Promise<Places> => {
  const mine = await memberships
    .find({ user: userId, state: 'member' })
    .select({ conversation: 1, joinedAt: 1 })
    .lean();
  return new Map(mine.map(({ conversation, joinedAt }) => [conversationAudience(conversation), joinedAt]));
};
