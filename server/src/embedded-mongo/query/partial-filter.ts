import { type Collation, holdsText } from '../bson/collation.js';
import { compareValues, equalValues } from '../bson/compare.js';
import { type BsonObject, isObject, tagOf } from '../bson/values.js';
import type { IndexDefinition } from '../storage/index-definition.js';
import { isOperatorObject } from './filter-syntax.js';
import type { KeyForm } from './key-form.js';
import { compileFilter } from './matcher.js';

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
  const holds = compileFilter({ value: wanted }, { collation });
  if (Object.hasOwn(given, '$eq') && isScalar(given.$eq)) return holds({ value: given.$eq });
  const members = given.$in;
  if (Array.isArray(members)) return members.every((member) => isScalar(member) && holds({ value: member }));
  const [operator] = Object.keys(given);
  if (!operator || !/^\$[gl]te?$/.test(operator)) return false;
  const bound = given[operator];
  if (bound === null || bound === undefined) return false;
  if (equalValues(wanted, { $exists: true })) return true;
  return Object.keys(wanted).every(
    (name) =>
      /^\$[gl]te?$/.test(name) &&
      name[1] === operator[1] &&
      tagOf(wanted[name]) === tagOf(bound) &&
      compareValues(bound, wanted[name], collation) * (operator[1] === 'g' ? 1 : -1) > 0,
  );
}

function isScalar(value: unknown): boolean {
  return value !== undefined && value !== null && !Array.isArray(value);
}
