// Owns what a conversation and its members say of its newest messages. Doing it twice comes to the same as once.
import type { ConversationModel, MembershipModel } from '../../conversations/index.js';

/** A message that stands in history. */
export interface Landed {
  readonly conversation: string;
  readonly id: string;
  readonly seq: number;
  readonly author: string;
  readonly receivedAt: Date;
}

/** Tells each conversation of its newest message. `landed`: in the order of their numbers. */
export const tellConversations = async (
  conversations: ConversationModel,
  landed: readonly Landed[],
): Promise<void> => {
  const newest = new Map(landed.map((message) => [message.conversation, message]));
  if (newest.size === 0) return;
  await conversations.bulkWrite(
    [...newest.values()].map(({ conversation, id, seq, receivedAt }) => ({
      updateOne: {
        filter: { _id: conversation, messageCount: { $lt: seq } },
        update: { $set: { messageCount: seq, lastMessage: id, activeAt: receivedAt } },
      },
    })),
    { ordered: false },
  );
};

/** Who writes has read what stood before. */
export const markOwnAsRead = async (
  memberships: MembershipModel,
  landed: readonly Landed[],
): Promise<void> => {
  const newest = new Map(landed.map((message) => [`${message.conversation} ${message.author}`, message]));
  if (newest.size === 0) return;
  await memberships.bulkWrite(
    [...newest.values()].map(({ conversation, author, seq }) => ({
      updateOne: { filter: { conversation, user: author }, update: { $max: { lastReadSeq: seq } } },
    })),
    { ordered: false },
  );
};
