// Owns making a group or a room: nobody sees it before all who are in it from the start are, and its name is taken by the same write that
// shows it. What a crash leaves is removed at a later start.
import { AppError, newId } from '@parley/shared';
import { inParts, isDuplicateKey } from '../../../platform/rows.js';
import { type ConversationRow, freshConversation, IN_THE_MAKING } from '../conversation.model.js';
import { assertMayHaveOneMore } from '../members/counts.js';
import { freshMembership, type MembershipRow } from '../membership.model.js';
import type { SpaceKind } from './access.js';
import { type NameKeys, nameKeysOf } from './names.js';
import type { SpacesParts } from './parts.js';

export interface NewSpace
  extends Pick<ConversationRow, 'visibility'>,
    Partial<
      Pick<
        ConversationRow,
        'topic' | 'approval' | 'history' | 'announces' | 'capacity' | 'slowModeMs' | 'retentionDays'
      >
    > {
  readonly kind: SpaceKind;
  readonly name: string;
  readonly createdBy: string;
  /** Who is in it beside its maker, who owns it. */
  readonly members: readonly string[];
}

/** The new one; null where its name is taken, then nothing is made. */
export const makeSpace = async (
  parts: SpacesParts,
  { members, ...given }: NewSpace,
): Promise<ConversationRow | null> => {
  await assertMayHaveOneMore(parts, given.createdBy);
  const keys = nameKeysOf(given.kind, given.createdBy, given.name);
  const now = new Date();
  const row: ConversationRow = {
    ...{ _id: newId(), ...freshConversation, ...given, memberCount: members.length + 1, ownerCount: 1 },
    ...{ movedAt: now, createdAt: now, activeAt: now, deletedAt: IN_THE_MAKING },
  };
  await parts.conversations.insertOne(row);
  const places = [given.createdBy, ...members].map(
    (user): MembershipRow => ({
      ...{ _id: newId(), ...freshMembership, conversation: row._id, user, joinedAt: now },
      role: user === given.createdBy ? 'owner' : 'member',
    }),
  );
  await parts.memberships.insertMany(places);
  if (!(await show(parts, row, keys))) {
    await parts.memberships.deleteMany({ conversation: row._id });
    await parts.conversations.deleteOne({ _id: row._id, deletedAt: IN_THE_MAKING });
    return null;
  }
  for (const part of inParts(places))
    await Promise.all(part.map(({ user }) => parts.onMembershipChanged(row._id, user, 'joined')));
  return { ...row, ...keys, deletedAt: null };
};

const show = async (
  { conversations }: SpacesParts,
  { _id }: ConversationRow,
  keys: NameKeys,
): Promise<boolean> => {
  try {
    const shown = await conversations.updateOne(
      { _id, deletedAt: IN_THE_MAKING },
      { $set: { ...keys, deletedAt: null } },
    );
    // So slow that it was taken for what a crash has left.
    if (shown.matchedCount === 0) throw new AppError('UNAVAILABLE');
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
};
