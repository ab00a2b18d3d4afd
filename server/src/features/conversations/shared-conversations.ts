import { createSharedPlaces, type SharedPlaces } from '../friends/index.js';
import type { MembershipModel } from './membership.model.js';

/** With whom somebody shares conversations. */
export const createSharedConversations = (memberships: MembershipModel): SharedPlaces =>
  createSharedPlaces({
    of: async (userId, limit) => {
      const rows = await memberships
        .find({ user: userId, state: 'member' })
        .sort({ joinedAt: -1, _id: -1 })
        .limit(limit)
        .select({ conversation: 1 })
        .lean();
      return rows.map(({ conversation }) => conversation);
    },
    peopleIn: async (conversation, limit) => {
      const rows = await memberships
        .find({ conversation, state: 'member' })
        .limit(limit)
        .select({ user: 1 })
        .lean();
      return rows.map(({ user }) => user);
    },
  });
