export { createHttpServer } from './server.js';
export { createTrpcSockets } from './trpc-sockets.js';
export { mountUpgrades, type SocketAcceptor } from './upgrade.js';
