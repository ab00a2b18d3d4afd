import type { BsonObject } from '../bson/values.js';
import { fsync, fsyncUnlock, profile, rolesInfo, usersInfo } from './administration.js';
import { aggregate } from './aggregate.js';
import { collMod } from './coll-mod.js';
import {
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  renameCollection,
} from './collections.js';
import type { CommandHandler } from './command.js';
import { count, distinct } from './count-distinct.js';
import { createIndexes } from './create-indexes.js';
import { deleteDocuments } from './delete.js';
import { explain } from './explain.js';
import { find, getMore, killCursors } from './find.js';
import { findAndModify } from './find-and-modify.js';
import { buildInfo, hello, ping } from './hello.js';
import { dropIndexes, listIndexes } from './indexes.js';
import { insert } from './insert.js';
import { currentOp } from './operations.js';
import {
  connectionStatus,
  getCmdLineOpts,
  getLog,
  getParameter,
  hostInfo,
  serverStatus,
  whatsMyUri,
} from './server-info.js';
import { acceptSessions, startSession } from './sessions.js';
import { collStats, dataSize, dbStats } from './stats.js';
import { update } from './update.js';
import { validate } from './validate.js';

/** A command the store carries out. */
export interface Command {
  readonly run: CommandHandler;
  /** One line for `listCommands` and `help: true`. */
  readonly help: string;
  /** Refused on any other database than `admin`, as MongoDB does. */
  readonly adminOnly?: true;
}

const handshake: Command = { run: hello, help: 'what this server is and what its limits are' };
const change: Command = { run: findAndModify, help: 'changes or removes one document and returns it' };
const version: Command = { run: buildInfo, help: 'the version of MongoDB whose rules are followed' };
const databaseSizes: Command = { run: dbStats, help: 'counts and sizes of a database' };

/** Everything there is, by name. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['hello', handshake],
  ['isMaster', handshake],
  ['ismaster', handshake],
  ['ping', { run: ping, help: 'answers' }],
  ['buildInfo', version],
  ['buildinfo', version],

  ['find', { run: find, help: 'reads documents' }],
  ['getMore', { run: getMore, help: 'reads on in a cursor' }],
  ['killCursors', { run: killCursors, help: 'closes cursors' }],
  ['aggregate', { run: aggregate, help: 'runs a pipeline' }],
  ['count', { run: count, help: 'counts documents' }],
  ['distinct', { run: distinct, help: 'the different values of a field' }],
  ['explain', { run: explain, help: 'which index a command uses and how much it reads' }],
  ['insert', { run: insert, help: 'stores documents' }],
  ['update', { run: update, help: 'changes documents' }],
  ['delete', { run: deleteDocuments, help: 'removes documents' }],
  ['findAndModify', change],
  ['findandmodify', change],

  ['create', { run: create, help: 'makes a collection' }],
  ['drop', { run: drop, help: 'removes a collection' }],
  ['dropDatabase', { run: dropDatabase, help: 'removes a database' }],
  ['renameCollection', { run: renameCollection, help: 'renames a collection', adminOnly: true }],
  ['collMod', { run: collMod, help: 'changes when documents of a TTL index expire' }],
  ['listCollections', { run: listCollections, help: 'the collections of a database' }],
  ['listDatabases', { run: listDatabases, help: 'the databases', adminOnly: true }],
  ['createIndexes', { run: createIndexes, help: 'builds indexes' }],
  ['listIndexes', { run: listIndexes, help: 'the indexes of a collection' }],
  ['dropIndexes', { run: dropIndexes, help: 'removes indexes' }],

  ['collStats', { run: collStats, help: 'counts and sizes of a collection' }],
  ['dbStats', databaseSizes],
  ['dbstats', databaseSizes],
  ['dataSize', { run: dataSize, help: 'the size of the documents of a collection' }],
  ['validate', { run: validate, help: 'compares the indexes of a collection with its documents' }],

  ['listCommands', { run: () => ({ commands: descriptions() }), help: 'what there is' }],
  ['hostInfo', { run: hostInfo, help: 'the machine' }],
  ['serverStatus', { run: serverStatus, help: 'the process, its connections and counters' }],
  ['connectionStatus', { run: connectionStatus, help: 'who is signed in: nobody' }],
  ['whatsmyuri', { run: whatsMyUri, help: 'the address of the client' }],
  ['getCmdLineOpts', { run: getCmdLineOpts, help: 'the address of the server', adminOnly: true }],
  ['getParameter', { run: getParameter, help: 'featureCompatibilityVersion', adminOnly: true }],
  ['getLog', { run: getLog, help: 'the warnings to show when a shell connects', adminOnly: true }],
  ['currentOp', { run: currentOp, help: 'the commands that are being carried out', adminOnly: true }],
  ['profile', { run: profile, help: 'the level of the profiler: 0' }],
  ['fsync', { run: fsync, help: 'nothing: every write is on disk when it is answered', adminOnly: true }],
  ['fsyncUnlock', { run: fsyncUnlock, help: 'nothing: nobody can lock', adminOnly: true }],
  ['usersInfo', { run: usersInfo, help: 'the users: none' }],
  ['rolesInfo', { run: rolesInfo, help: 'the roles: none' }],

  ['startSession', { run: startSession, help: 'a new session' }],
  ['refreshSessions', { run: acceptSessions, help: 'nothing: sessions hold nothing' }],
  ['endSessions', { run: acceptSessions, help: 'nothing: sessions hold nothing' }],
  ['killSessions', { run: acceptSessions, help: 'nothing: sessions hold nothing' }],
  ['killAllSessions', { run: acceptSessions, help: 'nothing: sessions hold nothing' }],
  ['killAllSessionsByPattern', { run: acceptSessions, help: 'nothing: sessions hold nothing' }],
  ['logout', { run: acceptSessions, help: 'nothing: nobody is signed in' }],
]);

function descriptions(): BsonObject {
  const rows = [...COMMANDS].map(([name, { help, adminOnly = false }]): [string, BsonObject] => [
    name,
    { help, requiresAuth: false, secondaryOk: false, adminOnly },
  ]);
  return Object.fromEntries(rows);
}
