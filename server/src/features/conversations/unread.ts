// Owns how much somebody has not read. Nothing is counted when a message is sent: a number is a difference of two that are there.
import type { AccessModels } from './access.js';
import type { ConversationRow } from './conversation.model.js';
import type { MembershipRow } from './membership.model.js';

/** How many messages of a conversation are unread. */
export const unreadOf = (
  { messageCount, erasedSeq }: Pick<ConversationRow, 'messageCount' | 'erasedSeq'>,
  { lastReadSeq, sinceSeq }: Pick<MembershipRow, 'lastReadSeq' | 'sinceSeq'>,
): number => Math.max(0, messageCount - Math.max(lastReadSeq, sinceSeq, erasedSeq));

/** The same over everything somebody is in: one query, by the index of their memberships and the ids of those conversations. */
export const unreadTotal = async (
  { conversations, memberships }: AccessModels,
  userId: string,
): Promise<number> => {
  const [total] = await memberships.aggregate<{ unread: number }>([
    { $match: { user: userId, state: 'member' } },
    {
      $lookup: {
        from: conversations.collection.name,
        localField: 'conversation',
        foreignField: '_id',
        as: 'of',
      },
    },
    { $unwind: '$of' },
    { $match: { 'of.deletedAt': null } },
    {
      $group: {
        _id: null,
        unread: {
          $sum: {
            $max: [
              0,
              {
                $subtract: [
                  '$of.messageCount',
                  { $max: ['$lastReadSeq', '$sinceSeq', { $ifNull: ['$of.erasedSeq', 0] }] },
                ],
              },
            ],
          },
        },
      },
    },
  ]);
  return total?.unread ?? 0;
};
