// Owns for how long the two of a direct conversation keep what they say.
import { conversationAudience, type Publish } from '../events/index.js';
import type { ConversationModel } from './conversation.model.js';

interface KeepParts {
  readonly conversations: ConversationModel;
  readonly publish: Publish;
}

/** Days, or null for ever. By one of the two, whom the caller has seen to be one; the other hears of it. */
export const keepFor = async (
  { conversations, publish }: KeepParts,
  { conversationId, userId }: { readonly conversationId: string; readonly userId: string },
  retentionDays: number | null,
): Promise<void> => {
  const { modifiedCount } = await conversations.updateOne(
    { _id: conversationId },
    { $set: { retentionDays } },
  );
  if (modifiedCount === 0) return;
  const changes = { settings: { retentionDays } };
  const event = { type: 'conversation.updated', conversationId, by: userId, changes } as const;
  await publish([{ event, audiences: [conversationAudience(conversationId)] }]);
};
