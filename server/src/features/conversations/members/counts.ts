// Owns how many are in a conversation and how many own it, so that no more come in than may, and never the last owner goes. Both stand
// in the conversation's row, where one write decides between several at once: a member's place is taken before they come and given back
// after they have gone, an owner is counted after they became one and no more before they cease to be. What a crash leaves wrong is
// thus only ever too strict, and is counted again when it stands in somebody's way.
import { AppError, limits } from '@parley/shared';
import type { UpdateQuery } from 'mongoose';
import type { AccessModels } from '../access.js';
import type { ConversationRow } from '../conversation.model.js';

/** Long after the two writes of whoever came or went last. */
const SETTLED_MS = 60_000;

/** What of a conversation must be so for somebody to come in. */
export type Condition = Partial<Pick<ConversationRow, 'visibility' | 'approval'>>;

/**
 * Takes a place for somebody who is about to come in; the conversation as it was before. Null where it is no more as the condition says.
 * Throws NOT_FOUND, and CONFLICT where it is archived or full.
 */
export const takePlace = async (
  models: AccessModels,
  conversationId: string,
  condition: Condition,
): Promise<ConversationRow | null> => {
  for (;;) {
    const before = await models.conversations
      .findOneAndUpdate(
        {
          ...{ _id: conversationId, deletedAt: null, archivedAt: null, ...condition },
          $expr: { $lt: ['$memberCount', { $ifNull: ['$capacity', limits.conversationMembers.value] }] },
        },
        { $inc: { memberCount: 1 }, $set: { movedAt: new Date() } },
      )
      .lean<ConversationRow>();
    if (before !== null) return before;
    const row = await models.conversations.findOne({ _id: conversationId, deletedAt: null }).lean();
    if (row === null) throw new AppError('NOT_FOUND');
    if (row.archivedAt !== null) throw isArchived();
    if (Object.entries(condition).some(([name, value]) => Reflect.get(row, name) !== value)) return null;
    const isFull = row.memberCount >= (row.capacity ?? limits.conversationMembers.value);
    if (isFull && !(await countAgain(models, row))) throw hasNoPlace();
  }
};

export const isArchived = (): AppError =>
  new AppError('CONFLICT', { details: { fields: { conversationId: ['is archived'] } } });

const hasNoPlace = (): AppError =>
  new AppError('CONFLICT', { details: { fields: { capacity: ['as many are in it as may be'] } } });

/** CONFLICT for whoever is in as many conversations as anybody may. Counted, not kept: of several at the same moment some may be beyond it. */
export const assertMayHaveOneMore = async ({ memberships }: AccessModels, user: string): Promise<void> => {
  const most = limits.conversationsPerPerson.value;
  if ((await memberships.countDocuments({ user, state: 'member' }).limit(most)) < most) return;
  throw new AppError('CONFLICT', {
    details: { fields: { userId: ['is in as many conversations as anybody may'] } },
  });
};

/** After they have gone, or did not come. */
export const givePlaceBack = async (
  { conversations }: AccessModels,
  conversationId: string,
): Promise<void> => {
  await conversations.updateOne(
    { _id: conversationId, memberCount: { $gt: 0 } },
    { $inc: { memberCount: -1 } },
  );
};

/** Before anything that a count follows, so that nobody counts again meanwhile. Null for a conversation that is gone. */
export const markMove = async (
  { conversations }: AccessModels,
  conversationId: string,
): Promise<ConversationRow | null> =>
  await conversations
    .findOneAndUpdate({ _id: conversationId }, { $set: { movedAt: new Date() } })
    .lean<ConversationRow>();

/** After somebody has become an owner. */
export const countOwner = async ({ conversations }: AccessModels, conversationId: string): Promise<void> => {
  await conversations.updateOne({ _id: conversationId }, { $inc: { ownerCount: 1 } });
};

/** Where an owner goes whatever the counts say. */
export const uncountOwner = async (
  { conversations }: AccessModels,
  conversationId: string,
): Promise<void> => {
  await conversations.updateOne(
    { _id: conversationId, ownerCount: { $gt: 0 } },
    { $inc: { ownerCount: -1 }, $set: { movedAt: new Date() } },
  );
};

/** What was taken off the counts. */
export interface Yielded {
  readonly conversation: ConversationRow;
  readonly counts: { readonly ownerCount: -1; readonly memberCount?: -1 };
}

/**
 * Before an owner ceases to be one. Another must own it too; or, where they go, nobody else be in it: then their place is given back with
 * it. Null where neither is so, or the conversation is gone.
 */
export const yieldOwner = async (
  models: AccessModels,
  conversationId: string,
  { goes }: { readonly goes: boolean },
): Promise<Yielded | null> => {
  const take = async (filter: object, counts: Yielded['counts']): Promise<Yielded | null> => {
    const update: UpdateQuery<ConversationRow> = { $inc: counts, $set: { movedAt: new Date() } };
    const conversation = await models.conversations
      .findOneAndUpdate({ _id: conversationId, ...filter }, update)
      .lean<ConversationRow>();
    return conversation === null ? null : { conversation, counts };
  };
  for (;;) {
    const yielded =
      (await take({ ownerCount: { $gt: 1 } }, { ownerCount: -1 })) ??
      (goes ? await take({ memberCount: 1 }, { ownerCount: -1, memberCount: -1 }) : null);
    if (yielded !== null) return yielded;
    const row = await models.conversations.findOne({ _id: conversationId }).lean();
    if (row === null || !(await countAgain(models, row))) return null;
  }
};

/** They are an owner still. */
export const takeBack = async (
  { conversations }: AccessModels,
  { conversation, counts }: Yielded,
): Promise<void> => {
  const back = Object.fromEntries(Object.keys(counts).map((name) => [name, 1]));
  await conversations.updateOne({ _id: conversation._id }, { $inc: back });
};

/** Whether the counts were wrong and are right now. Not while somebody may be between two writes. */
const countAgain = async (
  { conversations, memberships }: AccessModels,
  { _id, memberCount, ownerCount, movedAt }: ConversationRow,
): Promise<boolean> => {
  // Rows of an earlier version have no such field.
  if ((movedAt?.getTime() ?? 0) > Date.now() - SETTLED_MS) return false;
  const members = { conversation: _id, state: 'member' } as const;
  const counted = {
    memberCount: await memberships.countDocuments(members),
    ownerCount: await memberships.countDocuments({ ...members, role: 'owner' }),
  };
  if (counted.memberCount === memberCount && counted.ownerCount === ownerCount) return false;
  await conversations.updateOne(
    { _id, memberCount, ownerCount: ownerCount ?? null, movedAt: movedAt ?? null },
    { $set: { ...counted, movedAt: new Date() } },
  );
  return true;
};
