import { type BsonObject, isObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { splitPipeline } from '../query/pipeline.js';
import type { IndexPlan, Plan } from '../query/planner.js';
import { QueryRun, type QuerySpec } from '../query/query-run.js';
import { type Collection, namespaceOf } from '../storage/catalogue.js';
import type { CommandContext, CommandHandler } from './command.js';
import { querySpec } from './find.js';

/** Which index a command would use, and, unless only the plan is asked for, how many keys and documents it reads. */
export const explain: CommandHandler = async (request, context) => {
  const inner = request.body.explain;
  if (!isObject(inner)) throw new StoreError('TypeMismatch', 'explain needs a command');
  const [name] = Object.keys(inner);
  const collectionName = name === undefined ? undefined : inner[name];
  if (name === undefined || typeof collectionName !== 'string') {
    throw new StoreError('InvalidNamespace', 'explain needs a command on a collection');
  }
  const collection = context.store.catalogue.find(request.database, collectionName);
  const verbosity = typeof request.body.verbosity === 'string' ? request.body.verbosity : 'allPlansExecution';
  return explainQuery(collection, specOf(name, inner), verbosity, context);
};

function specOf(name: string, inner: BsonObject): QuerySpec {
  if (name === 'aggregate') return { ...splitPipeline(inner.pipeline).query, hint: inner.hint };
  if (name === 'find') return querySpec(inner);
  const bulk = inner.updates ?? inner.deletes;
  const statement: unknown = Array.isArray(bulk) ? bulk[0] : inner;
  if (!isObject(statement)) throw new StoreError('FailedToParse', `explain cannot read this ${name}`);
  const filter = statement.q ?? statement.query;
  return { filter: isObject(filter) ? filter : {}, sort: statement.sort, hint: statement.hint };
}

export async function explainQuery(
  collection: Collection | undefined,
  spec: QuerySpec,
  verbosity: string,
  context: CommandContext,
): Promise<BsonObject> {
  if (!collection) return { queryPlanner: { winningPlan: { stage: 'EOF' } } };
  const run = new QueryRun(context.store.engine, collection, spec);
  const sorted = run.plan.providesSort
    ? planStage(run.plan)
    : { stage: 'SORT', sortPattern: spec.sort, inputStage: planStage(run.plan) };
  const queryPlanner = {
    namespace: namespaceOf(collection),
    parsedQuery: spec.filter,
    winningPlan: sorted,
    rejectedPlans: [],
  };
  if (verbosity === 'queryPlanner') return { queryPlanner };
  while (await run.nextMatch());
  return {
    queryPlanner,
    executionStats: {
      executionSuccess: true,
      nReturned: run.returned,
      totalKeysExamined: run.keysExamined,
      totalDocsExamined: run.docsExamined,
    },
  };
}

function planStage(plan: Plan): BsonObject {
  if (plan.kind === 'collection')
    return { stage: 'COLLSCAN', direction: plan.reverse ? 'backward' : 'forward' };
  if (plan.kind === 'index') return { stage: 'FETCH', inputStage: indexStage(plan) };
  return { stage: 'FETCH', inputStage: { stage: 'OR', inputStages: plan.plans.map(indexStage) } };
}

function indexStage(plan: IndexPlan): BsonObject {
  return {
    stage: 'IXSCAN',
    keyPattern: plan.index.keyPattern,
    indexName: plan.index.name,
    isMultiKey: plan.index.multikey,
    isUnique: plan.index.unique,
    isSparse: plan.index.sparse,
    isPartial: plan.index.partialFilter !== undefined,
    direction: plan.reverse ? 'backward' : 'forward',
    rangesScanned: plan.ranges.length,
  };
}
