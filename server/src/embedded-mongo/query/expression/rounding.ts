import { Decimal128, Double, Int32, Long } from 'bson';
import { doubleParts } from '../../bson/double-parts.js';
import { numberOf } from '../../bson/values.js';
import { aligned, type DecimalParts, decimalFrom, decimalParts, divideHalfEven } from './decimals.js';
import { fitsInt64, integerOf, intOrLong } from './number-kinds.js';

export type Rounding = 'ceil' | 'floor' | 'trunc' | 'halfEven';

/** A number rounded after so many digits behind the point, or before it when negative. It keeps its type. */
export function roundTo(value: unknown, place: number, how: Rounding): unknown {
  const integer = integerOf(value);
  if (integer !== undefined) return place >= 0 ? value : roundInteger(value, integer, place, how);
  if (value instanceof Decimal128) {
    const parts = decimalParts(value);
    return parts && parts.exponent < -place ? decimalFrom(roundParts(parts, place, how)) : value;
  }
  const number = numberOf(value) ?? Number.NaN;
  if (!Number.isFinite(number)) return new Double(number);
  if (place === 0 && how !== 'halfEven') return new Double(Math[how](number));
  const parts = exactParts(number);
  if (parts.exponent >= -place) return new Double(number);
  const { digits, exponent } = roundParts(parts, place, how);
  const rounded = Number(`${digits}E${exponent}`);
  return new Double(rounded === 0 && number < 0 ? -0 : rounded);
}

function roundInteger(value: unknown, integer: bigint, place: number, how: Rounding): unknown {
  const parts = roundParts({ digits: integer, exponent: 0 }, place, how);
  const result = aligned(parts, 0);
  if (!fitsInt64(result)) return new Double(Number(result));
  return value instanceof Int32 ? intOrLong(result) : Long.fromBigInt(result);
}

/** The same number with nothing behind the place. */
function roundParts(parts: DecimalParts, place: number, how: Rounding): DecimalParts {
  const unit = 10n ** BigInt(-place - parts.exponent);
  const whole = parts.digits / unit;
  const exact = parts.digits % unit === 0n;
  if (exact || how === 'trunc') return { digits: whole, exponent: -place };
  if (how === 'halfEven') return { digits: divideHalfEven(parts.digits, unit), exponent: -place };
  const up = how === 'ceil' && parts.digits > 0n;
  const down = how === 'floor' && parts.digits < 0n;
  const step = up ? 1n : down ? -1n : 0n;
  return { digits: whole + step, exponent: -place };
}

/** A finite double as exact decimal digits: m × 2^-e is m × 5^e × 10^-e. */
function exactParts(value: number): DecimalParts {
  const { significand, exponent } = doubleParts(value);
  if (exponent >= 0) return { digits: significand << BigInt(exponent), exponent: 0 };
  return { digits: significand * 5n ** BigInt(-exponent), exponent };
}
