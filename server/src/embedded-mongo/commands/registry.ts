import { StoreError } from '../errors.js';
import { aggregate } from './aggregate.js';
import {
  collMod,
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  renameCollection,
} from './collections.js';
import type { CommandHandler, CommandRequest } from './command.js';
import { count, distinct } from './count-distinct.js';
import { createIndexes } from './create-indexes.js';
import { deleteDocuments } from './delete.js';
import { explain } from './explain.js';
import { find, getMore, killCursors } from './find.js';
import { findAndModify } from './find-and-modify.js';
import { buildInfo, connectionStatus, endSessions, getParameter, hello, ping } from './hello.js';
import { dropIndexes, listIndexes } from './indexes.js';
import { insert } from './insert.js';
import { collStats, dbStats } from './stats.js';
import { update } from './update.js';

const HANDLERS: ReadonlyMap<string, CommandHandler> = new Map<string, CommandHandler>([
  ['hello', hello],
  ['isMaster', hello],
  ['ismaster', hello],
  ['ping', ping],
  ['buildInfo', buildInfo],
  ['buildinfo', buildInfo],
  ['connectionStatus', connectionStatus],
  ['getParameter', getParameter],
  ['endSessions', endSessions],
  ['insert', insert],
  ['find', find],
  ['getMore', getMore],
  ['killCursors', killCursors],
  ['update', update],
  ['delete', deleteDocuments],
  ['findAndModify', findAndModify],
  ['findandmodify', findAndModify],
  ['aggregate', aggregate],
  ['count', count],
  ['distinct', distinct],
  ['explain', explain],
  ['createIndexes', createIndexes],
  ['listIndexes', listIndexes],
  ['dropIndexes', dropIndexes],
  ['create', create],
  ['drop', drop],
  ['dropDatabase', dropDatabase],
  ['renameCollection', renameCollection],
  ['collMod', collMod],
  ['listCollections', listCollections],
  ['listDatabases', listDatabases],
  ['collStats', collStats],
  ['dbStats', dbStats],
  ['dbstats', dbStats],
]);

/** Which array of a bulk command may come as a document sequence, and stays bytes until a statement is run. */
export const BULK_FIELDS: ReadonlyMap<string, string> = new Map([
  ['insert', 'documents'],
  ['update', 'updates'],
  ['delete', 'deletes'],
]);

const NEEDS_MONGODB = 'point MONGODB_URI at MongoDB to use them';

/** The handler of a command. Refuses unknown ones, and everything inside a transaction, with MongoDB's codes. */
export function handlerOf(request: CommandRequest): CommandHandler {
  const { body, name } = request;
  if (body.startTransaction !== undefined || body.autocommit !== undefined) {
    throw new StoreError(
      'IllegalOperation',
      `Transactions are not supported by the embedded store; ${NEEDS_MONGODB}`,
    );
  }
  const handler = HANDLERS.get(name);
  if (!handler) throw new StoreError('CommandNotFound', `no such command: '${name}'`);
  return handler;
}
