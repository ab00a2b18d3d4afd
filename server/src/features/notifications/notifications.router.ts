import {
  markNotificationsReadInputSchema,
  noInputSchema,
  notificationPreferencesSchema,
  notificationsListInputSchema,
  notificationsPageSchema,
  setNotificationPreferencesInputSchema,
  unreadNotificationsSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { NotificationsService } from './notifications.service.js';

export const createNotificationsRouter = (notifications: NotificationsService) =>
  router({
    list: signedInProcedure
      .input(notificationsListInputSchema)
      .output(notificationsPageSchema)
      .query(({ input, ctx }) => notifications.list(ctx.me.userId, input)),
    unread: signedInProcedure
      .input(noInputSchema)
      .output(unreadNotificationsSchema)
      .query(async ({ ctx }) => ({ unread: await notifications.unread(ctx.me.userId) })),
    markRead: signedInProcedure
      .input(markNotificationsReadInputSchema)
      .output(unreadNotificationsSchema)
      .mutation(async ({ input, ctx }) => ({ unread: await notifications.markRead(ctx.me.userId, input) })),
    preferences: signedInProcedure
      .input(noInputSchema)
      .output(notificationPreferencesSchema)
      .query(({ ctx }) => notifications.preferences(ctx.me.userId)),
    setPreferences: signedInProcedure
      .input(setNotificationPreferencesInputSchema)
      .output(notificationPreferencesSchema)
      .mutation(({ input, ctx }) => notifications.setPreferences(ctx.me.userId, input)),
  });
