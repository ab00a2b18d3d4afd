import type { Collation } from '../../bson/collation.js';
import { equalValues } from '../../bson/compare.js';
import { encodeValue } from '../../bson/key-encoding.js';
import type { KeyField } from '../../bson/key-tuples.js';
import { type BsonObject, isObject, TAG, tagOf } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import type { Collection } from '../../storage/catalogue.js';
import type { Engine } from '../../storage/engine.js';
import type { IndexDefinition } from '../../storage/index-definition.js';
import { MAX_INDEX_KEY_BYTES } from '../../storage/index-keys.js';
import { CollectionScan, IndexScan, type KeyRange, type Scan, UnionScan } from '../../storage/scans.js';
import { Constraints, constraintsOf } from './bounds.js';
import { reachOf } from './index-ranges.js';
import { KeyForm } from './key-form.js';
import { isCoveredBy } from './partial-filter.js';

export interface IndexPlan {
  readonly kind: 'index';
  readonly index: IndexDefinition;
  readonly ranges: readonly KeyRange[];
  readonly reverse: boolean;
  readonly providesSort: boolean;
  /** No more than one document can be found. */
  readonly exact: boolean;
  readonly score: number;
}

export type Plan =
  | IndexPlan
  | { readonly kind: 'collection'; readonly reverse: boolean; readonly providesSort: boolean }
  | { readonly kind: 'union'; readonly plans: readonly IndexPlan[]; readonly providesSort: false };

export interface PlanQuestion {
  readonly filter: BsonObject;
  readonly sort: readonly KeyField[];
  /** An index name or key pattern the client insists on. */
  readonly hint?: unknown;
  readonly collation?: Collation | undefined;
}

const POINT_SCORE = 10;
const RANGE_SCORE = 5;
const SORT_SCORE = 4;
const UNIQUE_SCORE = 1000;

/**
 * Choose how to find the candidates of a query. Any plan yields a superset of the matches, which the caller filters; the
 * choice only decides how many documents are looked at and whether they come sorted.
 */
export function planQuery(collection: Collection, question: PlanQuestion): Plan {
  const natural = naturalDirection(question);
  if (natural !== undefined) return { kind: 'collection', reverse: natural === -1, providesSort: true };
  const demandsOn = demandsByIndex(question);
  const hinted = hintedIndexes(collection, question.hint);
  const plans = (hinted ?? collection.indexes.filter((index) => isUsable(index, question, demandsOn(index))))
    .map((index) => planIndex(index, question, demandsOn(index)))
    .filter((plan) => hinted !== undefined || plan.score > 0);
  const best = plans.reduce<IndexPlan | undefined>(
    (chosen, plan) => (chosen && chosen.score >= plan.score ? chosen : plan),
    undefined,
  );
  if (best && best.score >= RANGE_SCORE) return best;
  return (
    planUnion(collection, question) ??
    best ?? { kind: 'collection', reverse: false, providesSort: question.sort.length === 0 }
  );
}

/** What the filter demands of an index, worked out once for all indexes of one collation. */
function demandsByIndex({ filter, collation }: PlanQuestion): (index: IndexDefinition) => Constraints {
  const known = new Map<string | undefined, Constraints>();
  return (index) => {
    const id = index.collation?.id;
    const demands =
      known.get(id) ?? constraintsOf(filter, new Constraints(new KeyForm(collation, index.collation)));
    known.set(id, demands);
    return demands;
  };
}

function naturalDirection(question: PlanQuestion): 1 | -1 | undefined {
  const { hint } = question;
  const first = question.sort[0];
  if (first?.path === '$natural') return first.descending ? -1 : 1;
  if (!isObject(hint) || !Object.hasOwn(hint, '$natural') || question.sort.length > 0) return undefined;
  return equalValues(hint.$natural, -1) ? -1 : 1;
}

function hintedIndexes(collection: Collection, hint: unknown): IndexDefinition[] | undefined {
  if (hint === undefined || hint === null || hint === '') return undefined;
  if (isObject(hint) && (Object.keys(hint).length === 0 || Object.hasOwn(hint, '$natural'))) return undefined;
  const found = collection.indexes.filter((index) =>
    typeof hint === 'string' ? index.name === hint : equalValues(index.keyPattern, hint),
  );
  if (!found[0]?.ready)
    throw new StoreError('BadValue', 'hint provided does not correspond to an existing index');
  if (found.length > 1)
    throw new StoreError('IndexNotFound', 'Hint matched multiple indexes, must hint by index name.');
  return found;
}

function isUsable(index: IndexDefinition, question: PlanQuestion, demands: Constraints): boolean {
  if (!index.ready) return false;
  if (index.sparse && !index.fields.some((field) => demands.get(field.path)?.impliesExists)) return false;
  return isCoveredBy(question.filter, index, demands.form);
}

function planIndex(index: IndexDefinition, question: PlanQuestion, demands: Constraints): IndexPlan {
  const { sort } = question;
  const reach = reachOf(index, demands);
  const direction = sortDirection(index, reach.singleFields, question);
  const providesSort = direction !== undefined && sort.length > 0;
  const exact =
    index.unique && reach.pointFields === index.fields.length && reach.singleFields === index.fields.length;
  const score =
    (exact ? UNIQUE_SCORE : 0) +
    reach.pointFields * POINT_SCORE +
    (reach.hasRange ? RANGE_SCORE : 0) +
    (providesSort ? SORT_SCORE : 0);
  return {
    kind: 'index',
    index,
    ranges: reach.ranges,
    reverse: direction === 'reverse',
    providesSort: providesSort || sort.length === 0,
    exact,
    score,
  };
}

/** Whether reading the index yields the wanted order, once the fields fixed to one value are left out of both. */
function sortDirection(
  index: IndexDefinition,
  singleFields: number,
  { sort, collation }: PlanQuestion,
): 'forward' | 'reverse' | undefined {
  if (sort.length === 0 || index.multikey || index.truncated)
    return sort.length === 0 ? 'forward' : undefined;
  const fixed = new Set(index.fields.slice(0, singleFields).map((field) => field.path));
  const wanted = sort.filter((field) => !fixed.has(field.path));
  // The keys of an index with a collation, and those a collation would order anew, are not in the order of a sort.
  if (wanted.length > 0 && (collation || index.collation)) return undefined;
  const offered = index.fields.slice(singleFields);
  if (wanted.length > offered.length) return undefined;
  const turns = wanted.map((field, i) => {
    const other = offered[i];
    return other?.path === field.path ? other.descending !== field.descending : undefined;
  });
  if (turns.some((turn) => turn === undefined || turn !== turns[0])) return undefined;
  return turns[0] === true ? 'reverse' : 'forward';
}

/** An `$or` whose every branch has an index of its own is answered branch by branch. */
function planUnion(collection: Collection, question: PlanQuestion): Plan | undefined {
  const { $or: branches } = question.filter;
  if (!Array.isArray(branches) || branches.length === 0 || question.hint !== undefined) return undefined;
  const plans: IndexPlan[] = [];
  for (const branch of branches) {
    if (!isObject(branch)) return undefined;
    const plan = planQuery(collection, { filter: branch, sort: [], collation: question.collation });
    if (plan.kind === 'collection') return undefined;
    if (plan.kind === 'index') plans.push(plan);
    else plans.push(...plan.plans);
  }
  return { kind: 'union', plans, providesSort: false };
}

/** Open the scan a plan describes. `expected` is how many documents are likely wanted, which sizes the first read. */
export function openScan(engine: Engine, collection: Collection, plan: Plan, expected?: number): Scan {
  if (plan.kind === 'collection') return new CollectionScan(engine, collection, plan.reverse);
  if (plan.kind === 'union') {
    return new UnionScan(plan.plans.map((part) => openScan(engine, collection, part)));
  }
  const firstChunk = plan.exact ? 1 : expected;
  return new IndexScan(engine, collection, {
    ranges: plan.ranges,
    reverse: plan.reverse,
    distinctRecords: plan.index.multikey,
    ...(firstChunk === undefined ? {} : { firstChunk }),
  });
}

/** The index key of `{ _id: <value> }`, a filter that needs neither a plan nor a matcher; undefined for any other. */
export function idLookup(filter: BsonObject, collation?: Collation): Buffer | undefined {
  const fields = Object.keys(filter);
  if (fields.length !== 1 || fields[0] !== '_id') return undefined;
  const operand = filter._id;
  const tag = tagOf(operand);
  if (tag === TAG.object || tag === TAG.array || tag === TAG.regex || tag === TAG.undefined) return undefined;
  if (collation && tag === TAG.string) return undefined;
  const key = encodeValue(operand);
  return key.length > MAX_INDEX_KEY_BYTES ? undefined : key;
}
