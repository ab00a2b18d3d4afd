import { Binary, calculateObjectSize, Int32 } from 'bson';
import { isObject } from '../../../bson/values.js';
import { LocationError, notSupported } from '../../../errors.js';
import { isNullish, namedOperands, unary } from '../arguments.js';
import { ConversionFailure, type ConversionTarget, convert, targetOf } from '../conversion.js';
import { isNumber } from '../number-kinds.js';
import type { Operator } from '../scope.js';
import { plainText } from '../text.js';
import { typeName } from '../type-names.js';

function shorthand(target: ConversionTarget): Operator {
  return unary((value) => (isNullish(value) ? null : convert(value, target)));
}

const convertOperator: Operator = (operand, compiler, name) => {
  const parts = namedOperands(operand, name, {
    required: ['input', 'to'],
    optional: ['onError', 'onNull', 'format', 'base', 'byteOrder'],
  });
  for (const option of ['format', 'base', 'byteOrder']) {
    if (!Object.hasOwn(parts, option)) continue;
    throw notSupported(`'${option}' of $convert`);
  }
  const input = compiler.compile(parts.input);
  const to = compiler.compile(parts.to);
  const onNull = compiler.compile(Object.hasOwn(parts, 'onNull') ? parts.onNull : null);
  const onError = Object.hasOwn(parts, 'onError') ? compiler.compile(parts.onError) : undefined;
  return (scope) => {
    const value = input(scope);
    const wanted = to(scope);
    if (isNullish(value)) return onNull(scope);
    if (isNullish(wanted)) return null;
    const target = targetOf(wanted);
    try {
      return convert(value, target);
    } catch (error) {
      if (onError && error instanceof ConversionFailure) return onError(scope);
      throw error;
    }
  };
};

function binarySize(value: unknown): unknown {
  if (isNullish(value)) return null;
  if (value instanceof Binary) return new Int32(value.position);
  const text = plainText(value);
  if (text !== undefined) return new Int32(Buffer.byteLength(text));
  throw new LocationError(
    51276,
    `$binarySize requires a string or BinData argument, found: ${typeName(value)}`,
  );
}

function bsonSize(value: unknown): unknown {
  if (isNullish(value)) return null;
  if (isObject(value)) return new Int32(calculateObjectSize(value, { ignoreUndefined: true }));
  throw new LocationError(31393, `$bsonSize requires a document input, found: ${typeName(value)}`);
}

export const TYPES: Readonly<Record<string, Operator>> = {
  $type: unary(typeName),
  $isNumber: unary(isNumber),
  $convert: convertOperator,
  $toBool: shorthand('bool'),
  $toString: shorthand('string'),
  $toInt: shorthand('int'),
  $toLong: shorthand('long'),
  $toDouble: shorthand('double'),
  $toDecimal: shorthand('decimal'),
  $toDate: shorthand('date'),
  $toObjectId: shorthand('objectId'),
  $binarySize: unary(binarySize),
  $bsonSize: unary(bsonSize),
};
