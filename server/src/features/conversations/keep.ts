// Owns for how long the two of a direct conversation keep what they say: as long as the one who wants it longer does. Nobody loses by the
// other what they want to keep.
import { AppError } from '@parley/shared';
import { conversationAudience, type Publish } from '../events/index.js';
import type { AccessModels } from './access.js';

interface KeepParts extends AccessModels {
  readonly publish: Publish;
}

interface Place {
  readonly conversationId: string;
  readonly userId: string;
}

/** Days, or null for ever. By one of the two, whom the caller has seen to be one. */
export const keepFor = async (parts: KeepParts, place: Place, days: number | null): Promise<void> => {
  const { conversationId, userId } = place;
  const { matchedCount } = await parts.memberships.updateOne(
    { conversation: conversationId, user: userId, state: 'member' },
    { $set: { keepDays: days } },
  );
  if (matchedCount === 0) throw new AppError('NOT_FOUND');
  // Both may say so at once: whoever looks last after their own write sees both.
  for (;;) {
    const retentionDays = await longest(parts, conversationId);
    await setFor(parts, place, retentionDays);
    if ((await longest(parts, conversationId)) === retentionDays) return;
  }
};

/** What the one wants who wants it longest. Whoever is not in it any more has said what they have said. */
const longest = async ({ memberships }: KeepParts, conversation: string): Promise<number | null> => {
  const rows = await memberships.find({ conversation }).select({ keepDays: 1 }).lean();
  const days = rows.map(({ keepDays }) => keepDays ?? null);
  return days.some((each) => each === null) ? null : Math.max(...days.map(Number));
};

const setFor = async (
  { conversations, publish }: KeepParts,
  { conversationId, userId }: Place,
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
