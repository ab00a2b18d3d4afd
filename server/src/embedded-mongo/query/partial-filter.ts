import { compareValues, equalValues } from '../bson/compare.js';
import { type BsonObject, isObject, tagOf } from '../bson/values.js';
import { isOperatorObject } from './filter-syntax.js';
import { compileFilter } from './matcher.js';

/**
 * Whether everything a filter can match is surely in a partial index. Cautious: an answer of "no" only costs speed.
 */
export function impliesPartialFilter(filter: BsonObject, partial: BsonObject): boolean {
  return Object.keys(partial).every((field) => {
    const wanted = partial[field];
    if (field === '$and' && Array.isArray(wanted)) {
      return wanted.every((clause) => isObject(clause) && impliesPartialFilter(filter, clause));
    }
    if (field.startsWith('$')) return equalValues(filter[field], wanted);
    const conditions = isOperatorObject(wanted) ? wanted : { $eq: wanted };
    return Object.keys(conditions).every((operator) =>
      demandsOn(filter, field).some((given) => impliesCondition(given, { [operator]: conditions[operator] })),
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

function impliesCondition(given: BsonObject, wanted: BsonObject): boolean {
  if (equalValues(given, wanted)) return true;
  const holds = compileFilter({ value: wanted });
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
      (operator[1] === 'g' ? compareValues(bound, wanted[name]) > 0 : compareValues(bound, wanted[name]) < 0),
  );
}

function isScalar(value: unknown): boolean {
  return value !== undefined && value !== null && !Array.isArray(value);
}
