export type { Actor, Caller } from './actor.js';
export { bearerOf, type Context, createContext } from './context.js';
export { errorData, toAppError, toInvalidInput } from './error-bridge.js';
export { type Line, requestLine } from './line.js';
export { adminProcedure, publicProcedure, router, signedInProcedure } from './root.js';
export { Streams } from './streams.js';
