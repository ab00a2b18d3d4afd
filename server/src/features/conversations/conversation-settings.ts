import type { ConversationSettings } from '@parley/shared';
import type { ConversationRow } from './conversation.model.js';

/** The settings of a conversation, as clients see them. */
export const settingsOf = (row: ConversationRow): ConversationSettings => {
  const { visibility, approval, history, announces, capacity, slowModeMs, retentionDays } = row;
  return { visibility, approval, history, announces, capacity, slowModeMs, retentionDays };
};
