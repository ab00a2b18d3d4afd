import { Decimal128, Double, Long } from 'bson';
import { numberOf } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { decimalArithmetic } from '../expression/decimals.js';
import { fitsInt64, integerOf, intOrLong } from '../expression/number-kinds.js';

export type Arithmetic = 'add' | 'multiply';

export function isNumeric(value: unknown): boolean {
  return numberOf(value) !== undefined;
}

/**
 * MongoDB's arithmetic of `$inc` and `$mul`: the widest type of the two wins, an int32 that overflows becomes an int64,
 * and an int64 that overflows is refused.
 */
export function combine(a: unknown, b: unknown, how: Arithmetic): unknown {
  if (a instanceof Decimal128 || b instanceof Decimal128) return decimalArithmetic(a, b, how);
  const left = integerOf(a);
  const right = integerOf(b);
  if (left === undefined || right === undefined) {
    const x = numberOf(a) ?? Number.NaN;
    const y = numberOf(b) ?? Number.NaN;
    return new Double(how === 'add' ? x + y : x * y);
  }
  const result = how === 'add' ? left + right : left * right;
  if (!fitsInt64(result)) {
    throw new StoreError(
      'BadValue',
      'Failed to apply $inc or $mul: the result does not fit a 64-bit integer',
    );
  }
  return a instanceof Long || b instanceof Long ? Long.fromBigInt(result) : intOrLong(result);
}
