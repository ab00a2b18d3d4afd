import { foldName } from '@parley/shared';
import type { ConversationKind, ConversationRow } from '../conversation.model.js';

/** What a conversation is found by, and what there is only one of: rooms of a name, groups of a name and maker. */
export type NameKeys = Pick<ConversationRow, 'nameKey' | 'foldedName' | 'groupKey'>;

export const nameKeysOf = (kind: ConversationKind, createdBy: string, name: string): NameKeys => {
  const foldedName = foldName(name);
  return kind === 'room' ? { nameKey: foldedName } : { foldedName, groupKey: `${createdBy}:${foldedName}` };
};
