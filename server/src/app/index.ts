export { createParley, type ParleyOptions } from './app.js';
export type { KindContext } from './documents.js';
export type { Parley } from './doors.js';
