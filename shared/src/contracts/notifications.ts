import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema } from './common.js';

export const notificationKindSchema = z.enum([
  'mention',
  'assignment',
  'invitation',
  'joinRequest',
  'friendRequest',
  'dueSoon',
]);
export type NotificationKind = z.infer<typeof notificationKindSchema>;

/** What a notification leads to. */
export const notificationAboutSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), conversationId: z.string(), messageId: z.string() }),
  z.object({
    type: z.literal('comment'),
    projectId: z.string(),
    taskId: z.string(),
    commentId: z.string(),
  }),
  z.object({ type: z.literal('task'), projectId: z.string(), taskId: z.string() }),
  z.object({ type: z.literal('invitation'), projectId: z.string(), invitationId: z.string() }),
  /** An invitation into it. */
  z.object({ type: z.literal('conversation'), conversationId: z.string() }),
  z.object({ type: z.literal('joinRequest'), conversationId: z.string(), userId: z.string() }),
  z.object({ type: z.literal('person'), userId: z.string() }),
]);
export type NotificationAbout = z.infer<typeof notificationAboutSchema>;

/** Something that concerns somebody, until it does no more: what it is about is gone, or was answered. */
export const notificationSchema = z.object({
  id: z.string(),
  kind: notificationKindSchema,
  /** Who did it; null for what time did, and for people who are gone. */
  by: personSchema.nullable(),
  about: notificationAboutSchema,
  createdAt: z.date(),
  readAt: z.date().nullable(),
});
export type Notification = z.infer<typeof notificationSchema>;

/** The newest first. */
export const notificationsListInputSchema = z
  .strictObject({
    unread: z.boolean().default(false),
    cursor: cursorSchema.optional(),
    limit: pageLimitSchema,
  })
  .prefault({});
export const notificationsPageSchema = pageOf(notificationSchema);

export const unreadNotificationsSchema = z.object({ unread: z.number().int().min(0) });

/** Some of them; or, with `upTo`, that one and all that are older. */
export const markNotificationsReadInputSchema = z
  .strictObject({
    ids: z.array(opaqueIdSchema).min(1).max(limits.pageItemsMax.value).optional(),
    upTo: opaqueIdSchema.optional(),
  })
  .refine(({ ids, upTo }) => (ids === undefined) !== (upTo === undefined), {
    path: ['ids'],
    message: 'goes without upTo, and one of them must be given',
  })
  .meta({ oneOf: [{ required: ['ids'] }, { required: ['upTo'] }] });

/** Which kinds one wants to hear of. */
export const notificationPreferencesSchema = z.object({
  mention: z.boolean(),
  assignment: z.boolean(),
  invitation: z.boolean(),
  joinRequest: z.boolean(),
  friendRequest: z.boolean(),
  dueSoon: z.boolean(),
});
export type NotificationPreferences = z.infer<typeof notificationPreferencesSchema>;
/** What is given is changed. */
export const setNotificationPreferencesInputSchema = z.strictObject(
  notificationPreferencesSchema.partial().shape,
);
