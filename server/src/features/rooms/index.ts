export { createRoomsRouter } from './rooms.router.js';
export { createRoomsService, type RoomsService } from './rooms.service.js';
