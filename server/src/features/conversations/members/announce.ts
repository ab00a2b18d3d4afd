// Owns when a conversation itself says who comes and goes.
import { limits, type SystemNote } from '@parley/shared';
import type { ConversationRow } from '../conversation.model.js';
import type { GoingParts } from './parts.js';

/** After it is done. Where many are in it, it would say little else. */
export const announce = async (
  { say }: GoingParts,
  { _id, announces, memberCount, archivedAt }: ConversationRow,
  by: string,
  note: SystemNote,
): Promise<void> => {
  if (announces && archivedAt === null && memberCount <= limits.announcedMembers.value)
    await say(_id, by, note);
};
