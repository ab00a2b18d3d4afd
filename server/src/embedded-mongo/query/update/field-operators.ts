import { Int32, Long, Timestamp } from 'bson';
import type { Collation } from '../../bson/collation.js';
import { compareValues } from '../../bson/compare.js';
import { isObject } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { badValue } from '../filter/filter-syntax.js';
import { combine, isNumeric } from './arithmetic.js';
import { addedToSet, popped, pulled, pulledAll, pushed } from './array-operators.js';
import { cloneValue } from './document-path.js';

/** The new value of a path from its old one; `undefined` means "leave it as it is". */
type Change = (current: unknown) => unknown;

/** Judges an operand once, before any document is read, and says what it does to a value. */
export type FieldOperator = (operand: unknown, path: string, collation: Collation | undefined) => Change;

/** The operators that set one path from its old value. `$unset` and `$rename` move or remove and live elsewhere. */
export const FIELD_OPERATORS: ReadonlyMap<string, FieldOperator> = new Map<string, FieldOperator>([
  ['$set', (operand) => () => cloneValue(operand)],
  ['$setOnInsert', (operand) => () => cloneValue(operand)],
  ['$inc', (operand, path) => arithmetic('$inc', operand, path)],
  ['$mul', (operand, path) => arithmetic('$mul', operand, path)],
  ['$min', (operand, _path, collation) => replacedIf(operand, (order) => order < 0, collation)],
  ['$max', (operand, _path, collation) => replacedIf(operand, (order) => order > 0, collation)],
  ['$currentDate', currentDate],
  ['$bit', bitwise],
  ['$push', pushed],
  ['$addToSet', addedToSet],
  ['$pop', popped],
  ['$pull', pulled],
  ['$pullAll', pulledAll],
]);

function replacedIf(
  operand: unknown,
  holds: (order: number) => boolean,
  collation: Collation | undefined,
): Change {
  return (current) =>
    current === undefined || holds(compareValues(operand, current, collation))
      ? cloneValue(operand)
      : undefined;
}

function arithmetic(operator: '$inc' | '$mul', operand: unknown, path: string): Change {
  if (!isNumeric(operand)) {
    const verb = operator === '$inc' ? 'increment' : 'multiply';
    throw new StoreError(
      'TypeMismatch',
      `Cannot ${verb} with non-numeric argument: {${path}: ${JSON.stringify(operand)}}`,
    );
  }
  return (current) => {
    if (current === undefined)
      return operator === '$inc' ? operand : combine(new Int32(0), operand, 'multiply');
    if (isNumeric(current)) return combine(current, operand, operator === '$inc' ? 'add' : 'multiply');
    throw new StoreError(
      'TypeMismatch',
      `Cannot apply ${operator} to a value of non-numeric type. The field '${path}' is not a number`,
    );
  };
}

function currentDate(operand: unknown): Change {
  const wanted = isObject(operand) && Object.keys(operand).length === 1 ? operand.$type : undefined;
  if (typeof operand === 'boolean' || wanted === 'date') return () => new Date();
  if (wanted === 'timestamp') return () => new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 });
  throw badValue("$currentDate must be true, or { $type: 'date' } or { $type: 'timestamp' }");
}

const BIT_OPERATIONS = new Map<string, (left: bigint, right: bigint) => bigint>([
  ['and', (left, right) => left & right],
  ['or', (left, right) => left | right],
  ['xor', (left, right) => left ^ right],
]);

function bitwise(operand: unknown, path: string): Change {
  if (!isObject(operand) || Object.keys(operand).length === 0) {
    throw badValue('The $bit modifier needs an object such as { and: 5 }');
  }
  const steps = Object.entries(operand).map(([name, mask]) => bitStep(name, mask));
  return (current) => {
    const start = current === undefined ? new Int32(0) : current;
    if (integer(start) === undefined) throw badValue(`Cannot apply $bit to '${path}': not an integer`);
    return steps.reduce<unknown>((value, step) => step(value), start);
  };
}

function bitStep(name: string, mask: unknown): Change {
  const operation = BIT_OPERATIONS.get(name);
  if (!operation) throw badValue(`The $bit modifier only supports 'and', 'or', and 'xor', not '${name}'`);
  const right = integer(mask);
  if (right === undefined) throw badValue(`The $bit modifier needs an int or a long for '${name}'`);
  return (value) => {
    const result = operation(integer(value) ?? 0n, right);
    const wide = value instanceof Long || mask instanceof Long;
    return wide ? Long.fromBigInt(BigInt.asIntN(64, result)) : new Int32(Number(BigInt.asIntN(32, result)));
  };
}

function integer(value: unknown): bigint | undefined {
  if (value instanceof Long && !(value instanceof Timestamp)) return value.toBigInt();
  return value instanceof Int32 ? BigInt(value.value) : undefined;
}
