import { Decimal128, Double, Int32, Long } from 'bson';
import { numberOf } from '../../bson/values.js';
import { decimalArithmetic } from './decimals.js';
import { fitsInt64, integerOf, intOrLong, numberKind } from './number-kinds.js';

type Integers = (a: bigint, b: bigint) => bigint;
type Doubles = (a: number, b: number) => number;

/**
 * The widest type of the two wins: decimal, then double, then long, then int. An int result too large for an int is a long, a
 * long result too large for a long is a double.
 */
function arithmetic(
  a: unknown,
  b: unknown,
  how: { integers: Integers; doubles: Doubles; decimals: (a: unknown, b: unknown) => unknown },
): unknown {
  if (a instanceof Decimal128 || b instanceof Decimal128) return how.decimals(a, b);
  const left = integerOf(a);
  const right = integerOf(b);
  if (left === undefined || right === undefined) {
    return new Double(how.doubles(numberOf(a) ?? Number.NaN, numberOf(b) ?? Number.NaN));
  }
  const result = how.integers(left, right);
  if (!fitsInt64(result)) return new Double(Number(result));
  const wide = numberKind(a) === 'long' || numberKind(b) === 'long';
  return wide ? Long.fromBigInt(result) : intOrLong(result);
}

export function add(a: unknown, b: unknown): unknown {
  return arithmetic(a, b, {
    integers: (x, y) => x + y,
    doubles: (x, y) => x + y,
    decimals: (x, y) => decimalArithmetic(x, y, 'add'),
  });
}

export function subtract(a: unknown, b: unknown): unknown {
  return arithmetic(a, b, {
    integers: (x, y) => x - y,
    doubles: (x, y) => x - y,
    decimals: (x, y) => decimalArithmetic(x, decimalArithmetic(y, new Int32(-1), 'multiply'), 'add'),
  });
}

export function multiply(a: unknown, b: unknown): unknown {
  return arithmetic(a, b, {
    integers: (x, y) => x * y,
    doubles: (x, y) => x * y,
    decimals: (x, y) => decimalArithmetic(x, y, 'multiply'),
  });
}
