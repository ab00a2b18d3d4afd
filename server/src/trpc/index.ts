export { type Actor, type Caller, createContext } from './context.js';
export { errorData, toAppError } from './error-bridge.js';
export { adminProcedure, publicProcedure, router, signedInProcedure } from './root.js';
export { Streams } from './streams.js';
