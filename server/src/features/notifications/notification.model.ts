import type { NotificationAbout, NotificationKind } from '@parley/shared';
import { limits } from '@parley/shared';
import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** Something that concerns somebody. */
export interface NotificationRow {
  /** Sorts by the time it was made. */
  readonly _id: string;
  readonly user: string;
  readonly kind: NotificationKind;
  readonly by: string | null;
  readonly about: NotificationAbout;
  /** What it is about and what that is in, to be found by when they end. */
  readonly subjects: readonly string[];
  /** What is told twice concerns them once. */
  readonly key: string;
  readonly createdAt: Date;
  readonly readAt: Date | null;
}

/** What somebody does not want to be notified of. */
export interface PreferencesRow {
  /** The user's id. */
  readonly _id: string;
  readonly off: readonly NotificationKind[];
}

export type NotificationModel = Model<NotificationRow>;
export type PreferencesModel = Model<PreferencesRow>;

const schema = new Schema<NotificationRow>(
  {
    _id: { type: String, required: true },
    user: { type: String, required: true },
    kind: { type: String, required: true },
    by: { type: String, default: null },
    about: { type: Schema.Types.Mixed, required: true },
    subjects: { type: [String], required: true },
    key: { type: String, required: true },
    createdAt: { type: Date, required: true },
    readAt: { type: Date, default: null },
  },
  rowOptions,
);
schema.index({ user: 1, _id: -1 });
schema.index({ user: 1, readAt: 1, _id: -1 });
schema.index({ subjects: 1, user: 1 });
schema.index({ key: 1 }, { unique: true });
schema.index({ createdAt: 1 }, { expireAfterSeconds: limits.notificationMs.value / 1_000 });

const preferencesSchema = new Schema<PreferencesRow>(
  { _id: { type: String, required: true }, off: { type: [String], required: true } },
  rowOptions,
);

export const createNotificationModel = (connection: Connection): NotificationModel =>
  connection.model<NotificationRow>('Notification', schema, 'notifications');

export const createPreferencesModel = (connection: Connection): PreferencesModel =>
  connection.model<PreferencesRow>('NotificationPreferences', preferencesSchema, 'notification_preferences');
