import { limits, type Overview } from '@parley/shared';
import type { AccessModels } from './access.js';
import type { MembershipRow } from './membership.model.js';

export interface OverviewParts extends AccessModels {
  /** See `ConversationsParts`. */
  settled(conversationIds: readonly string[]): Promise<void>;
}

/** What somebody wants to know first: where they are, the newest-joined first, and how much is unread in all of it. */
export const overviewOf = async (
  { conversations, memberships, settled }: OverviewParts,
  userId: string,
): Promise<Overview> => {
  const read = () => memberships.find({ user: userId, state: 'member' }).sort({ joinedAt: -1, _id: -1 });
  const ids = (await read().select({ conversation: 1 }).lean()).map(({ conversation }) => conversation);
  await settled(ids);
  // How far one has read is asked after that too: what one says oneself is read.
  const [mine, rows] = await Promise.all([
    read().select({ conversation: 1, role: 1, lastReadSeq: 1, sinceSeq: 1 }).lean(),
    conversations
      .find({ _id: { $in: ids } })
      .select({ messageCount: 1 })
      .lean(),
  ]);
  const counts = new Map(rows.map(({ _id, messageCount }) => [_id, messageCount]));
  const shown = limits.membershipsShown.value;
  return {
    memberships: {
      items: mine.slice(0, shown).map(({ conversation, role }) => ({ conversationId: conversation, role })),
      hasMore: mine.length > shown,
    },
    unread: mine.reduce((sum, place) => sum + unreadOf(counts.get(place.conversation) ?? 0, place), 0),
  };
};

/** How many messages are unread in a conversation of so many. */
export const unreadOf = (
  messageCount: number,
  { lastReadSeq, sinceSeq }: Pick<MembershipRow, 'lastReadSeq' | 'sinceSeq'>,
): number => Math.max(0, messageCount - Math.max(lastReadSeq, sinceSeq));
