import { MAX_DOCUMENT_BYTES } from '../bson/raw.js';
import { MAX_MESSAGE_BYTES } from '../wire/frames.js';
import type { CommandHandler } from './command.js';
import { MAX_WRITE_BATCH } from './insert.js';
import { SESSION_TIMEOUT_MINUTES } from './sessions.js';

/** MongoDB 8.0's, which the current drivers know. */
const MAX_WIRE_VERSION = 25;
/** The MongoDB whose commands and rules are followed. */
export const SERVER_VERSION = '8.0.0';
/** In place of MongoDB's commit: nobody should take this server for one of its builds. */
export const GIT_VERSION = 'embedded';
export const STORAGE_ENGINE = 'lmdb';

/**
 * The handshake: a standalone server, so drivers use no transactions and no change streams unless told to. Without a
 * `topologyVersion` they ask now and then how the server is instead of waiting for it to say so.
 */
export const hello: CommandHandler = (request, context) => ({
  helloOk: true,
  ...(request.name === 'hello' ? { isWritablePrimary: true } : { ismaster: true }),
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  maxMessageSizeBytes: MAX_MESSAGE_BYTES,
  maxWriteBatchSize: MAX_WRITE_BATCH,
  localTime: new Date(),
  logicalSessionTimeoutMinutes: SESSION_TIMEOUT_MINUTES,
  connectionId: context.connectionId,
  minWireVersion: 0,
  maxWireVersion: MAX_WIRE_VERSION,
  readOnly: false,
});

export const ping: CommandHandler = () => ({});

export const buildInfo: CommandHandler = () => ({
  version: SERVER_VERSION,
  versionArray: SERVER_VERSION.split('.').map(Number).concat(0),
  gitVersion: GIT_VERSION,
  modules: ['embedded-store'],
  javascriptEngine: 'none',
  bits: 64,
  debug: false,
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  storageEngines: [STORAGE_ENGINE],
});
