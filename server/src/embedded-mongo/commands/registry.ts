import { StoreError } from '../errors.js';
import type { CommandHandler } from './command.js';
import { COMMANDS } from './command-table.js';
import { assertKnownFields } from './known-fields.js';
import { refusalOf } from './refused-commands.js';
import type { CommandRequest } from './request.js';

/** Which array of a bulk command may come as a document sequence, and stays bytes until a statement is run. */
export const BULK_FIELDS: ReadonlyMap<string, string> = new Map([
  ['insert', 'documents'],
  ['update', 'updates'],
  ['delete', 'deletes'],
]);

const NEEDS_MONGODB = 'point MONGODB_URI at MongoDB to use them';

/** The handler of a command. Refuses what the store does not have, and everything inside a transaction, with MongoDB's codes. */
export function handlerOf(request: CommandRequest): CommandHandler {
  const { body, name, database } = request;
  if (body.startTransaction !== undefined || body.autocommit !== undefined) {
    throw new StoreError(
      'IllegalOperation',
      `Transactions are not supported by the embedded store; ${NEEDS_MONGODB}`,
    );
  }
  const command = COMMANDS.get(name);
  if (!command) throw refusalOf(name);
  if (body.help === true) return () => ({ help: command.help });
  assertKnownFields(request);
  if (command.adminOnly && database !== 'admin')
    throw new StoreError('Unauthorized', `${name} may only be run against the admin database.`);
  return command.run;
}
