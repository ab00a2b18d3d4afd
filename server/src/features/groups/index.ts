export { createGroupsRouter } from './groups.router.js';
export { createGroupsService, type GroupsService } from './groups.service.js';
