export { createJsonSockets } from './json-sockets/index.js';
export type { RestServices, SentFile } from './rest/index.js';
export { createHttpServer } from './server.js';
export { createTrpcSockets } from './trpc-sockets.js';
export { mountUpgrades, type SocketAcceptor } from './upgrade.js';
