import { type BsonObject, isObject, numberOf, promoteObject } from '../bson/values.js';
import { LocationError, notSupported, StoreError } from '../errors.js';
import { unsupportedUnderCollation } from './filter/filter-syntax.js';
import type { QuerySpec } from './query-run.js';
import { isStage } from './stages.js';

/** The part of a pipeline that indexes and the query engine serve, and the stages that are left. */
export interface SplitPipeline {
  readonly query: QuerySpec;
  readonly rest: readonly BsonObject[];
}

const KNOWN_BUT_REFUSED = new Set([
  ...['$bucketAuto', '$densify', '$fill', '$geoNear', '$listLocalSessions', '$listSearchIndexes'],
  ...['$listSessions', '$merge', '$out', '$planCacheStats', '$search', '$searchMeta', '$setWindowFields'],
  '$vectorSearch',
]);

/** Stages that make their rows themselves and were taken off before, if they came first. */
const FIRST_STAGES = new Set(['$collStats', '$indexStats', '$currentOp']);

/** Check the stages' names and take the leading `$match`, `$sort`, `$skip` and `$limit` off the pipeline. */
export function splitPipeline(pipeline: unknown): SplitPipeline {
  if (!Array.isArray(pipeline))
    throw new StoreError('TypeMismatch', "'pipeline' option must be specified as an array");
  const stages = checkedStages(pipeline);
  const query: { -readonly [key in keyof QuerySpec]: QuerySpec[key] } = { filter: {} };
  const clauses: BsonObject[] = [];
  let taken = 0;
  for (const stage of stages) {
    if (!absorb(stage, query, clauses)) break;
    taken++;
  }
  const [only] = clauses;
  if (only) query.filter = clauses.length === 1 ? only : { $and: clauses };
  return { query, rest: stages.slice(taken) };
}

function checkedStages(pipeline: readonly unknown[]): BsonObject[] {
  return pipeline.map((stage) => {
    const checked = checkedStage(stage);
    for (const inner of innerPipelines(checked)) checkedStages(inner);
    return checked;
  });
}

/** The pipelines inside `$facet`, `$lookup` and `$unionWith`, which must keep to the same rules. */
function innerPipelines(stage: BsonObject): unknown[][] {
  const { $facet: facet } = stage;
  const branches: unknown[] = isObject(facet) ? Object.values(facet) : [];
  for (const join of [stage.$lookup, stage.$unionWith]) if (isObject(join)) branches.push(join.pipeline);
  return branches.filter((branch): branch is unknown[] => Array.isArray(branch));
}

function checkedStage(stage: unknown): BsonObject {
  if (!isObject(stage))
    throw new StoreError('TypeMismatch', 'Each element of the pipeline array must be an object');
  const names = Object.keys(stage);
  const [name] = names;
  if (names.length !== 1 || name === undefined) {
    throw new LocationError(40323, 'A pipeline stage specification object must contain exactly one field.');
  }
  if (name === '$changeStream') {
    throw new LocationError(
      40573,
      'The $changeStream stage is not supported by the embedded store; point MONGODB_URI at a MongoDB replica set',
    );
  }
  if (KNOWN_BUT_REFUSED.has(name)) throw notSupported(name);
  if (FIRST_STAGES.has(name))
    throw new LocationError(40602, `${name} is only valid as the first stage in a pipeline.`);
  if (!isStage(name)) throw new LocationError(40324, `Unrecognized pipeline stage name: '${name}'`);
  return stage;
}

/** Put one stage into the query if the order of match, sort, skip, limit still allows it. */
function absorb(
  stage: BsonObject,
  query: { -readonly [key in keyof QuerySpec]: QuerySpec[key] },
  clauses: BsonObject[],
): boolean {
  const { $match: match, $sort: sort } = stage;
  const paged = query.skip !== undefined || query.limit !== undefined;
  if (match !== undefined) {
    if (!isObject(match))
      throw new LocationError(15959, 'the match filter must be an expression in an object');
    if (paged) return false;
    clauses.push(match);
    return true;
  }
  if (sort !== undefined) {
    if (paged || query.sort !== undefined || !isPlainSort(sort)) return false;
    query.sort = sort;
    return true;
  }
  const skip = numberOf(stage.$skip);
  if (skip !== undefined && query.limit === undefined && Number.isInteger(skip) && skip >= 0) {
    query.skip = (query.skip ?? 0) + skip;
    return true;
  }
  const limit = numberOf(stage.$limit);
  if (limit !== undefined && Number.isInteger(limit) && limit > 0) {
    query.limit = Math.min(query.limit ?? Number.POSITIVE_INFINITY, limit);
    return true;
  }
  return false;
}

function isPlainSort(sort: unknown): boolean {
  return (
    isObject(sort) &&
    Object.keys(sort).length > 0 &&
    Object.values(sort).every((value) => Math.abs(numberOf(value) ?? 0) === 1)
  );
}

/** Stages that compare nothing, or only in ways that know collations. */
const COLLATABLE_STAGES = new Set(['$match', '$sort', '$skip', '$limit', '$count', '$unwind', '$unset']);

/** Refuse the stages behind a query that would compare texts without regard to its collation. */
export function assertCollatable(rest: readonly BsonObject[]): void {
  if (countingStage(rest)) return;
  for (const stage of rest) {
    const [name = ''] = Object.keys(stage);
    const { $project: fields } = stage;
    const selects = isObject(fields) && Object.values(fields).every(isSwitch);
    if (!COLLATABLE_STAGES.has(name) && !selects) throw unsupportedUnderCollation(`the stage ${name}`);
  }
}

function isSwitch(value: unknown): boolean {
  return typeof value === 'boolean' || numberOf(value) !== undefined;
}

/** False for what no field of a result may be called; such a stage is left to be refused. */
function isPlainName(field: string): boolean {
  return /^[^$.][^.]*$/.test(field) && field !== '_id';
}

/** What is left when it only counts, and under which name: answered without building a single row. */
export function countingStage(rest: readonly BsonObject[]): { field: string; id?: unknown } | undefined {
  const [stage] = rest;
  if (rest.length !== 1 || !stage) return undefined;
  if (typeof stage.$count === 'string') {
    return isPlainName(stage.$count) ? { field: stage.$count } : undefined;
  }
  const { $group: group } = stage;
  if (!isObject(group)) return undefined;
  const { _id, ...fields } = promoteObject(group);
  const [field] = Object.keys(fields);
  const sum = field === undefined ? undefined : fields[field];
  if (field === undefined || Object.keys(fields).length !== 1 || !isObject(sum)) return undefined;
  if (!isPlainName(field)) return undefined;
  const constantId = _id === null || typeof _id === 'number';
  return constantId && Object.keys(sum).length === 1 && sum.$sum === 1 ? { field, id: _id } : undefined;
}
