export { createPresenceModel } from './presence.model.js';
export { createPresenceRouter } from './presence.router.js';
export { createPresenceService, type PresenceService } from './presence.service.js';
