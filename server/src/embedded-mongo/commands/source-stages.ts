import { type BsonObject, isObject, promoteObject } from '../bson/values.js';
import { LocationError, notSupported, StoreError } from '../errors.js';
import { splitPipeline } from '../query/pipeline.js';
import { compilePipeline, type ForeignRows } from '../query/stages.js';
import { namespaceOf } from '../storage/catalogue.js';
import type { CommandContext } from './command.js';
import { currentOperations } from './operations.js';
import type { CommandRequest } from './request.js';
import { scaleOf, storageStats } from './stats.js';

type SourceStage = (
  operand: BsonObject,
  request: CommandRequest,
  context: CommandContext,
) => BsonObject[] | Promise<BsonObject[]>;

/** Stages that make their rows themselves, in the shape tools for looking at a server read them. */
const SOURCE_STAGES: ReadonlyMap<string, SourceStage> = new Map<string, SourceStage>([
  ['$collStats', collStatsRows],
  ['$indexStats', indexStatsRows],
  ['$currentOp', currentOpRows],
]);

function sourceStageOf(
  pipeline: unknown,
): { run: SourceStage; operand: BsonObject; rest: unknown[] } | undefined {
  const [first, ...rest]: unknown[] = Array.isArray(pipeline) ? pipeline : [];
  const [name = ''] = isObject(first) ? Object.keys(first) : [];
  const run = SOURCE_STAGES.get(name);
  if (!run || !isObject(first)) return undefined;
  const operand = first[name];
  if (!isObject(operand))
    throw new LocationError(5447000, `The ${name} stage specification must be an object`);
  return { run, operand, rest };
}

/** True when a pipeline reads from the server itself and not from documents. */
export function startsWithSourceStage(pipeline: unknown): boolean {
  return sourceStageOf(pipeline) !== undefined;
}

/** The result of a pipeline that starts with a source stage; undefined for any other. */
export async function runSourcePipeline(
  request: CommandRequest,
  context: CommandContext,
  foreign: ForeignRows,
): Promise<BsonObject[] | undefined> {
  const source = sourceStageOf(request.body.pipeline);
  if (!source) return undefined;
  splitPipeline(source.rest);
  const rows = await source.run(source.operand, request, context);
  return compilePipeline(source.rest, { variables: {}, foreign })(rows);
}

async function collStatsRows(
  operand: BsonObject,
  request: CommandRequest,
  context: CommandContext,
): Promise<BsonObject[]> {
  const { storageStats: wanted, count, ...others } = operand;
  const [unsupported] = Object.keys(others);
  if (unsupported !== undefined) throw notSupported(`'${unsupported}' in $collStats`);
  const collection = collectionOf(request, context);
  if (!collection)
    throw new StoreError('NamespaceNotFound', `Collection [${namespaceIn(request)}] not found.`);
  const scale = isObject(wanted) ? scaleOf(wanted.scale) : undefined;
  const counters = context.store.catalogue.committedCounters(collection);
  return [
    {
      ns: namespaceOf(collection),
      host: context.server.address,
      localTime: new Date(),
      ...(scale === undefined ? {} : { storageStats: await storageStats(collection, scale, context) }),
      ...(count === undefined ? {} : { count: counters.count }),
    },
  ];
}

/** The indexes without `accesses`: how often each was used is not counted. */
function indexStatsRows(
  _operand: BsonObject,
  request: CommandRequest,
  context: CommandContext,
): BsonObject[] {
  const indexes = collectionOf(request, context)?.indexes ?? [];
  return indexes.map((index) => ({
    name: index.name,
    key: promoteObject(index.keyPattern),
    host: context.server.address,
    spec: promoteObject(index.spec),
    ...(index.ready ? {} : { building: true }),
  }));
}

function currentOpRows(_operand: BsonObject, request: CommandRequest, context: CommandContext): BsonObject[] {
  if (request.database !== 'admin' || typeof request.body.aggregate === 'string') {
    throw new StoreError(
      'InvalidNamespace',
      "$currentOp must be run against the 'admin' database with {aggregate: 1}",
    );
  }
  return currentOperations(context);
}

function collectionOf(request: CommandRequest, context: CommandContext) {
  const { aggregate } = request.body;
  if (typeof aggregate !== 'string')
    throw new StoreError('InvalidNamespace', 'This stage is only valid on a collection');
  return context.store.catalogue.find(request.database, aggregate);
}

function namespaceIn(request: CommandRequest): string {
  return `${request.database}.${String(request.body.aggregate)}`;
}
