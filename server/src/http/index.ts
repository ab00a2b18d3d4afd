export { createHttpServer } from './server.js';
export { mountUpgrades, type SocketAcceptor } from './upgrade.js';
