import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { assertCollatable, countingStage, splitPipeline } from '../query/pipeline.js';
import type { QuerySpec } from '../query/query-run.js';
import type { CommandContext, CommandHandler } from './command.js';
import { type Explained, explanationOf, type Verbosity } from './explain-reply.js';
import { querySpec } from './find.js';
import { compileChange } from './modify.js';
import { collationOf, commandOptions } from './query-options.js';
import { countField, objectField } from './request.js';
import { startsWithSourceStage } from './source-stages.js';

const VERBOSITIES: readonly Verbosity[] = ['queryPlanner', 'executionStats', 'allPlansExecution'];

/** Which index a command uses, and, unless only the plan is asked for, how many keys and documents it reads. Writes nothing. */
export const explain: CommandHandler = ({ body, database }, context) => {
  const { explain: command, verbosity = 'allPlansExecution' } = body;
  if (!isObject(command)) throw new StoreError('TypeMismatch', 'explain needs a command');
  const known = VERBOSITIES.find((name) => name === verbosity);
  if (!known) throw new StoreError('BadValue', `'${String(verbosity)}' is not a verbosity of explain`);
  return explainCommand(command, { database, verbosity: known }, context);
};

/** Explain one command, given as it would be sent. */
export function explainCommand(
  command: BsonObject,
  options: { readonly database: string; readonly verbosity: Verbosity },
  context: CommandContext,
): Promise<BsonObject> {
  const [name = ''] = Object.keys(command);
  const read = READERS.get(name);
  if (!read) throw new StoreError('IllegalOperation', `Cannot explain cmd: ${name}`);
  const target = command[name];
  const isDatabaseLevel = name === 'aggregate' && numberOf(target) === 1;
  if (!isDatabaseLevel && (typeof target !== 'string' || target === ''))
    throw new StoreError('InvalidNamespace', 'explain needs a command on a collection');
  const collectionName = typeof target === 'string' ? target : '$cmd.aggregate';
  return explanationOf(read(command), { ...options, command, collectionName }, context);
}

const READERS: ReadonlyMap<string, (command: BsonObject) => Explained> = new Map([
  ['find', (command) => ({ spec: querySpec(command) })],
  ['aggregate', readAggregate],
  ['count', readCount],
  ['distinct', readDistinct],
  ['update', readUpdate],
  ['delete', readDelete],
  ['findAndModify', readFindAndModify],
  ['findandmodify', readFindAndModify],
]);

function readAggregate(command: BsonObject): Explained {
  const { pipeline } = command;
  if (startsWithSourceStage(pipeline) && Array.isArray(pipeline)) {
    return { spec: { filter: {} }, rest: pipeline.filter(isObject), readsNoDocuments: true };
  }
  const { query, rest } = splitPipeline(pipeline);
  const hint = command.hint ?? undefined;
  const byCounter =
    countingStage(rest) !== undefined && Object.keys(query.filter).length === 0 && hint === undefined;
  const collation = collationOf(command);
  if (collation) assertCollatable(rest);
  const spec = { ...query, ...commandOptions(command), hint, collation };
  return { spec, rest, byCounter };
}

function readDistinct(command: BsonObject): Explained {
  const filter = objectField(command, 'query');
  return { spec: { filter, hint: command.hint, collation: collationOf(command) } };
}

function readCount(command: BsonObject): Explained {
  const filter = objectField(command, 'query');
  const spec: QuerySpec = {
    filter,
    hint: command.hint ?? undefined,
    collation: collationOf(command),
    skip: countField(command, 'skip') ?? 0,
    limit: Math.abs(Math.trunc(numberOf(command.limit) ?? 0)),
  };
  const count = { stage: 'COUNT', figures: (found: number) => ({ nReturned: 0, nCounted: found }) };
  return { spec, outer: count, byCounter: Object.keys(filter).length === 0 && spec.hint === undefined };
}

function readUpdate(command: BsonObject): Explained {
  const statement = onlyStatement(command.updates);
  const spec = {
    ...commandOptions(command),
    filter: objectField(statement, 'q'),
    collation: collationOf(statement),
    sort: statement.sort,
    hint: statement.hint,
    limit: statement.multi === true ? 0 : 1,
  };
  compileChange(spec, statement.u, statement.arrayFilters);
  return { spec, outer: updateStage(statement.upsert === true, () => 0) };
}

function readDelete(command: BsonObject): Explained {
  const statement = onlyStatement(command.deletes);
  const spec = {
    ...commandOptions(command),
    filter: objectField(statement, 'q'),
    hint: statement.hint,
    collation: collationOf(statement),
    limit: numberOf(statement.limit) ?? 0,
  };
  return { spec, outer: deleteStage(() => 0) };
}

function readFindAndModify(command: BsonObject): Explained {
  const spec = {
    ...commandOptions(command),
    filter: objectField(command, 'query'),
    sort: command.sort,
    hint: command.hint,
    collation: collationOf(command),
    limit: 1,
  };
  if (command.remove === true) return { spec, outer: deleteStage((found) => found) };
  compileChange(spec, command.update, command.arrayFilters);
  return { spec, outer: updateStage(command.upsert === true, (found) => found) };
}

function updateStage(upsert: boolean, returned: (found: number) => number): Explained['outer'] {
  return {
    stage: 'UPDATE',
    figures: (found) => ({
      nReturned: returned(found),
      nMatched: found,
      nWouldUpsert: upsert && found === 0 ? 1 : 0,
    }),
  };
}

function deleteStage(returned: (found: number) => number): Explained['outer'] {
  return {
    stage: 'DELETE',
    figures: (found) => ({ nReturned: returned(found), nWouldDelete: found }),
  };
}

function onlyStatement(statements: unknown): BsonObject {
  const [statement, ...others]: unknown[] = Array.isArray(statements) ? statements : [];
  if (!isObject(statement) || others.length > 0)
    throw new StoreError('InvalidLength', 'explained write batches must be of size 1');
  return statement;
}
