export { createJsonSockets, type JsonSockets } from './json-sockets.js';
