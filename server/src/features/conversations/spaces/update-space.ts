// Owns changing what a group or a room is called and what it is like in it, and telling of that.
import { AppError, type ConversationSettings, type ParleyEvent } from '@parley/shared';
import { isDuplicateKey } from '../../../platform/rows.js';
import { conversationAudience } from '../../events/index.js';
import type { ConversationRow } from '../conversation.model.js';
import { settingsOf } from '../conversation-settings.js';
import { isArchived } from '../members/counts.js';
import { type NameKeys, nameKeysOf } from './names.js';
import type { SpacesParts } from './parts.js';

/** What is given is set. */
export type SpaceChange = Partial<
  { readonly [Name in keyof ConversationSettings]: ConversationSettings[Name] | undefined } & {
    readonly name: string | undefined;
    readonly topic: string | undefined;
  }
>;

/** CONFLICT where the name is taken, or it was archived meanwhile. */
export const updateSpace = async (
  parts: SpacesParts,
  space: ConversationRow,
  { userId, change }: { readonly userId: string; readonly change: SpaceChange },
): Promise<ConversationRow> => {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const before = await save(parts, space, { ...given, ...keysOf(space, change.name) });
  const after = { ...before, ...given };
  await tellChanged(parts, before, userId);
  const settings = settingsOf(after);
  if (Object.keys(settings).some((name) => name in given)) await parts.onSettingsChanged(space._id);
  if (after.name !== before.name)
    await parts.say(space._id, userId, { type: 'renamed', name: after.name ?? '' });
  if (after.topic !== before.topic) await parts.say(space._id, userId, { type: 'topic', topic: after.topic });
  return after;
};

/** A group whose maker has left it has no key any more. */
const keysOf = (
  { kind, groupKey, createdBy }: ConversationRow,
  name: string | undefined,
): Partial<NameKeys> => {
  if (name === undefined) return {};
  const { groupKey: key, ...others } = nameKeysOf(kind, createdBy, name);
  return groupKey === undefined ? others : { ...others, groupKey: key };
};

const save = async (
  { conversations }: SpacesParts,
  { _id, groupKey }: ConversationRow,
  change: object,
): Promise<ConversationRow> => {
  const asSeen = 'groupKey' in change ? { groupKey } : {};
  try {
    const before = await conversations
      .findOneAndUpdate({ _id, deletedAt: null, archivedAt: null, ...asSeen }, { $set: change })
      .lean<ConversationRow>();
    if (before !== null) return before;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw new AppError('CONFLICT', { details: { fields: { name: ['is taken'] } }, cause: error });
  }
  const now = await conversations.findOne({ _id, deletedAt: null }).lean();
  if (now === null) throw new AppError('NOT_FOUND');
  throw now.archivedAt === null ? new AppError('CONFLICT') : isArchived();
};

/** Lets nobody write in it or come in, or again. Twice is harmless. */
export const setSpaceArchived = async (
  parts: SpacesParts,
  { _id, archivedAt }: ConversationRow,
  { userId, isArchived }: { readonly userId: string; readonly isArchived: boolean },
): Promise<void> => {
  if ((archivedAt !== null) === isArchived) return;
  const before = await parts.conversations
    .findOneAndUpdate(
      { _id, deletedAt: null, archivedAt: isArchived ? null : { $ne: null } },
      { $set: { archivedAt: isArchived ? new Date() : null } },
    )
    .lean<ConversationRow>();
  if (before === null) return;
  parts.onRightsChanged(_id);
  await tellChanged(parts, before, userId);
};

type Changes = Extract<ParleyEvent, { type: 'conversation.updated' }>['changes'];

/** Looks again once it has told, and tells what stands then: of changes made at once the last that is heard is true. */
const tellChanged = async (parts: SpacesParts, before: ConversationRow, by: string): Promise<void> => {
  const conversationId = before._id;
  let told = before;
  for (;;) {
    const now = await parts.conversations
      .findOne({ _id: conversationId, deletedAt: null })
      .lean<ConversationRow>();
    const changes = now === null ? {} : changesBetween(told, now);
    if (now === null || Object.keys(changes).length === 0) return;
    const event = { type: 'conversation.updated', conversationId, by, changes } as const;
    await parts.publish([{ event, audiences: [conversationAudience(conversationId)] }]);
    told = now;
  }
};

const changesBetween = (before: ConversationRow, now: ConversationRow): Changes => {
  const [was, is] = [settingsOf(before), settingsOf(now)];
  const settings = Object.fromEntries(
    Object.entries(is).filter(([name, value]) => Reflect.get(was, name) !== value),
  );
  return {
    ...(now.name !== before.name && now.name !== undefined && { name: now.name }),
    ...(now.topic !== before.topic && { topic: now.topic }),
    ...(now.archivedAt?.valueOf() !== before.archivedAt?.valueOf() && { archivedAt: now.archivedAt }),
    ...(Object.keys(settings).length > 0 && { settings }),
  };
};
