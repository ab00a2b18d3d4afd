import { decodeTyped } from '../bson/raw.js';
import { type BsonObject, isObject, numberOf, promoteObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { guardMingo, mingo } from '../query/expressions.js';
import { countingStage, splitPipeline } from '../query/pipeline.js';
import { QueryRun, type QuerySpec } from '../query/query-run.js';
import { MAX_SORT_BYTES } from '../query/sort.js';
import type { Collection } from '../storage/catalogue.js';
import { CollectionScan } from '../storage/scans.js';
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
  const spec = { ...query, hint: body.hint };
  assertValidQuery(spec);
  const isDatabaseLevel = numberOf(name) === 1;
  if (typeof name !== 'string' && !isDatabaseLevel)
    throw new StoreError('InvalidNamespace', 'aggregate needs a collection name');
  const collection = typeof name === 'string' ? context.store.catalogue.find(database, name) : undefined;
  if (body.explain === true) return explainQuery(collection, spec, 'queryPlanner', context);
  const namespace = `${database}.${typeof name === 'string' ? name : '$cmd.aggregate'}`;
  const source = await resultOf(
    { database, collection, spec, rest, variables: objectField(body, 'let') },
    context,
  );
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
  return new ArraySource(runPipeline(input, work, context));
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

function runPipeline(input: BsonObject[], work: Work, context: CommandContext): BsonObject[] {
  const stages = work.rest.map((stage) => promoteObject(stage));
  const rows = guardMingo(() =>
    mingo().aggregate(input, stages, {
      variables: promoteObject(work.variables),
      collectionResolver: (name) => foreignRows(work.database, name, context),
    }),
  );
  return rows.filter((row): row is BsonObject => isObject(row));
}

/** Another collection of the same database, whole, for `$lookup`, `$unionWith` and `$graphLookup`. */
function foreignRows(database: string, name: string, context: CommandContext): BsonObject[] {
  const { store } = context;
  const collection = store.catalogue.find(database, name);
  if (!collection) return [];
  const rows: BsonObject[] = [];
  let bytes = 0;
  const scan = new CollectionScan(store.engine, collection, false);
  for (let candidate = scan.next(); candidate; candidate = scan.next()) {
    bytes += candidate.bytes.length;
    assertFits(bytes);
    rows.push(promoteObject(decodeTyped(candidate.bytes)));
  }
  return rows;
}

function assertFits(bytes: number): void {
  if (bytes <= MAX_SORT_BYTES) return;
  throw new StoreError(
    'QueryExceededMemoryLimitNoDiskUseAllowed',
    `The aggregation would need more than ${MAX_SORT_BYTES} bytes of memory`,
  );
}
