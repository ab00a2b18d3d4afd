import type { BsonObject } from '../bson/values.js';
import type { IndexPlan, Plan } from '../query/plan/planner.js';
import { QueryRun, type QuerySpec } from '../query/query-run.js';
import type { CommandContext } from './command.js';
import { countMatches } from './count-distinct.js';
import { assertValidQuery } from './find.js';
import { serverInfo } from './server-info.js';

export type Verbosity = 'queryPlanner' | 'executionStats' | 'allPlansExecution';

/** A command as far as it matters to its plan. */
export interface Explained {
  readonly spec: QuerySpec;
  /** What is done with the documents the query finds, and what that stage reports of it. */
  readonly outer?: { readonly stage: string; readonly figures: (found: number) => BsonObject } | undefined;
  /** Stages of a pipeline behind the query, which run in memory. */
  readonly rest?: readonly BsonObject[];
  /** The answer is the stored number of documents; nothing is read. */
  readonly byCounter?: boolean;
  /** The pipeline makes its rows itself. */
  readonly readsNoDocuments?: boolean;
}

export interface ExplainOptions {
  readonly database: string;
  readonly collectionName: string;
  readonly verbosity: Verbosity;
  readonly command: BsonObject;
}

/** A plan, and what carrying it out has cost. */
interface Findings {
  readonly plan: BsonObject;
  readonly execution?: BsonObject;
}

/** The reply of explain, in the shape drivers, shells and Compass read. */
export async function explanationOf(
  explained: Explained,
  options: ExplainOptions,
  context: CommandContext,
): Promise<BsonObject> {
  const { rest = [] } = explained;
  const about = { command: commandOf(options), serverInfo: serverInfo(context.server) };
  if (explained.readsNoDocuments) return { explainVersion: '1', stages: rest, ...about };
  const { plan, execution } = await findingsOf(explained, options, context);
  const query = {
    queryPlanner: {
      namespace: `${options.database}.${options.collectionName}`,
      parsedQuery: explained.spec.filter,
      ...(explained.spec.collation ? { collation: explained.spec.collation.spec } : {}),
      winningPlan: plan,
      rejectedPlans: [],
    },
    ...(execution ? { executionStats: execution } : {}),
  };
  if (rest.length === 0) return { explainVersion: '1', ...query, ...about };
  const returned = execution ? { nReturned: execution.nReturned } : {};
  return { explainVersion: '1', stages: [{ $cursor: query, ...returned }, ...rest], ...about };
}

async function findingsOf(
  explained: Explained,
  options: ExplainOptions,
  context: CommandContext,
): Promise<Findings> {
  const { spec, outer } = explained;
  const collection = context.store.catalogue.find(options.database, options.collectionName);
  const executes = options.verbosity !== 'queryPlanner';
  if (!collection) assertValidQuery(spec);
  if (!collection || explained.byCounter) {
    const stage = collection ? 'RECORD_STORE_COUNT' : 'EOF';
    const counted = collection && executes ? await countMatches(collection, spec, context) : undefined;
    return executes ? { plan: { stage }, execution: unreadExecution(stage, counted) } : { plan: { stage } };
  }
  const run = new QueryRun(context.store.engine, collection, spec);
  const plan = wrapped(sorted(scanStage(run.plan), run.plan, spec), outer?.stage);
  if (!executes) return { plan };
  const startedAt = performance.now();
  while (await run.nextMatch());
  const figures = outer?.figures(run.returned) ?? { nReturned: run.returned };
  return {
    plan,
    execution: {
      executionSuccess: true,
      nReturned: figures.nReturned,
      executionTimeMillis: Math.round(performance.now() - startedAt),
      totalKeysExamined: run.keysExamined,
      totalDocsExamined: run.docsExamined,
      executionStages: outer
        ? { stage: outer.stage, ...figures, inputStage: executedStages(run, spec) }
        : executedStages(run, spec),
    },
  };
}

/** Nothing was read: there is no collection, or the stored number of its documents is the answer. */
function unreadExecution(stage: string, nCounted: number | undefined): BsonObject {
  return {
    executionSuccess: true,
    nReturned: 0,
    executionTimeMillis: 0,
    totalKeysExamined: 0,
    totalDocsExamined: 0,
    executionStages: { stage, nReturned: 0, ...(nCounted === undefined ? {} : { nCounted }) },
  };
}

function wrapped(plan: BsonObject, stage: string | undefined): BsonObject {
  return stage === undefined ? plan : { stage, inputStage: plan };
}

function sorted(input: BsonObject, plan: Plan, spec: QuerySpec, figures: BsonObject = {}): BsonObject {
  if (plan.providesSort) return input;
  return { stage: 'SORT', sortPattern: spec.sort, ...figures, inputStage: input };
}

function scanStage(plan: Plan): BsonObject {
  if (plan.kind === 'collection') return collectionStage(plan.reverse);
  if (plan.kind === 'index') return { stage: 'FETCH', inputStage: indexStage(plan) };
  return { stage: 'FETCH', inputStage: { stage: 'OR', inputStages: plan.plans.map(indexStage) } };
}

/** The same stages with what they did. Behind a sort in memory, nobody has counted what the scan returned. */
function executedStages(run: QueryRun, spec: QuerySpec): BsonObject {
  const { plan, docsExamined, keysExamined } = run;
  const returned = { nReturned: run.returned };
  const found = plan.providesSort ? returned : {};
  const scan = scanStage(plan);
  if (plan.kind === 'collection') return sorted({ ...scan, ...found, docsExamined }, plan, spec, returned);
  const keys = { nReturned: docsExamined, keysExamined };
  const inputStage =
    plan.kind === 'index'
      ? { ...indexStage(plan), ...keys }
      : { stage: 'OR', ...keys, inputStages: plan.plans.map(indexStage) };
  return sorted({ stage: 'FETCH', ...found, docsExamined, inputStage }, plan, spec, returned);
}

function collectionStage(reverse: boolean): BsonObject {
  return { stage: 'COLLSCAN', direction: reverse ? 'backward' : 'forward' };
}

function indexStage(plan: IndexPlan): BsonObject {
  return {
    stage: 'IXSCAN',
    keyPattern: plan.index.keyPattern,
    indexName: plan.index.name,
    ...(plan.index.collation ? { collation: plan.index.collation.spec } : {}),
    isMultiKey: plan.index.multikey,
    isUnique: plan.index.unique,
    isSparse: plan.index.sparse,
    isPartial: plan.index.partialFilter !== undefined,
    direction: plan.reverse ? 'backward' : 'forward',
    rangesScanned: plan.ranges.length,
  };
}

/** The command as it was sent, without what the driver adds to every one. */
function commandOf({ command, database }: ExplainOptions): BsonObject {
  const fields = Object.entries(command).filter(([field]) => field !== 'lsid' && !field.startsWith('$'));
  return { ...Object.fromEntries(fields), $db: database };
}
