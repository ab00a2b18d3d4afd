import { Decimal128, Double, Int32, Long, Timestamp } from 'bson';
import { numberOf } from '../../bson/values.js';

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

export type NumberKind = 'int' | 'long' | 'double' | 'decimal';

/** Which of the four numeric types a value has; undefined for what is no number. */
export function numberKind(value: unknown): NumberKind | undefined {
  if (value instanceof Int32) return 'int';
  if (value instanceof Double) return 'double';
  if (value instanceof Timestamp) return undefined;
  if (value instanceof Long || typeof value === 'bigint') return 'long';
  if (value instanceof Decimal128) return 'decimal';
  if (typeof value !== 'number') return undefined;
  return Number.isInteger(value) && fitsInt32(value) ? 'int' : 'double';
}

export function isNumber(value: unknown): boolean {
  return numberKind(value) !== undefined;
}

/** The exact integer when the value has an integer type. */
export function integerOf(value: unknown): bigint | undefined {
  if (value instanceof Int32) return BigInt(value.value);
  if (value instanceof Long && !(value instanceof Timestamp)) return value.toBigInt();
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && numberKind(value) === 'int' ? BigInt(value) : undefined;
}

/** A whole number of any type that a JS number holds exactly; undefined for anything else. */
export function wholeOf(value: unknown): number | undefined {
  const number = numberOf(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

/** A whole number of any type that fits an int32, as positions and counts must. */
export function int32Of(value: unknown): number | undefined {
  const whole = wholeOf(value);
  return whole !== undefined && fitsInt32(whole) ? whole : undefined;
}

export function fitsInt32(value: number): boolean {
  return value >= INT32_MIN && value <= INT32_MAX;
}

export function fitsInt64(value: bigint): boolean {
  return value >= INT64_MIN && value <= INT64_MAX;
}

/** A count as MongoDB sends it: an int32, or an int64 when it is too large for one. */
export function intOrLong(value: number | bigint): Int32 | Long {
  const number = Number(value);
  return fitsInt32(number) ? new Int32(number) : Long.fromBigInt(BigInt(value));
}

export function isNaNValue(value: unknown): boolean {
  return Number.isNaN(numberOf(value));
}

/** MongoDB's truth: everything but false, null, missing and zero. */
export function isTruthy(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (value instanceof Long) return value instanceof Timestamp || !value.isZero();
  const number = numberOf(value);
  return number === undefined || number !== 0;
}
