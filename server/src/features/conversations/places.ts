import { conversationAudience, type Places } from '../events/index.js';
import type { MembershipModel } from './membership.model.js';

/** The conversations whose events somebody hears, and since when. */
export const conversationPlaces = async (memberships: MembershipModel, userId: string): Promise<Places> => {
  const mine = await memberships
    .find({ user: userId, state: 'member' })
    .select({ conversation: 1, joinedAt: 1 })
    .lean();
  return new Map(mine.map(({ conversation, joinedAt }) => [conversationAudience(conversation), joinedAt]));
};
