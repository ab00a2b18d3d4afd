// Owns how far somebody has read. The pointer only moves forward, whatever several of their devices say at once.
import { AppError, type ReadMark } from '@parley/shared';
import { conversationAudience, type Publish } from '../events/index.js';
import type { AccessModels } from './access.js';
import { unreadOf } from './unread.js';

export interface MarkReadParts extends AccessModels {
  readonly publish: Publish;
  /** See `ConversationsParts`. */
  settled(conversationIds: readonly string[]): Promise<void>;
}

/** By a member, whom the caller has seen to be one. What is not there yet cannot be read: at most everything is. */
export const markRead = async (
  { conversations, memberships, publish, settled }: MarkReadParts,
  userId: string,
  { conversationId, seq }: { readonly conversationId: string; readonly seq: number },
): Promise<ReadMark> => {
  await settled([conversationId]);
  const row = await conversations.findById(conversationId).select({ messageCount: 1, erasedSeq: 1 }).lean();
  if (row === null) throw new AppError('NOT_FOUND');
  const upTo = Math.min(seq, row.messageCount);
  const mine = { conversation: conversationId, user: userId, state: 'member' } as const;
  const moved = await memberships.updateOne(
    { ...mine, lastReadSeq: { $lt: upTo } },
    { $set: { lastReadSeq: upTo } },
  );
  if (moved.modifiedCount > 0) {
    const event = { type: 'conversation.read', conversationId, userId, seq: upTo } as const;
    await publish([{ event, audiences: [conversationAudience(conversationId)] }]);
  }
  const now = await memberships.findOne(mine).select({ lastReadSeq: 1, sinceSeq: 1 }).lean();
  // Put out, or gone, meanwhile.
  if (now === null) throw new AppError('NOT_FOUND');
  return { lastReadSeq: now.lastReadSeq, unread: unreadOf(row, now) };
};
