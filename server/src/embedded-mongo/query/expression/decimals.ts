import { Decimal128 } from 'bson';
import { numberOf } from '../../bson/values.js';
import { integerOf } from './number-kinds.js';

const DIGITS = 34;

/** digits × 10^exponent. */
export interface DecimalParts {
  readonly digits: bigint;
  readonly exponent: number;
}

/** The exact parts of a finite number; undefined for NaN and the infinities. */
export function decimalParts(value: unknown): DecimalParts | undefined {
  const integer = integerOf(value);
  if (integer !== undefined) return { digits: integer, exponent: 0 };
  const text = value instanceof Decimal128 ? value.toString() : fifteenDigits(numberOf(value) ?? Number.NaN);
  const match = /^(-?)(\d+)\.?(\d*)(?:[Ee]([+-]?\d+))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  return { digits: BigInt(`${sign}${whole}${fraction}`), exponent: Number(exponent) - fraction.length };
}

/** MongoDB turns a double into a decimal by its first 15 digits. */
function fifteenDigits(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(15) : String(value);
}

/** The decimal with these parts, rounded half to even when it has more than 34 digits. */
export function decimalFrom({ digits, exponent }: DecimalParts): Decimal128 {
  const surplus = digits.toString().replace('-', '').length - DIGITS;
  if (surplus <= 0) return Decimal128.fromStringWithRounding(`${digits}E${exponent}`);
  const rounded = { digits: divideHalfEven(digits, 10n ** BigInt(surplus)), exponent: exponent + surplus };
  return decimalFrom(rounded);
}

/** Any number as a decimal. */
export function toDecimal(value: unknown): Decimal128 {
  if (value instanceof Decimal128) return value;
  const parts = decimalParts(value);
  return parts ? decimalFrom(parts) : Decimal128.fromString(String(numberOf(value)));
}

export function divideHalfEven(top: bigint, bottom: bigint): bigint {
  const quotient = top / bottom;
  const twice = 2n * (top % bottom);
  const size = (value: bigint): bigint => (value < 0n ? -value : value);
  const order = size(twice) - size(bottom);
  const away = order > 0n || (order === 0n && quotient % 2n !== 0n);
  if (!away) return quotient;
  return top < 0n === bottom < 0n ? quotient + 1n : quotient - 1n;
}

/** Sum, product and quotient of two numbers of which one is a decimal. What is not finite follows the doubles. */
export function decimalArithmetic(a: unknown, b: unknown, how: 'add' | 'multiply' | 'divide'): Decimal128 {
  const left = decimalParts(a);
  const right = decimalParts(b);
  if (!left || !right || (how === 'divide' && right.digits === 0n)) {
    const x = numberOf(a) ?? Number.NaN;
    const y = numberOf(b) ?? Number.NaN;
    const result = { add: x + y, multiply: x * y, divide: x / y }[how];
    return Decimal128.fromString(String(result));
  }
  if (how === 'multiply') {
    return decimalFrom({ digits: left.digits * right.digits, exponent: left.exponent + right.exponent });
  }
  if (how === 'divide') return quotient(left, right);
  const exponent = Math.min(left.exponent, right.exponent);
  return decimalFrom({ digits: aligned(left, exponent) + aligned(right, exponent), exponent });
}

/** The digits for a lower exponent. */
export function aligned(parts: DecimalParts, exponent: number): bigint {
  return parts.digits * 10n ** BigInt(parts.exponent - exponent);
}

function quotient(left: DecimalParts, right: DecimalParts): Decimal128 {
  const ideal = left.exponent - right.exponent;
  const shift = DIGITS + 2 + right.digits.toString().length;
  const scaled = left.digits * 10n ** BigInt(shift);
  if (scaled % right.digits !== 0n) {
    // One more digit that is not zero keeps a cut-off remainder from looking like an exact half.
    const digits = (scaled / right.digits) * 10n + (left.digits < 0n === right.digits < 0n ? 1n : -1n);
    return decimalFrom({ digits, exponent: ideal - shift - 1 });
  }
  let digits = scaled / right.digits;
  let exponent = ideal - shift;
  while (exponent < ideal && digits % 10n === 0n) {
    digits /= 10n;
    exponent++;
  }
  return decimalFrom({ digits, exponent });
}
