import { Decimal128, Double, Int32, Long, Timestamp } from 'bson';
import { numberOf } from '../../bson/values.js';
import { StoreError } from '../../errors.js';

const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const DECIMAL_DIGITS = 34;

export type Arithmetic = 'add' | 'multiply';

export function isNumeric(value: unknown): boolean {
  return numberOf(value) !== undefined;
}

/**
 * MongoDB's arithmetic of `$inc` and `$mul`: the widest type of the two wins, an int32 that overflows becomes an int64,
 * and an int64 that overflows is refused.
 */
export function combine(a: unknown, b: unknown, how: Arithmetic): unknown {
  if (a instanceof Decimal128 || b instanceof Decimal128) return combineDecimals(a, b, how);
  const left = integerOf(a);
  const right = integerOf(b);
  if (left === undefined || right === undefined) {
    const x = numberOf(a) ?? Number.NaN;
    const y = numberOf(b) ?? Number.NaN;
    return new Double(how === 'add' ? x + y : x * y);
  }
  const result = how === 'add' ? left + right : left * right;
  const wide = a instanceof Long || b instanceof Long;
  if (!wide && result >= INT32_MIN && result <= INT32_MAX) return new Int32(Number(result));
  if (result < INT64_MIN || result > INT64_MAX) {
    throw new StoreError(
      'BadValue',
      'Failed to apply $inc or $mul: the result does not fit a 64-bit integer',
    );
  }
  return Long.fromBigInt(result);
}

/** The value as an integer when its type is an integer type. */
function integerOf(value: unknown): bigint | undefined {
  if (value instanceof Int32) return BigInt(value.value);
  if (value instanceof Long && !(value instanceof Timestamp)) return value.toBigInt();
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'bigint' ? value : undefined;
}

function combineDecimals(a: unknown, b: unknown, how: Arithmetic): Decimal128 {
  const left = decimalParts(a);
  const right = decimalParts(b);
  if (!left || !right) {
    const x = numberOf(a) ?? Number.NaN;
    const y = numberOf(b) ?? Number.NaN;
    return Decimal128.fromString(String(how === 'add' ? x + y : x * y));
  }
  if (how === 'multiply') return decimalFrom(left.digits * right.digits, left.exponent + right.exponent);
  const exponent = Math.min(left.exponent, right.exponent);
  const aligned = (part: DecimalParts): bigint => part.digits * 10n ** BigInt(part.exponent - exponent);
  return decimalFrom(aligned(left) + aligned(right), exponent);
}

type DecimalParts = { digits: bigint; exponent: number };

function decimalParts(value: unknown): DecimalParts | undefined {
  const integer = integerOf(value);
  if (integer !== undefined) return { digits: integer, exponent: 0 };
  const text = value instanceof Decimal128 ? value.toString() : String(numberOf(value));
  const match = /^(-?)(\d+)\.?(\d*)(?:[Ee]([+-]?\d+))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  return { digits: BigInt(`${sign}${whole}${fraction}`), exponent: Number(exponent) - fraction.length };
}

function decimalFrom(digits: bigint, exponent: number): Decimal128 {
  let rounded = digits;
  let power = exponent;
  while (rounded.toString().replace('-', '').length > DECIMAL_DIGITS) {
    const half = rounded < 0n ? -5n : 5n;
    rounded = (rounded + half) / 10n;
    power++;
  }
  return Decimal128.fromStringWithRounding(`${rounded}E${power}`);
}
