import { Int32, Long, Timestamp } from 'bson';
import { compareValues } from '../../bson/compare.js';
import { type BsonObject, isObject, numberOf } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { badValue } from '../filter-syntax.js';
import { combine, isNumeric } from './arithmetic.js';
import { addedToSet, popped, pulled, pulledAll, pushed } from './array-operators.js';
import { cloneValue } from './document-path.js';

/** Computes the new value of one path; `undefined` means "leave it as it is". */
export type FieldOperator = (current: unknown, operand: unknown, path: string) => unknown;

/** The operators that set one path from its old value. `$unset` and `$rename` move or remove and live elsewhere. */
export const FIELD_OPERATORS: ReadonlyMap<string, FieldOperator> = new Map<string, FieldOperator>([
  ['$set', (_current, operand) => cloneValue(operand)],
  ['$setOnInsert', (_current, operand) => cloneValue(operand)],
  ['$inc', incremented],
  ['$mul', multiplied],
  [
    '$min',
    (current, operand) =>
      current === undefined || compareValues(operand, current) < 0 ? operand : undefined,
  ],
  [
    '$max',
    (current, operand) =>
      current === undefined || compareValues(operand, current) > 0 ? operand : undefined,
  ],
  ['$currentDate', (_current, operand) => currentDate(operand)],
  ['$bit', bitwise],
  ['$push', pushed],
  ['$addToSet', addedToSet],
  ['$pop', popped],
  ['$pull', pulled],
  ['$pullAll', pulledAll],
]);

function incremented(current: unknown, operand: unknown, path: string): unknown {
  assertNumeric('$inc', current, operand, path);
  return current === undefined ? operand : combine(current, operand, 'add');
}

function multiplied(current: unknown, operand: unknown, path: string): unknown {
  assertNumeric('$mul', current, operand, path);
  return combine(current === undefined ? new Int32(0) : current, operand, 'multiply');
}

function assertNumeric(operator: string, current: unknown, operand: unknown, path: string): void {
  const verb = operator === '$inc' ? 'increment' : 'multiply';
  if (!isNumeric(operand)) {
    throw new StoreError(
      'TypeMismatch',
      `Cannot ${verb} with non-numeric argument: {${path}: ${JSON.stringify(operand)}}`,
    );
  }
  if (current !== undefined && !isNumeric(current)) {
    throw new StoreError(
      'TypeMismatch',
      `Cannot apply ${operator} to a value of non-numeric type. The field '${path}' is not a number`,
    );
  }
}

function currentDate(operand: unknown): unknown {
  const wanted = isObject(operand) ? operand.$type : operand;
  if (wanted === true || wanted === 'date' || wanted === false) return new Date();
  if (wanted === 'timestamp') return new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 });
  throw badValue("$currentDate must be true, or { $type: 'date' } or { $type: 'timestamp' }");
}

function bitwise(current: unknown, operand: unknown, path: string): unknown {
  if (!isObject(operand)) throw badValue('The $bit modifier needs an object such as { and: 5 }');
  const start = current === undefined ? new Int32(0) : current;
  return Object.keys(operand).reduce<unknown>((value, name) => bitStep(value, name, operand, path), start);
}

function bitStep(value: unknown, name: string, operand: BsonObject, path: string): unknown {
  const mask = operand[name];
  const left = integer(value);
  const right = integer(mask);
  if (left === undefined || right === undefined)
    throw badValue(`Cannot apply $bit to '${path}': not an integer`);
  const wide = value instanceof Long || mask instanceof Long;
  const result = applyBits(name, left, right);
  return wide ? Long.fromBigInt(BigInt.asIntN(64, result)) : new Int32(Number(BigInt.asIntN(32, result)));
}

function applyBits(name: string, left: bigint, right: bigint): bigint {
  if (name === 'and') return left & right;
  if (name === 'or') return left | right;
  if (name === 'xor') return left ^ right;
  throw badValue(`The $bit modifier only supports 'and', 'or', and 'xor', not '${name}'`);
}

function integer(value: unknown): bigint | undefined {
  if (value instanceof Long) return value.toBigInt();
  const number = value instanceof Int32 ? numberOf(value) : undefined;
  return number === undefined ? undefined : BigInt(number);
}
