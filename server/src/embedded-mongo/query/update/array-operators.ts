import { BSONRegExp } from 'bson';
import { compareValues, equalValues } from '../../bson/compare.js';
import { type BsonObject, isObject, numberOf } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { badValue, isOperatorObject } from '../filter-syntax.js';
import { equalityTest, regexTest } from '../match-operators.js';
import { compileFilter } from '../matcher.js';
import { parseSort, sortKeyOf } from '../sort.js';
import { cloneValue } from './document-path.js';

const PUSH_MODIFIERS = new Set(['$each', '$slice', '$sort', '$position']);

/** `$push` with its modifiers, on a copy of the stored array. */
export function pushed(current: unknown, operand: unknown, path: string): unknown[] {
  const array = arrayOrEmpty(current, '$push', path);
  if (!isObject(operand) || !Object.hasOwn(operand, '$each')) return [...array, cloneValue(operand)];
  for (const name of Object.keys(operand)) {
    if (!PUSH_MODIFIERS.has(name)) throw badValue(`Unrecognized clause in $push: ${name}`);
  }
  const added = eachOf(operand, '$push');
  const position = numberOf(operand.$position);
  const at = position === undefined ? array.length : placeOf(position, array.length);
  let result = [...array.slice(0, at), ...added.map(cloneValue), ...array.slice(at)];
  if (operand.$sort !== undefined) result = sortedArray(result, operand.$sort);
  const slice = numberOf(operand.$slice);
  if (slice === undefined) return result;
  return slice >= 0 ? result.slice(0, slice) : result.slice(slice);
}

function placeOf(position: number, length: number): number {
  return position >= 0 ? Math.min(position, length) : Math.max(length + position, 0);
}

function sortedArray(values: unknown[], spec: unknown): unknown[] {
  if (isObject(spec)) {
    const fields = parseSort(spec);
    const keyOf = (value: unknown): Buffer => sortKeyOf(isObject(value) ? value : {}, fields);
    return values
      .map((value) => ({ value, key: keyOf(value) }))
      .sort((a, b) => Buffer.compare(a.key, b.key))
      .map((entry) => entry.value);
  }
  const direction = numberOf(spec);
  if (direction !== 1 && direction !== -1) throw badValue('The $sort modifier must be 1, -1 or an object');
  return [...values].sort((a, b) => compareValues(a, b) * direction);
}

export function addedToSet(current: unknown, operand: unknown, path: string): unknown[] {
  const array = arrayOrEmpty(current, '$addToSet', path);
  const wanted =
    isObject(operand) && Object.hasOwn(operand, '$each') ? eachOf(operand, '$addToSet') : [operand];
  const result = [...array];
  for (const value of wanted) {
    if (!result.some((other) => equalValues(other, value))) result.push(cloneValue(value));
  }
  return result;
}

export function popped(current: unknown, operand: unknown, path: string): unknown[] | undefined {
  const end = numberOf(operand);
  if (end !== 1 && end !== -1) throw new StoreError('FailedToParse', '$pop expects 1 or -1');
  const array = arrayOrNothing(current, path);
  return end === 1 ? array?.slice(0, -1) : array?.slice(1);
}

export function pulled(current: unknown, operand: unknown, path: string): unknown[] | undefined {
  const matches = pullTest(operand);
  return arrayOrNothing(current, path)?.filter((value) => !matches(value));
}

export function pulledAll(current: unknown, operand: unknown, path: string): unknown[] | undefined {
  if (!Array.isArray(operand)) throw badValue('$pullAll requires an array argument');
  const gone: unknown[] = operand;
  return arrayOrNothing(current, path)?.filter((value) => !gone.some((other) => equalValues(other, value)));
}

function pullTest(operand: unknown): (value: unknown) => boolean {
  if (operand instanceof BSONRegExp) return regexTest(operand);
  if (isOperatorObject(operand)) {
    const matcher = compileFilter({ value: operand });
    return (value) => matcher({ value });
  }
  if (isObject(operand)) {
    const matcher = compileFilter(operand);
    return (value) => isObject(value) && matcher(value);
  }
  return equalityTest(operand);
}

function eachOf(operand: BsonObject, operator: string): unknown[] {
  if (!Array.isArray(operand.$each)) throw badValue(`The argument to $each in ${operator} must be an array`);
  return operand.$each;
}

function arrayOrEmpty(current: unknown, operator: string, path: string): unknown[] {
  if (current === undefined) return [];
  if (Array.isArray(current)) return current;
  throw badValue(`The field '${path}' must be an array for ${operator}`);
}

function arrayOrNothing(current: unknown, path: string): unknown[] | undefined {
  if (current === undefined) return undefined;
  if (Array.isArray(current)) return current;
  throw badValue(`Path '${path}' contains an element of non-array type`);
}
