export { type Actor, type Caller, createContext } from './context.js';
export { errorData, toAppError } from './error-bridge.js';
export { publicProcedure, router, signedInProcedure } from './root.js';
