export { createParley, type Parley, type ParleyOptions } from './app.js';
export type { AppRouter } from './app-router.js';
