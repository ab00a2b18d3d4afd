import { BSONRegExp, Decimal128, Double, Int32, Long } from 'bson';
import { type Collation, holdsText } from '../../bson/collation.js';
import { compareValues, equalValues } from '../../bson/compare.js';
import { type BsonObject, isObject, numberOf, TAG, tagOf } from '../../bson/values.js';
import type { IndexDefinition } from '../../storage/index-definition.js';
import { isOperatorObject } from '../filter/filter-syntax.js';
import { compileFilter } from '../filter/matcher.js';
import type { KeyForm } from './key-form.js';

/**
 * Whether everything a filter can match is surely in an index. Cautious: an answer of "no" only costs speed.
 */
export function isCoveredBy(filter: BsonObject, index: IndexDefinition, form: KeyForm): boolean {
  const { partialFilter, collation } = index;
  if (partialFilter === undefined) return true;
  if (!form.agrees && holdsText(partialFilter)) return false;
  return impliesPartialFilter(filter, partialFilter, collation);
}

function impliesPartialFilter(
  filter: BsonObject,
  partial: BsonObject,
  collation: Collation | undefined,
): boolean {
  return Object.keys(partial).every((field) => {
    const wanted = partial[field];
    if (field === '$and' && Array.isArray(wanted)) {
      return wanted.every((clause) => isObject(clause) && impliesPartialFilter(filter, clause, collation));
    }
    if (field.startsWith('$')) return equalValues(filter[field], wanted, collation);
    const conditions = isOperatorObject(wanted) ? wanted : { $eq: wanted };
    return Object.keys(conditions).every((operator) =>
      demandsOn(filter, field).some((given) =>
        impliesCondition(given, { [operator]: conditions[operator] }, collation),
      ),
    );
  });
}

/** Each single condition the filter's top level, and its `$and`s, put on a field. */
function demandsOn(filter: BsonObject, field: string): BsonObject[] {
  const demands: BsonObject[] = [];
  const operand = filter[field];
  if (Object.hasOwn(filter, field)) {
    const conditions = isOperatorObject(operand) ? operand : { $eq: operand };
    for (const operator of Object.keys(conditions)) demands.push({ [operator]: conditions[operator] });
  }
  const { $and: clauses } = filter;
  if (Array.isArray(clauses)) {
    for (const clause of clauses) if (isObject(clause)) demands.push(...demandsOn(clause, field));
  }
  return demands;
}

function impliesCondition(given: BsonObject, wanted: BsonObject, collation: Collation | undefined): boolean {
  if (equalValues(given, wanted, collation)) return true;
  const [operator = ''] = Object.keys(given);
  const { $eq: value, $in: values = [value] } = given;
  if (operator === '$eq' || operator === '$in') return isImpliedByEach(values, wanted, collation);
  if (!/^\$[gl]te?$/.test(operator)) return false;
  const bound = given[operator];
  if (!bounds(bound)) return false;
  if (equalValues(wanted, { $exists: true })) return true;
  return Object.keys(wanted).every(
    (name) =>
      /^\$[gl]te?$/.test(name) &&
      name[1] === operator[1] &&
      tagOf(wanted[name]) === tagOf(bound) &&
      compareValues(bound, wanted[name], collation) * (operator[1] === 'g' ? 1 : -1) > 0,
  );
}

/** True for a value that a comparison with is satisfied by greater or smaller values of its own type only. */
function bounds(value: unknown): boolean {
  const tag = tagOf(value);
  const alone = tag === TAG.null || tag === TAG.undefined || tag === TAG.minKey || tag === TAG.maxKey;
  return !alone && !Number.isNaN(numberOf(value));
}

/**
 * Numbers equal those of other types, so that one alone says little about the type. Texts equal symbols too, which are passed
 * over here: nothing writes them any more, and an index of texts is what most partial indexes are.
 */
const NUMBER_TYPES = [new Int32(0), new Double(0), Long.ZERO, Decimal128.fromString('0')];

function isImpliedByEach(values: unknown, wanted: BsonObject, collation: Collation | undefined): boolean {
  const test = compileFilter({ value: wanted }, { collation });
  const holds = (value: unknown): boolean => test({ value });
  const isImpliedBy = (value: unknown): boolean => {
    if (value === undefined || value === null || Array.isArray(value)) return false;
    if (value instanceof BSONRegExp) return equalValues(wanted, { $exists: true });
    if (!Object.hasOwn(wanted, '$type')) return holds(value);
    return (tagOf(value) === TAG.number ? NUMBER_TYPES : [value]).every(holds);
  };
  return Array.isArray(values) && values.every(isImpliedBy);
}
