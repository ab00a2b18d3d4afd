import { limits, type Overview } from '@parley/shared';
import type { AccessModels } from './access.js';
import { unreadTotal } from './unread.js';

export interface OverviewParts extends AccessModels {
  /** See `ConversationsParts`. */
  settled(conversationIds: readonly string[]): Promise<void>;
}

/** What somebody wants to know first: where they are, the newest-joined first, and how much is unread in all of it. */
export const overviewOf = async (parts: OverviewParts, userId: string): Promise<Overview> => {
  const mine = await parts.memberships
    .find({ user: userId, state: 'member' })
    .sort({ joinedAt: -1, _id: -1 })
    .select({ conversation: 1, role: 1 })
    .lean();
  await parts.settled(mine.map(({ conversation }) => conversation));
  const shown = limits.membershipsShown.value;
  return {
    memberships: {
      items: mine.slice(0, shown).map(({ conversation, role }) => ({ conversationId: conversation, role })),
      hasMore: mine.length > shown,
    },
    unread: await unreadTotal(parts, userId),
  };
};
