import { decodeTyped } from '../bson/raw.js';
import { type BsonObject, numberOf, promoteObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { countingStage, splitPipeline } from '../query/pipeline.js';
import { QueryRun, type QuerySpec } from '../query/query-run.js';
import { MAX_SORT_BYTES } from '../query/sort.js';
import { type ForeignRows, runPipeline } from '../query/stages.js';
import type { Collection } from '../storage/catalogue.js';
import { ArraySource } from './array-source.js';
import { batchSizeOf } from './collections.js';
import { assertNoCollation, type CommandContext, type CommandHandler, objectField } from './command.js';
import { countMatches } from './count-distinct.js';
import type { BatchSource } from './cursors.js';
import { explainQuery } from './explain.js';
import { assertValidQuery, firstReply } from './find.js';

/**
 * The leading `$match`, `$sort`, `$skip` and `$limit` run on the indexes; the rest of the pipeline is mingo's, on plain
 * numbers and in memory. What mingo would have to hold is limited.
 */
export const aggregate: CommandHandler = async (request, context) => {
  const { body, database } = request;
  assertNoCollation(body);
  const name = body.aggregate;
  const { query, rest } = splitPipeline(body.pipeline);
  const variables = objectField(body, 'let');
  const spec = { ...query, hint: body.hint, variables };
  assertValidQuery(spec);
  const isDatabaseLevel = numberOf(name) === 1;
  if (typeof name !== 'string' && !isDatabaseLevel)
    throw new StoreError('InvalidNamespace', 'aggregate needs a collection name');
  const collection = typeof name === 'string' ? context.store.catalogue.find(database, name) : undefined;
  if (body.explain === true) return explainQuery(collection, spec, 'queryPlanner', context);
  const namespace = `${database}.${typeof name === 'string' ? name : '$cmd.aggregate'}`;
  const source = await resultOf({ database, collection, spec, rest, variables }, context);
  return firstReply(source, { wanted: batchSizeOf(body), singleBatch: false, namespace }, context);
};

interface Work {
  readonly database: string;
  readonly collection: Collection | undefined;
  readonly spec: QuerySpec;
  readonly rest: readonly BsonObject[];
  readonly variables: BsonObject;
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
  const input = collection ? await readAll(collection, spec, context) : [];
  const scope = { variables: promoteObject(work.variables), foreign: foreignRows(work.database, context) };
  const stages = rest.map((stage) => promoteObject(stage));
  return new ArraySource(runPipeline(input, stages, scope));
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
    rows.push(promoteObject(match.document));
  }
  return rows;
}

/** Other collections of the same database, read inside the pipeline. */
function foreignRows(database: string, context: CommandContext): ForeignRows {
  const { store } = context;
  const budget = { bytes: 0 };
  const take = (bytes: Buffer): BsonObject => {
    budget.bytes += bytes.length;
    assertFits(budget.bytes);
    return promoteObject(decodeTyped(bytes));
  };
  const read = (name: string, filter: BsonObject): BsonObject[] => {
    const collection = store.catalogue.find(database, name);
    const rows: BsonObject[] = [];
    if (!collection) return rows;
    const run = new QueryRun(store.engine, collection, { filter });
    for (let match = run.nextMatchNow(); match; match = run.nextMatchNow()) rows.push(take(match.bytes));
    return rows;
  };
  return {
    all: (name) => read(name, {}),
    matching: (name, field, values) => {
      const [only] = values;
      return read(name, { [field]: values.length === 1 ? { $eq: only } : { $in: values } });
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
