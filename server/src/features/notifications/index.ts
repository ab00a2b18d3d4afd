export { createNotificationModel, createPreferencesModel } from './notification.model.js';
export { createNotificationsRouter } from './notifications.router.js';
export { createNotificationsService, type NotificationsService } from './notifications.service.js';
export { createNotifier } from './notifier.js';
