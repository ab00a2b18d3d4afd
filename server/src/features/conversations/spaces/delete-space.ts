// Owns the end of a group or a room. Each step may be repeated.
import { inParts, removeInParts } from '../../../platform/rows.js';
import { conversationAudience, type NewEvent, userAudience } from '../../events/index.js';
import { IN_THE_MAKING } from '../conversation.model.js';
import type { SpacesParts } from './parts.js';

/** Gone for everybody with the first write, and its name is free; the rest follows, after a crash too. */
export const deleteSpace = async (parts: SpacesParts, conversationId: string, by: string): Promise<void> => {
  await parts.conversations.updateOne(
    { _id: conversationId, deletedAt: null },
    { $set: { deletedAt: new Date() }, $unset: { nameKey: 1, groupKey: 1 } },
  );
  await removeParts(parts, conversationId, by);
};

/** Long after whoever makes one has either shown it or died. */
const MAKING_MS = 60_000;

/** Also of what was never made to the end. */
export const finishDeletions = async (parts: SpacesParts): Promise<void> => {
  // The type is named so that the index serves it.
  const unfinished = await parts.conversations
    .find({ deletedAt: { $gt: IN_THE_MAKING, $type: 'date' } }, { _id: 1 })
    .lean();
  for (const { _id } of unfinished) await removeParts(parts, _id, null);
  const given = { deletedAt: IN_THE_MAKING, createdAt: { $lt: new Date(Date.now() - MAKING_MS) } };
  for (const { _id } of await parts.conversations.find(given, { _id: 1 }).lean()) {
    const { deletedCount } = await parts.conversations.deleteOne({ _id, deletedAt: IN_THE_MAKING });
    if (deletedCount > 0) await parts.memberships.deleteMany({ conversation: _id });
  }
};

/** The conversation's own row last: as long as it stands, something may be left to do. */
const removeParts = async (parts: SpacesParts, conversationId: string, by: string | null): Promise<void> => {
  parts.onRightsChanged(conversationId);
  await tellDeleted(parts, conversationId, by);
  await parts.removeContent(conversationId);
  await parts.conversationLinks.deleteMany({ place: conversationId });
  const byPlace = { conversation: 1, user: 1 };
  await removeInParts(parts.memberships, { conversation: conversationId }, byPlace);
  await parts.conversations.deleteOne({ _id: conversationId, deletedAt: { $gt: IN_THE_MAKING } });
};

/** Whoever was in it, invited, or waited hears of its end, once, however often that is finished; in several events where they are many. */
const tellDeleted = async (
  { memberships, publish }: SpacesParts,
  conversationId: string,
  by: string | null,
): Promise<void> => {
  const rows = await memberships
    .find({ conversation: conversationId, state: { $in: ['member', 'invited', 'requested'] } })
    .select({ user: 1 })
    .lean();
  const event = { type: 'conversation.deleted', conversationId, by } as const;
  const told = inParts(rows).map(
    (part, index): NewEvent => ({
      event,
      audiences: part.map(({ user }) => userAudience(user)),
      key: `conversation.deleted:${conversationId}:${index}`,
    }),
  );
  const audience = conversationAudience(conversationId);
  const last = { event, audiences: [], leaves: { userId: null, audience } };
  await publish([...told, { ...last, key: `conversation.deleted:${conversationId}` }]);
};
