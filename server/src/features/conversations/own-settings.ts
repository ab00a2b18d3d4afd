// Owns what a member sets for themselves alone: muted, pinned, archived, deleted for themselves. Nobody else hears of it.
import { AppError, limits } from '@parley/shared';
import { type Publish, userAudience } from '../events/index.js';
import type { AccessModels } from './access.js';
import type { MembershipRow } from './membership.model.js';

export interface OwnSettingsParts extends AccessModels {
  readonly publish: Publish;
  /** See `ConversationsParts`. */
  settled(conversationIds: readonly string[]): Promise<void>;
}

type OwnSettings = Pick<MembershipRow, 'mutedUntil' | 'pinnedAt' | 'archivedAt' | 'hidden' | 'sinceSeq'>;

/** Of a member, whom the caller has seen to be one; tells their other devices. NOT_FOUND for who is put out meanwhile. */
export const setOwn = async (
  { memberships, publish }: OwnSettingsParts,
  { conversationId, userId }: { readonly conversationId: string; readonly userId: string },
  set: Partial<OwnSettings>,
): Promise<void> => {
  const row = await memberships
    .findOneAndUpdate(
      { conversation: conversationId, user: userId, state: 'member' },
      { $set: set },
      { returnDocument: 'after' },
    )
    .lean<MembershipRow>();
  if (row === null) throw new AppError('NOT_FOUND');
  const { mutedUntil, pinnedAt, archivedAt, hidden } = row;
  const event = {
    type: 'conversation.placeChanged',
    ...{ conversationId, mutedUntil, pinnedAt, archivedAt, hidden },
  } as const;
  await publish([{ event, audiences: [userAudience(userId)] }]);
};

/** CONFLICT where they have pinned as many as one may. */
export const assertMayPin = async ({ memberships }: OwnSettingsParts, userId: string): Promise<void> => {
  const pinned = await memberships.countDocuments({
    user: userId,
    state: 'member',
    pinnedAt: { $ne: null },
  });
  if (pinned >= limits.conversationsPinned.value) {
    throw new AppError('CONFLICT', { details: { fields: { pinned: ['there are as many as may be'] } } });
  }
};

/** Hides what was said, and the conversation itself until more is. The others keep everything. */
export const deleteForOneself = async (
  parts: OwnSettingsParts,
  place: { readonly conversationId: string; readonly userId: string },
): Promise<void> => {
  await parts.settled([place.conversationId]);
  const row = await parts.conversations.findById(place.conversationId).select({ messageCount: 1 }).lean();
  if (row === null) throw new AppError('NOT_FOUND');
  await setOwn(parts, place, { hidden: true, sinceSeq: row.messageCount, pinnedAt: null });
};
