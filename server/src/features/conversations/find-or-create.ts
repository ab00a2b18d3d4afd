import { newId } from '@parley/shared';
import { isDuplicateKey } from '../../platform/rows.js';
import { type ConversationModel, type ConversationRow, freshConversation } from './conversation.model.js';

/** What there is only one conversation of. */
type ConversationKey = Required<Pick<ConversationRow, 'directKey'>>;

/** What whoever makes a conversation says of it. */
type FreshConversation = Pick<ConversationRow, 'kind' | 'name' | 'visibility' | 'createdBy'> &
  Partial<Pick<ConversationRow, 'memberCount'>>;

/**
 * The one conversation with that key, made when there is none; `created` is true for the one call that made it. Safe side by
 * side: the key is unique, and whoever comes second gets what the first has made.
 */
export const findOrCreateConversation = async (
  conversations: ConversationModel,
  key: ConversationKey,
  fresh: FreshConversation,
): Promise<{ conversation: ConversationRow; created: boolean }> => {
  const standing = await conversations.findOne(key).lean();
  if (standing !== null) return { conversation: standing, created: false };
  const now = new Date();
  const row: ConversationRow = {
    ...{ _id: newId(), ...freshConversation, ...fresh, ...key },
    ...{ createdAt: now, activeAt: now },
  };
  try {
    await conversations.insertOne(row);
    return { conversation: row, created: true };
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    const winner = await conversations.findOne(key).lean();
    if (winner === null) throw error;
    return { conversation: winner, created: false };
  }
};
