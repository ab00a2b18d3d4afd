import { Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'bson';
import { numberOf } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { dateFromText } from './date-text.js';
import { decimalParts, toDecimal } from './decimals.js';
import { fitsInt32, fitsInt64, integerOf, isNumber, isTruthy, numberKind } from './number-kinds.js';
import { coercedText, plainText } from './text.js';
import { typeName } from './type-names.js';

/** What `$convert` can make. */
export type ConversionTarget =
  | 'double'
  | 'string'
  | 'objectId'
  | 'bool'
  | 'date'
  | 'int'
  | 'long'
  | 'decimal';

/** A value that cannot become what was asked for: the error `onError` of `$convert` stands in for. */
export class ConversionFailure extends StoreError {
  constructor(message: string) {
    super('ConversionFailure', `${message} in $convert with no onError value`);
  }
}

const TARGETS = new Map<string | number, ConversionTarget>([
  [1, 'double'],
  [2, 'string'],
  [7, 'objectId'],
  [8, 'bool'],
  [9, 'date'],
  [16, 'int'],
  [18, 'long'],
  [19, 'decimal'],
]);
for (const target of [...TARGETS.values()]) TARGETS.set(target, target);

/** The type that `to` names, by name or number. */
export function targetOf(to: unknown): ConversionTarget {
  const name = typeof to === 'string' ? to : numberOf(to);
  if (name === undefined)
    throw new StoreError('FailedToParse', "$convert's 'to' argument must be a string or number");
  const target = TARGETS.get(name);
  if (target) return target;
  throw new StoreError('BadValue', `The embedded store cannot $convert to ${name}`);
}

/** The value as another type. What is nullish never gets here. */
export function convert(value: unknown, target: ConversionTarget): unknown {
  if (typeName(value) === target) return value;
  switch (target) {
    case 'bool':
      return isTruthy(value);
    case 'string':
      return stringOf(value);
    case 'int':
    case 'long':
      return integerFrom(value, target);
    case 'double':
      return doubleFrom(value);
    case 'decimal':
      return decimalFrom(value);
    case 'date':
      return dateFrom(value);
    case 'objectId':
      return objectIdFrom(value);
  }
}

function unsupported(value: unknown, target: string): ConversionFailure {
  return new ConversionFailure(`Unsupported conversion from ${typeName(value)} to ${target}`);
}

function stringOf(value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  if (value instanceof ObjectId) return value.toHexString();
  const writable = isNumber(value) || value instanceof Date || plainText(value) !== undefined;
  if (!writable) throw unsupported(value, 'string');
  return coercedText(value);
}

function integerFrom(value: unknown, target: 'int' | 'long'): Int32 | Long {
  const whole = wholeFrom(value, target);
  if (target === 'long') {
    if (fitsInt64(whole)) return Long.fromBigInt(whole);
  } else if (fitsInt32(Number(whole))) {
    return new Int32(Number(whole));
  }
  throw new ConversionFailure(`Conversion would overflow target type: ${whole}`);
}

function wholeFrom(value: unknown, target: 'int' | 'long'): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value instanceof Date && target === 'long') return BigInt(value.getTime());
  const text = plainText(value);
  if (text !== undefined) {
    if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace(/^\+/, ''));
    throw new ConversionFailure(`Failed to parse number '${text}'`);
  }
  return truncated(value, target);
}

function truncated(value: unknown, target: string): bigint {
  if (!isNumber(value)) throw unsupported(value, target);
  const integer = integerOf(value);
  if (integer !== undefined) return integer;
  if (value instanceof Decimal128) {
    const parts = decimalParts(value);
    if (parts && parts.exponent < 40) {
      return parts.exponent >= 0
        ? parts.digits * 10n ** BigInt(parts.exponent)
        : parts.digits / 10n ** BigInt(-parts.exponent);
    }
  }
  const number = numberOf(value) ?? Number.NaN;
  if (Number.isFinite(number) && !(value instanceof Decimal128)) return BigInt(Math.trunc(number));
  throw new ConversionFailure(`Attempt to convert ${String(value)} to an integer`);
}

function doubleFrom(value: unknown): Double {
  if (typeof value === 'boolean') return new Double(value ? 1 : 0);
  if (value instanceof Date) return new Double(value.getTime());
  const text = plainText(value);
  if (text !== undefined) return new Double(doubleFromText(text));
  if (!isNumber(value)) throw unsupported(value, 'double');
  const number = numberOf(value) ?? Number.NaN;
  if (value instanceof Decimal128 && !Number.isFinite(number) && decimalParts(value)) {
    throw new ConversionFailure('Conversion would overflow target type');
  }
  return new Double(number);
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_FINITE = /^([+-]?)(inf|infinity|nan)$/i;

function doubleFromText(text: string): number {
  if (NUMBER.test(text)) {
    const number = Number(text);
    if (Number.isFinite(number)) return number;
  }
  const [, sign, word = ''] = NOT_FINITE.exec(text) ?? [];
  if (word.toLowerCase() === 'nan') return Number.NaN;
  if (word !== '') return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  throw new ConversionFailure(`Failed to parse number '${text}'`);
}

function decimalFrom(value: unknown): Decimal128 {
  if (typeof value === 'boolean') return Decimal128.fromString(value ? '1' : '0');
  if (value instanceof Date) return Decimal128.fromString(String(value.getTime()));
  const text = plainText(value);
  if (text === undefined) {
    if (isNumber(value)) return toDecimal(value);
    throw unsupported(value, 'decimal');
  }
  if (!NUMBER.test(text) && !NOT_FINITE.test(text))
    throw new ConversionFailure(`Failed to parse number '${text}'`);
  return Decimal128.fromStringWithRounding(text);
}

function dateFrom(value: unknown): Date {
  const text = plainText(value);
  if (text !== undefined) {
    const date = dateFromText(text, undefined);
    if (date) return date;
    throw new ConversionFailure(`Error parsing date string '${text}'`);
  }
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.getHighBitsUnsigned() * 1000);
  // An int is not wide enough for milliseconds and is refused, as MongoDB does.
  if (!isNumber(value) || numberKind(value) === 'int') throw unsupported(value, 'date');
  const ms = Number(truncated(value, 'date'));
  const date = new Date(ms);
  if (Number.isNaN(date.getTime()))
    throw new ConversionFailure(`Conversion would overflow target type: ${ms}`);
  return date;
}

function objectIdFrom(value: unknown): ObjectId {
  const text = plainText(value);
  if (text === undefined) throw unsupported(value, 'objectId');
  if (/^[0-9a-fA-F]{24}$/.test(text)) return new ObjectId(text);
  throw new ConversionFailure(`Failed to parse objectId '${text}'`);
}
