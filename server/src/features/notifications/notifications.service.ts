// Owns what somebody does with their notifications. Does not own how these come to be (notifier.ts).
import {
  type markNotificationsReadInputSchema,
  type Notification,
  type NotificationKind,
  type NotificationPreferences,
  notificationKindSchema,
  type notificationsListInputSchema,
  type setNotificationPreferencesInputSchema,
} from '@parley/shared';
import { z } from 'zod';
import { cutPage, decodeCursor } from '../../platform/cursor.js';
import { type Publish, userAudience } from '../events/index.js';
import type { UsersService } from '../users/index.js';
import type { NotificationModel, NotificationRow, PreferencesModel } from './notification.model.js';

export interface NotificationsParts {
  readonly notifications: NotificationModel;
  readonly preferences: PreferencesModel;
  readonly users: UsersService;
  readonly publish: Publish;
}

type ListInput = z.output<typeof notificationsListInputSchema>;
type MarkInput = z.output<typeof markNotificationsReadInputSchema>;
type PreferencesInput = z.output<typeof setNotificationPreferencesInputSchema>;

export interface NotificationsService {
  list(userId: string, input: ListInput): Promise<{ items: Notification[]; nextCursor: string | null }>;
  unread(userId: string): Promise<number>;
  /** Returns how many are unread still. Ids that are none of theirs change nothing. */
  markRead(userId: string, input: MarkInput): Promise<number>;
  preferences(userId: string): Promise<NotificationPreferences>;
  setPreferences(userId: string, input: PreferencesInput): Promise<NotificationPreferences>;
  /** Nothing is kept of them. */
  forget(userId: string): Promise<void>;
}

const LIST = 'notifications';
const place = z.tuple([z.string().min(1).max(64)]);

export const createNotificationsService = (parts: NotificationsParts): NotificationsService => {
  const { notifications, preferences } = parts;
  const unread = (userId: string) => notifications.countDocuments({ user: userId, readAt: null });
  return {
    list: (userId, input) => list(parts, userId, input),
    unread,
    markRead: async (userId, input) => {
      await markRead(parts, userId, input);
      return await unread(userId);
    },
    preferences: async (userId) => toPreferences((await preferences.findById(userId).lean())?.off ?? []),
    setPreferences: (userId, input) => setPreferences(parts, userId, input),
    forget: async (userId) => {
      await notifications.deleteMany({ user: userId });
      await preferences.deleteOne({ _id: userId });
    },
  };
};

const list = async (
  parts: NotificationsParts,
  userId: string,
  { unread, cursor, limit }: ListInput,
): Promise<{ items: Notification[]; nextCursor: string | null }> => {
  const before = cursor === undefined ? {} : { _id: { $lt: decodeCursor(LIST, place, cursor)[0] } };
  const found = await parts.notifications
    .find({ user: userId, ...(unread ? { readAt: null } : {}), ...before })
    .sort({ _id: -1 })
    .limit(limit + 1)
    .lean<NotificationRow[]>();
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last._id]);
  const people = await parts.users.people(rows.flatMap(({ by }) => by ?? []));
  const items = rows.map(({ _id: id, kind, by, about, createdAt, readAt }) => ({
    ...{ id, kind, about, createdAt, readAt },
    by: people.get(by ?? '') ?? null,
  }));
  return { items, nextCursor };
};

const markRead = async (
  { notifications, publish }: NotificationsParts,
  userId: string,
  input: MarkInput,
): Promise<void> => {
  const { ids, upTo } = input;
  const which = ids === undefined ? { $lte: upTo } : { $in: ids };
  const { modifiedCount } = await notifications.updateMany(
    { user: userId, readAt: null, _id: which },
    { $set: { readAt: new Date() } },
  );
  if (modifiedCount === 0) return;
  const event = { type: 'notification.read', ...input } as const;
  await publish([{ event, audiences: [userAudience(userId)] }]);
};

const setPreferences = async (
  { preferences }: NotificationsParts,
  userId: string,
  input: PreferencesInput,
): Promise<NotificationPreferences> => {
  const given = notificationKindSchema.options.filter((kind) => input[kind] !== undefined);
  const off = given.filter((kind) => input[kind] === false);
  // Two devices may change two kinds at once: each touches its own alone.
  const row = await preferences
    .findOneAndUpdate(
      { _id: userId },
      [{ $set: { off: { $setUnion: [{ $setDifference: [{ $ifNull: ['$off', []] }, given] }, off] } } }],
      { upsert: true, returnDocument: 'after', updatePipeline: true },
    )
    .lean();
  return toPreferences(row?.off ?? off);
};

const toPreferences = (off: readonly NotificationKind[]): NotificationPreferences => ({
  mention: !off.includes('mention'),
  assignment: !off.includes('assignment'),
  invitation: !off.includes('invitation'),
  joinRequest: !off.includes('joinRequest'),
  friendRequest: !off.includes('friendRequest'),
  dueSoon: !off.includes('dueSoon'),
});
