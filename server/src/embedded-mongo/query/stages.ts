import { encodeValue } from '../bson/key-encoding.js';
import { type BsonObject, isObject, promoteObject, setField } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { expressionsWith, guardMingo, mingo, NO_SCRIPTS } from './expressions.js';
import { compileFilter } from './matcher.js';
import { collectValues, splitPath } from './path.js';
import { parseSort, Sorter, sortKeyOf } from './sort.js';
import { cloneDocument, setAt } from './update/document-path.js';

/** Other collections of the same database, for `$lookup` and its like; rows come with plain numbers. */
export interface ForeignRows {
  all(collection: string): BsonObject[];
  /** The rows whose field equals one of `values`, by an index when there is one. */
  matching(collection: string, field: string, values: readonly unknown[]): BsonObject[];
}

export interface PipelineScope {
  readonly variables: BsonObject;
  readonly foreign: ForeignRows;
}

type Stage = (rows: BsonObject[], operand: unknown, scope: PipelineScope) => BsonObject[];

/** The stages the store runs itself: those that compare values, read other collections or hold pipelines of their own. */
const OWN_STAGES: ReadonlyMap<string, Stage> = new Map<string, Stage>([
  ['$match', match],
  ['$sort', sort],
  ['$lookup', lookup],
  ['$unionWith', unionWith],
  ['$facet', facet],
]);

/**
 * Run a pipeline on rows with plain numbers. Stages that compare values follow the store's own rules, and `$lookup` reads
 * the other collection through its indexes; everything else is mingo's.
 */
export function runPipeline(
  rows: readonly BsonObject[],
  stages: readonly BsonObject[],
  scope: PipelineScope,
): BsonObject[] {
  let current = [...rows];
  let waiting: BsonObject[] = [];
  for (const stage of stages) {
    const [name = ''] = Object.keys(stage);
    const own = OWN_STAGES.get(name);
    if (!own) {
      waiting.push(stage);
      continue;
    }
    current = own(runMingo(current, waiting, scope), stage[name], scope);
    waiting = [];
  }
  return runMingo(current, waiting, scope);
}

function runMingo(rows: BsonObject[], stages: BsonObject[], scope: PipelineScope): BsonObject[] {
  if (stages.length === 0) return rows;
  const results: unknown[] = guardMingo(() =>
    mingo().aggregate(rows, stages, {
      ...NO_SCRIPTS,
      variables: scope.variables,
      collectionResolver: (name) => scope.foreign.all(name),
    }),
  );
  return results.filter(isObject);
}

function match(rows: BsonObject[], operand: unknown, scope: PipelineScope): BsonObject[] {
  return rows.filter(compileFilter(objectOperand('$match', operand), expressionsWith(scope.variables)));
}

function sort(rows: BsonObject[], operand: unknown): BsonObject[] {
  const fields = parseSort(operand);
  const sorter = new Sorter<BsonObject>(() => 0, undefined);
  for (const row of rows) sorter.add(sortKeyOf(row, fields), row);
  return sorter.sorted();
}

function facet(rows: BsonObject[], operand: unknown, scope: PipelineScope): BsonObject[] {
  const branches = objectOperand('$facet', operand);
  const result: BsonObject = {};
  for (const name of Object.keys(branches)) {
    setField(result, name, runPipeline(rows, pipelineOperand('$facet', branches[name]), scope));
  }
  return [result];
}

function unionWith(rows: BsonObject[], operand: unknown, scope: PipelineScope): BsonObject[] {
  const { coll, pipeline = [] } = isObject(operand) ? operand : { coll: operand };
  if (typeof coll !== 'string')
    throw new StoreError('FailedToParse', '$unionWith needs the name of a collection');
  return [...rows, ...runPipeline(scope.foreign.all(coll), pipelineOperand('$unionWith', pipeline), scope)];
}

function objectOperand(stage: string, operand: unknown): BsonObject {
  if (isObject(operand)) return operand;
  throw new StoreError('FailedToParse', `the ${stage} stage needs an object`);
}

function pipelineOperand(stage: string, operand: unknown): BsonObject[] {
  if (Array.isArray(operand)) return operand.filter(isObject);
  throw new StoreError('FailedToParse', `the pipeline of ${stage} must be an array`);
}

function lookup(rows: BsonObject[], spec: unknown, scope: PipelineScope): BsonObject[] {
  const operand = objectOperand('$lookup', spec);
  const { from, as } = operand;
  if (typeof as !== 'string' || as === '') throw new StoreError('FailedToParse', "$lookup needs 'as'");
  if (typeof from !== 'string')
    throw new StoreError('FailedToParse', "$lookup needs 'from', the name of a collection");
  const candidates = joinOf(from, operand, scope);
  const refine = subPipeline(operand, scope);
  return rows.map((row) => {
    const found = refine(row, candidates(row));
    if (!as.includes('.')) return { ...row, [as]: found };
    const copy = cloneDocument(row);
    setAt(copy, as.split('.'), found);
    return copy;
  });
}

/** The rows of the other collection that belong to a row, before a sub-pipeline. */
function joinOf(from: string, operand: BsonObject, scope: PipelineScope): (row: BsonObject) => BsonObject[] {
  const { localField, foreignField } = operand;
  if (localField === undefined && foreignField === undefined) {
    let everything: BsonObject[] | undefined;
    return () => {
      everything ??= scope.foreign.all(from);
      return everything;
    };
  }
  if (typeof localField !== 'string' || typeof foreignField !== 'string') {
    throw new StoreError('FailedToParse', '$lookup needs both localField and foreignField, or neither');
  }
  const segments = splitPath(localField);
  const known = new Map<string, BsonObject[]>();
  return (row) => {
    const reached = collectValues(row, segments).flatMap((value): unknown[] =>
      Array.isArray(value) ? value : [value],
    );
    const values =
      reached.length === 0 ? [null] : reached.map((value) => (value === undefined ? null : value));
    const key = values.map((value) => encodeValue(value).toString('latin1')).join('|');
    const before = known.get(key);
    if (before) return before;
    const found = scope.foreign.matching(from, foreignField, values);
    known.set(key, found);
    return found;
  };
}

function subPipeline(
  operand: BsonObject,
  scope: PipelineScope,
): (row: BsonObject, rows: BsonObject[]) => BsonObject[] {
  const { pipeline } = operand;
  if (pipeline === undefined) return (_row, rows) => rows;
  if (!Array.isArray(pipeline))
    throw new StoreError('FailedToParse', "the 'pipeline' of $lookup must be an array");
  const stages = pipeline.filter(isObject);
  const lets = isObject(operand.let) ? operand.let : {};
  const compile = expressionsWith(scope.variables);
  const variables = Object.keys(lets).map((name) => ({ name, evaluate: compile(lets[name]) }));
  return (row, rows) => {
    const values = Object.fromEntries(variables.map(({ name, evaluate }) => [name, evaluate(row)]));
    return runPipeline(rows, stages, {
      ...scope,
      variables: promoteObject({ ...scope.variables, ...values }),
    });
  };
}
