import { decodeTyped } from '../bson/raw.js';
import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { assertCollatable, countingStage, splitPipeline } from '../query/pipeline.js';
import { QueryRun, type QuerySpec } from '../query/query-run.js';
import { MAX_SORT_BYTES } from '../query/sort.js';
import { compilePipeline, type ForeignRows } from '../query/stages.js';
import type { TimeLimit } from '../query/time-limit.js';
import type { Collection } from '../storage/catalogue.js';
import { ArraySource } from './array-source.js';
import { batchSizeOf } from './collections.js';
import type { CommandContext, CommandHandler } from './command.js';
import { countMatches } from './count-distinct.js';
import type { BatchSource } from './cursors.js';
import { explainCommand } from './explain.js';
import { assertValidQuery, firstReply } from './find.js';
import { collationOf, commandOptions } from './query-options.js';
import { looseBooleanField } from './request.js';
import { runSourcePipeline } from './source-stages.js';

/**
 * The leading `$match`, `$sort`, `$skip` and `$limit` run on the indexes; the rest of the pipeline runs in memory, of which it
 * may take no more than a sort.
 */
export const aggregate: CommandHandler = async (request, context) => {
  const { body, database } = request;
  if (looseBooleanField(body, 'explain'))
    return explainCommand(body, { database, verbosity: 'queryPlanner' }, context);
  if (!isObject(body.cursor)) {
    throw new StoreError(
      'FailedToParse',
      "The 'cursor' option is required, except with the explain argument",
    );
  }
  const name = body.aggregate;
  const namespace = `${database}.${typeof name === 'string' ? name : '$cmd.aggregate'}`;
  const options = { wanted: batchSizeOf(body), singleBatch: false, namespace };
  const made = await runSourcePipeline(request, context, foreignRows(database, context, undefined));
  if (made) return firstReply(new ArraySource(made), options, context);
  const { query, rest } = splitPipeline(body.pipeline);
  const collation = collationOf(body);
  if (collation) assertCollatable(rest);
  const spec = { ...query, ...commandOptions(body), hint: body.hint ?? undefined, collation };
  assertValidQuery(spec);
  const isDatabaseLevel = numberOf(name) === 1;
  if (typeof name !== 'string' && !isDatabaseLevel)
    throw new StoreError('InvalidNamespace', 'aggregate needs a collection name');
  const collection = typeof name === 'string' ? context.store.catalogue.find(database, name) : undefined;
  const source = await resultOf({ database, collection, spec, rest }, context);
  return firstReply(source, options, context);
};

interface Work {
  readonly database: string;
  readonly collection: Collection | undefined;
  readonly spec: QuerySpec;
  readonly rest: readonly BsonObject[];
}

async function resultOf(work: Work, context: CommandContext): Promise<BatchSource> {
  const { collection, spec, rest } = work;
  if (rest.length === 0) {
    return collection ? new QueryRun(context.store.engine, collection, spec) : new ArraySource([]);
  }
  const counting = countingStage(rest);
  if (counting) {
    const n = collection ? await countMatches(collection, spec, context) : 0;
    if (n === 0) return new ArraySource([]);
    const id = 'id' in counting ? { _id: counting.id } : {};
    return new ArraySource([{ ...id, [counting.field]: n }]);
  }
  const { variables = {}, collation, timeLimit } = spec;
  const foreign = foreignRows(work.database, context, timeLimit);
  const run = compilePipeline(rest, { variables, foreign, collation, timeLimit });
  const input = collection ? await readAll(collection, spec, context) : [];
  return new ArraySource(run(input));
}

async function readAll(
  collection: Collection,
  spec: QuerySpec,
  context: CommandContext,
): Promise<BsonObject[]> {
  const run = new QueryRun(context.store.engine, collection, spec);
  const rows: BsonObject[] = [];
  let bytes = 0;
  for (let match = await run.nextMatch(); match; match = await run.nextMatch()) {
    bytes += match.bytes.length;
    assertFits(bytes);
    rows.push(match.document);
  }
  return rows;
}

/** Other collections of the same database, read inside the pipeline. */
function foreignRows(
  database: string,
  context: CommandContext,
  timeLimit: TimeLimit | undefined,
): ForeignRows {
  const { store } = context;
  const budget = { bytes: 0 };
  const take = (bytes: Buffer): BsonObject => {
    budget.bytes += bytes.length;
    assertFits(budget.bytes);
    return decodeTyped(bytes);
  };
  return {
    find: (name, filter) => {
      const collection = store.catalogue.find(database, name);
      const rows: BsonObject[] = [];
      if (!collection) return rows;
      const run = new QueryRun(store.engine, collection, { filter, timeLimit });
      for (let match = run.nextMatchNow(); match; match = run.nextMatchNow()) rows.push(take(match.bytes));
      return rows;
    },
  };
}

function assertFits(bytes: number): void {
  if (bytes <= MAX_SORT_BYTES) return;
  throw new StoreError(
    'QueryExceededMemoryLimitNoDiskUseAllowed',
    `The aggregation would need more than ${MAX_SORT_BYTES} bytes of memory`,
  );
}
