import { encodeDocument } from '../bson/raw.js';
import { type BsonObject, promoteObject } from '../bson/values.js';
import { compileFilter } from '../query/filter/matcher.js';
import type { CommandContext, CommandHandler } from './command.js';
import type { CommandRequest } from './request.js';
import { kindOf, type RunningOperation } from './server-state.js';

/** What a command carries besides its meaning, or as a load of documents. */
const NOT_SHOWN = new Set(['lsid', '$clusterTime', 'documents', 'updates', 'deletes']);
const MAX_SHOWN_BYTES = 1000;

/** The commands that are being carried out now, this one included, as MongoDB's `$currentOp` lists them. */
export function currentOperations(context: CommandContext): BsonObject[] {
  return context.server.running.map((operation) => describe(operation, context));
}

function describe(operation: RunningOperation, context: CommandContext): BsonObject {
  const { request, connectionId } = operation;
  const runningMs = performance.now() - operation.startedAtMs;
  return {
    type: 'op',
    host: context.server.address,
    desc: `conn${connectionId}`,
    connectionId,
    client: operation.client,
    active: true,
    currentOpTime: new Date().toISOString(),
    opid: operation.opId,
    secs_running: Math.floor(runningMs / 1000),
    microsecs_running: Math.round(runningMs * 1000),
    op: kindOf(request),
    ns: namespaceOf(request),
    command: shownCommand(request),
  };
}

function namespaceOf({ name, database, body }: CommandRequest): string {
  const collection = name === 'getMore' ? body.collection : body[name];
  return `${database}.${typeof collection === 'string' ? collection : '$cmd'}`;
}

function shownCommand({ name, body }: CommandRequest): BsonObject {
  const shown = promoteObject(
    Object.fromEntries(Object.entries(body).filter(([field]) => !NOT_SHOWN.has(field))),
  );
  if (encodeDocument(shown).length <= MAX_SHOWN_BYTES) return shown;
  return { $truncated: `{ ${name}: ... }` };
}

/** Fields of the command that are not conditions on the operations. */
const NOT_CONDITIONS = new Set(['currentOp', 'lsid', 'comment', 'maxTimeMS', 'readConcern', 'apiVersion']);

export const currentOp: CommandHandler = ({ body }, context) => {
  const conditions = Object.entries(body).filter(
    ([field]) => !field.startsWith('$') && !NOT_CONDITIONS.has(field),
  );
  const matches = compileFilter(Object.fromEntries(conditions));
  return { inprog: currentOperations(context).filter((row) => matches(row)) };
};
