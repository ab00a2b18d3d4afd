import type { Collation } from '../bson/collation.js';
import { type BsonObject, isObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { compilerWith } from './expression/compile.js';
import { commandBindings } from './expressions.js';
import { bucket } from './stage/bucket.js';
import { graphLookup } from './stage/graph-lookup.js';
import { group } from './stage/group.js';
import { lookup, unionWith } from './stage/join.js';
import { count, documents, facet, limit, match, sample, skip, sort, sortByCount } from './stage/plain.js';
import { redact } from './stage/redact.js';
import { addFields, project, replaceRoot, replaceWith, unset } from './stage/shape.js';
import type { ForeignRows, Run, Stage, Sugar } from './stage/stage.js';
import { unwind } from './stage/unwind.js';
import type { TimeLimit } from './time-limit.js';

export type { ForeignRows } from './stage/stage.js';

export interface PipelineScope {
  readonly variables: BsonObject;
  readonly foreign: ForeignRows;
  readonly collation?: Collation | undefined;
  readonly timeLimit?: TimeLimit | undefined;
}

const STAGES: ReadonlyMap<string, Stage> = new Map<string, Stage>([
  ['$addFields', addFields],
  ['$documents', documents],
  ['$facet', facet],
  ['$graphLookup', graphLookup],
  ['$group', group],
  ['$limit', limit],
  ['$lookup', lookup],
  ['$match', match],
  ['$project', project],
  ['$redact', redact],
  ['$replaceWith', replaceWith],
  ['$sample', sample],
  ['$set', addFields],
  ['$skip', skip],
  ['$sort', sort],
  ['$unionWith', unionWith],
  ['$unwind', unwind],
]);

const SHORT_STAGES: ReadonlyMap<string, Sugar> = new Map<string, Sugar>([
  ['$bucket', bucket],
  ['$count', count],
  ['$replaceRoot', replaceRoot],
  ['$sortByCount', sortByCount],
  ['$unset', unset],
]);

/** Whether there is such a stage. */
export const isStage = (name: string): boolean => STAGES.has(name) || SHORT_STAGES.has(name);

/** Read a pipeline, refuse it where it is wrong, and make it ready to run on documents with their BSON types. */
export function compilePipeline(
  stages: readonly unknown[],
  scope: PipelineScope,
): (rows: BsonObject[]) => BsonObject[] {
  const run = compileStages(stages, Object.keys(scope.variables), scope);
  const bindings = commandBindings(scope.variables);
  return (rows) => run(rows, bindings);
}

function compileStages(stages: readonly unknown[], names: readonly string[], scope: PipelineScope): Run {
  const runs = stages.map((stage) => compileStage(stage, names, scope));
  return (rows, bindings) =>
    runs.reduce((current, run) => {
      scope.timeLimit?.check();
      return run(current, bindings);
    }, rows);
}

function compileStage(stage: unknown, names: readonly string[], scope: PipelineScope): Run {
  const name = isObject(stage) ? Object.keys(stage)[0] : undefined;
  if (!isObject(stage) || name === undefined) {
    throw new StoreError('TypeMismatch', 'Each element of the pipeline array must be an object');
  }
  const operand = stage[name];
  const short = SHORT_STAGES.get(name);
  if (short) return compileStages(short(operand), names, scope);
  const compile = STAGES.get(name);
  if (!compile) throw new StoreError('InternalError', `${name} is not among the stages`);
  return compile(operand, {
    compiler: compilerWith(names),
    foreign: scope.foreign,
    collation: scope.collation,
    pipeline: (inner, more = []) => compileStages(inner, [...names, ...more], scope),
  });
}
