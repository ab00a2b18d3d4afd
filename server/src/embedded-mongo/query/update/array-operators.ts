import { BSONRegExp } from 'bson';
import type { Collation } from '../../bson/collation.js';
import { compareValues, equalValues } from '../../bson/compare.js';
import { type BsonObject, isObject, numberOf } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { badValue, isOperatorObject } from '../filter/filter-syntax.js';
import { compileFilter } from '../filter/matcher.js';
import { cloneValue, getAt } from './document-path.js';

/** The new array from the old value of a path; `undefined` when there is nothing to change. */
type ArrayChange = (current: unknown) => unknown[] | undefined;

const PUSH_MODIFIERS = new Set(['$each', '$slice', '$sort', '$position']);

/** `$push` with its modifiers, on a copy of the stored array. */
export function pushed(operand: unknown, path: string, collation: Collation | undefined): ArrayChange {
  if (!isObject(operand) || !Object.hasOwn(operand, '$each')) {
    return (current) => [...arrayOrEmpty(current, '$push', path), cloneValue(operand)];
  }
  for (const name of Object.keys(operand)) {
    if (!PUSH_MODIFIERS.has(name)) throw badValue(`Unrecognized clause in $push: ${name}`);
  }
  const { $each: added } = operand;
  if (!Array.isArray(added)) throw badValue('The argument to $each in $push must be an array');
  const slice = wholeNumber(operand, '$slice');
  const sorted = sorter(operand.$sort, collation);
  const position = wholeNumber(operand, '$position');
  return (current) => {
    const array = arrayOrEmpty(current, '$push', path);
    const at = position === undefined ? array.length : placeOf(position, array.length);
    const result = sorted([...array.slice(0, at), ...added.map(cloneValue), ...array.slice(at)]);
    if (slice === undefined) return result;
    return slice >= 0 ? result.slice(0, slice) : result.slice(slice);
  };
}

function wholeNumber(operand: BsonObject, modifier: string): number | undefined {
  if (operand[modifier] === undefined) return undefined;
  const number = numberOf(operand[modifier]);
  if (number === undefined || !Number.isInteger(number))
    throw badValue(`The value for ${modifier} must be an integer value`);
  return number;
}

function placeOf(position: number, length: number): number {
  return position >= 0 ? Math.min(position, length) : Math.max(length + position, 0);
}

/** How `$sort` orders an array: by the elements themselves, or by fields of them, an array there as a whole. */
function sorter(spec: unknown, collation: Collation | undefined): (values: unknown[]) => unknown[] {
  if (spec === undefined) return (values) => values;
  if (!isObject(spec)) {
    const direction = directionOf(spec);
    return (values) => values.sort((a, b) => compareValues(a, b, collation) * direction);
  }
  const fields = Object.keys(spec).map((field) => {
    if (field.split('.').includes('')) throw badValue('The $sort field cannot be empty');
    return { path: field.split('.'), direction: directionOf(spec[field]) };
  });
  if (fields.length === 0) throw badValue('The $sort pattern is empty when it should be a set of fields.');
  const keyOf = (element: unknown, path: readonly string[]): unknown =>
    (isObject(element) ? getAt(element, path) : undefined) ?? null;
  return (values) =>
    values.sort((a, b) => {
      for (const { path, direction } of fields) {
        const order = compareValues(keyOf(a, path), keyOf(b, path), collation) * direction;
        if (order !== 0) return order;
      }
      return 0;
    });
}

function directionOf(spec: unknown): 1 | -1 {
  const direction = numberOf(spec);
  if (direction === 1 || direction === -1) return direction;
  throw badValue('The $sort element value must be either 1 or -1');
}

export function addedToSet(operand: unknown, path: string, collation: Collation | undefined): ArrayChange {
  const wanted = setMembers(operand);
  return (current) => {
    const result = [...arrayOrEmpty(current, '$addToSet', path)];
    for (const value of wanted) {
      if (!result.some((other) => equalValues(other, value, collation))) result.push(cloneValue(value));
    }
    return result;
  };
}

function setMembers(operand: unknown): unknown[] {
  if (!isObject(operand) || Object.keys(operand)[0] !== '$each') return [operand];
  const { $each: members, ...others } = operand;
  if (!Array.isArray(members))
    throw new StoreError('TypeMismatch', 'The argument to $each in $addToSet must be an array');
  if (Object.keys(others).length > 0) throw badValue('Found unexpected fields after $each in $addToSet');
  return members;
}

export function popped(operand: unknown, path: string): ArrayChange {
  const end = numberOf(operand);
  if (end !== 1 && end !== -1) throw new StoreError('FailedToParse', '$pop expects 1 or -1');
  return (current) => {
    if (current === undefined) return undefined;
    if (Array.isArray(current)) return end === 1 ? current.slice(0, -1) : current.slice(1);
    throw new StoreError('TypeMismatch', `Path '${path}' contains an element of non-array type`);
  };
}

export function pulled(operand: unknown, _path: string, collation: Collation | undefined): ArrayChange {
  const matches = pullTest(operand, collation);
  return (current) => culled(current, matches);
}

export function pulledAll(operand: unknown, _path: string, collation: Collation | undefined): ArrayChange {
  if (!Array.isArray(operand)) throw badValue('$pullAll requires an array argument');
  const gone: unknown[] = operand;
  return (current) => culled(current, (value) => gone.some((other) => equalValues(other, value, collation)));
}

function culled(current: unknown, matches: (value: unknown) => boolean): unknown[] | undefined {
  if (current === undefined) return undefined;
  if (Array.isArray(current)) return current.filter((value) => !matches(value));
  throw badValue('Cannot apply $pull to a non-array value');
}

const LOGICAL = new Set(['$and', '$or', '$nor', '$expr', '$comment']);

/** A document without operators is a filter for the documents in the array; anything else is a condition on the elements. */
function pullTest(operand: unknown, collation: Collation | undefined): (value: unknown) => boolean {
  const [first = ''] = isObject(operand) ? Object.keys(operand) : [];
  if (operand instanceof BSONRegExp || (isOperatorObject(operand) && !LOGICAL.has(first))) {
    const matcher = compileFilter({ value: operand }, { collation });
    return (value) => matcher({ value });
  }
  if (isObject(operand)) {
    const matcher = compileFilter(operand, { collation });
    return (value) => isObject(value) && matcher(value);
  }
  return (value) => equalValues(operand, value, collation);
}

function arrayOrEmpty(current: unknown, operator: string, path: string): unknown[] {
  if (current === undefined) return [];
  if (Array.isArray(current)) return current;
  throw badValue(`The field '${path}' must be an array for ${operator}`);
}
