import { Decimal128, Double, Int32, Long, Timestamp } from 'bson';
import { doubleParts } from './double-parts.js';

const SCRATCH = Buffer.alloc(8);
const FRACTION_BITS = 128n;
const FRACTION_BYTES = 16;
/** The largest finite decimal has an exponent of 6144, so this offset keeps every biased exponent positive. */
const EXPONENT_BIAS = 20000;
const COEFFICIENT_DIGITS = 34;

/** How far a value lies above the double it is filed under. */
type Excess = { kind: 'none' } | { kind: 'fraction'; bits: bigint } | { kind: 'scientific'; bytes: Buffer };
type NumberKey = { floor: number; excess: Excess };

const EXACT: Excess = { kind: 'none' };

/**
 * Append the order-preserving form of any BSON number: the largest double not above it in sortable form, then one byte
 * that is 0 when the double is the value itself, else 1 and how far above it lies. So 5, 5.0 and Decimal 5 share one key,
 * and int64 values beyond 2^53 and decimals between two doubles keep their exact places.
 */
export function appendNumberKey(value: unknown, append: (bytes: Uint8Array) => void): void {
  const { floor, excess } = numberKey(value);
  append(sortableDouble(floor));
  if (excess.kind === 'none') {
    append(Buffer.of(0));
  } else if (excess.kind === 'fraction') {
    const hex = excess.bits.toString(16).padStart(FRACTION_BYTES * 2, '0');
    append(Buffer.concat([Buffer.of(1), Buffer.from(hex, 'hex')]));
  } else {
    append(Buffer.concat([Buffer.of(1), excess.bytes]));
  }
}

function numberKey(value: unknown): NumberKey {
  if (typeof value === 'number') return { floor: value, excess: EXACT };
  if (value instanceof Int32 || value instanceof Double) return { floor: value.value, excess: EXACT };
  if (value instanceof Long && !(value instanceof Timestamp)) return integerKey(value.toBigInt());
  if (typeof value === 'bigint') return integerKey(value);
  if (value instanceof Decimal128) return decimalKey(value.toString());
  return { floor: Number.NaN, excess: EXACT };
}

function sortableDouble(value: number): Buffer {
  if (Number.isNaN(value)) return SCRATCH.fill(0);
  SCRATCH.writeDoubleBE(value === 0 ? 0 : value);
  const negative = SCRATCH.readUInt8(0) >= 0x80;
  if (!negative) {
    SCRATCH.writeUInt8(SCRATCH.readUInt8(0) ^ 0x80, 0);
    return SCRATCH;
  }
  for (let i = 0; i < 8; i++) SCRATCH.writeUInt8(~SCRATCH.readUInt8(i) & 0xff, i);
  return SCRATCH;
}

function integerKey(value: bigint): NumberKey {
  const nearest = Number(value);
  if (BigInt(nearest) === value) return { floor: nearest, excess: EXACT };
  const floor = BigInt(nearest) > value ? neighbour(nearest, -1) : nearest;
  const gap = BigInt(neighbour(floor, 1)) - BigInt(floor);
  return fractionOf(floor, value - BigInt(floor), gap);
}

/** The next double towards plus (1) or minus (-1) infinity. */
function neighbour(value: number, towards: 1 | -1): number {
  const view = Buffer.alloc(8);
  view.writeDoubleBE(value === 0 ? 0 : value);
  const bits = view.readBigInt64BE();
  if (value === 0) return towards === 1 ? Number.MIN_VALUE : -Number.MIN_VALUE;
  const awayFromZero = value > 0 === (towards === 1);
  view.writeBigInt64BE(awayFromZero ? bits + 1n : bits - 1n);
  return view.readDoubleBE();
}

function fractionOf(floor: number, above: bigint, gap: bigint): NumberKey {
  const scaled = above << FRACTION_BITS;
  const bits = scaled / gap;
  // A value that lies above its double by less than the last bit must still not share the double's key.
  return { floor, excess: { kind: 'fraction', bits: scaled % gap === 0n ? bits : bits | 1n } };
}

function decimalKey(text: string): NumberKey {
  if (text === 'NaN') return { floor: Number.NaN, excess: EXACT };
  if (text === 'Infinity') return { floor: Number.POSITIVE_INFINITY, excess: EXACT };
  if (text === '-Infinity') return { floor: Number.NEGATIVE_INFINITY, excess: EXACT };
  const match = /^(-?)(\d*)\.?(\d*)(?:E([+-]?\d+))?$/.exec(text);
  const negative = match?.[1] === '-';
  const fraction = match?.[3] ?? '';
  const coefficient = BigInt(`${match?.[2] ?? ''}${fraction}` || '0');
  const exponent = Number(match?.[4] ?? 0) - fraction.length;
  if (coefficient === 0n) return { floor: 0, excess: EXACT };
  const nearest = Number(text);
  if (!Number.isFinite(nearest) || nearest === 0) return outOfRangeKey(negative, coefficient, exponent);
  const value = rational(negative ? -coefficient : coefficient, exponent);
  const order = compareRational(value, doubleRational(nearest));
  if (order === 0) return { floor: nearest, excess: EXACT };
  const floor = order < 0 ? neighbour(nearest, -1) : nearest;
  const ceiling = neighbour(floor, 1);
  if (floor === 0 || ceiling === 0 || !Number.isFinite(floor) || !Number.isFinite(ceiling)) {
    return outOfRangeKey(negative, coefficient, exponent);
  }
  const above = subtract(value, doubleRational(floor));
  const gap = subtract(doubleRational(ceiling), doubleRational(floor));
  return fractionOf(floor, above.top * gap.bottom, gap.top * above.bottom);
}

/** Decimals larger than every double, or nearer to zero than every double: ordered by exponent, then digits. */
function outOfRangeKey(negative: boolean, coefficient: bigint, exponent: number): NumberKey {
  const digits = coefficient.toString();
  const magnitude = digits.length + exponent;
  const bytes = Buffer.alloc(2 + COEFFICIENT_DIGITS / 2);
  bytes.writeUInt16BE(magnitude + EXPONENT_BIAS);
  bytes.write(digits.padEnd(COEFFICIENT_DIGITS, '0'), 2, 'hex');
  const huge = magnitude > 0;
  if (negative) for (let i = 0; i < bytes.length; i++) bytes[i] = ~bytes.readUInt8(i) & 0xff;
  const magnitudeFloor = huge ? Number.MAX_VALUE : 0;
  const negativeFloor = huge ? Number.NEGATIVE_INFINITY : -Number.MIN_VALUE;
  return { floor: negative ? negativeFloor : magnitudeFloor, excess: { kind: 'scientific', bytes } };
}

type Rational = { top: bigint; bottom: bigint };

function rational(coefficient: bigint, exponent10: number): Rational {
  return exponent10 >= 0
    ? { top: coefficient * 10n ** BigInt(exponent10), bottom: 1n }
    : { top: coefficient, bottom: 10n ** BigInt(-exponent10) };
}

function doubleRational(value: number): Rational {
  const { significand, exponent } = doubleParts(value);
  return exponent >= 0
    ? { top: significand << BigInt(exponent), bottom: 1n }
    : { top: significand, bottom: 1n << BigInt(-exponent) };
}

function subtract(a: Rational, b: Rational): Rational {
  return { top: a.top * b.bottom - b.top * a.bottom, bottom: a.bottom * b.bottom };
}

function compareRational(a: Rational, b: Rational): number {
  const difference = a.top * b.bottom - b.top * a.bottom;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}
