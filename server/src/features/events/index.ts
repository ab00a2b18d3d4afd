export { createEventModel } from './event.model.js';
export { createEventsRouter } from './events.router.js';
export { createEventsService, type EventsService, type Notifier } from './events.service.js';
export type { Places } from './listeners.js';
export {
  conversationAudience,
  type NewEvent,
  type Publish,
  projectAudience,
  userAudience,
  userOf,
} from './publish.js';
