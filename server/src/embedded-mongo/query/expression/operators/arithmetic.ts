import { Decimal128, Double, Int32, Long } from 'bson';
import { numberOf } from '../../../bson/values.js';
import { LocationError, StoreError } from '../../../errors.js';
import { binary, isNullish, operator, typeMismatch, unary } from '../arguments.js';
import { aligned, decimalArithmetic, decimalFrom, decimalParts } from '../decimals.js';
import { int32Of, integerOf, intOrLong, isNumber, numberKind } from '../number-kinds.js';
import { add, multiply, subtract } from '../numbers.js';
import { roundTo } from '../rounding.js';
import type { Operator } from '../scope.js';
import { typeName } from '../type-names.js';

function addAll(values: readonly unknown[]): unknown {
  let total: unknown = new Int32(0);
  let date: Date | undefined;
  for (const value of values) {
    if (isNullish(value)) return null;
    if (value instanceof Date) {
      if (date) throw new LocationError(16612, 'only one date allowed in an $add expression');
      date = value;
    } else if (isNumber(value)) {
      total = add(total, value);
    } else {
      throw typeMismatch(`$add only supports numeric or date types, not ${typeName(value)}`);
    }
  }
  return date ? shifted(date, Math.round(numberOf(total) ?? Number.NaN)) : total;
}

function shifted(date: Date, ms: number): Date {
  const result = new Date(date.getTime() + ms);
  if (Number.isNaN(result.getTime())) throw new StoreError('Overflow', 'date overflow');
  return result;
}

function subtractTwo(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (isNumber(a) && isNumber(b)) return subtract(a, b);
  if (a instanceof Date && b instanceof Date) return Long.fromNumber(a.getTime() - b.getTime());
  if (a instanceof Date && isNumber(b)) return shifted(a, -Math.trunc(numberOf(b) ?? Number.NaN));
  throw typeMismatch(`can't $subtract ${typeName(b)} from ${typeName(a)}`);
}

function multiplyAll(values: readonly unknown[]): unknown {
  let product: unknown = new Int32(1);
  for (const value of values) {
    if (isNullish(value)) return null;
    if (!isNumber(value)) throw typeMismatch(`$multiply only supports numeric types, not ${typeName(value)}`);
    product = multiply(product, value);
  }
  return product;
}

function divide(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (!isNumber(a) || !isNumber(b)) {
    throw typeMismatch(`$divide only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
  }
  if (numberOf(b) === 0) throw new StoreError('BadValue', "can't $divide by zero");
  if (a instanceof Decimal128 || b instanceof Decimal128) return decimalArithmetic(a, b, 'divide');
  return new Double((numberOf(a) ?? 0) / (numberOf(b) ?? 0));
}

function mod(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (!isNumber(a) || !isNumber(b)) {
    throw new LocationError(16611, `$mod only supports numeric types, not ${typeName(a)} and ${typeName(b)}`);
  }
  if (numberOf(b) === 0) throw new LocationError(16610, "can't $mod by zero");
  if (a instanceof Decimal128 || b instanceof Decimal128) return decimalRemainder(a, b);
  const left = integerOf(a);
  // A whole double divides integers as an integer does, as long as it fits an int32.
  const right = integerOf(b) ?? (numberKind(numberOf(b)) === 'int' ? BigInt(numberOf(b) ?? 0) : undefined);
  if (left === undefined || right === undefined) return new Double((numberOf(a) ?? 0) % (numberOf(b) ?? 0));
  const wide = numberKind(a) === 'long' || numberKind(b) === 'long';
  return wide ? Long.fromBigInt(left % right) : intOrLong(left % right);
}

function decimalRemainder(a: unknown, b: unknown): Decimal128 {
  const left = decimalParts(a);
  const right = decimalParts(b);
  if (!left || !right) return Decimal128.fromString(String((numberOf(a) ?? 0) % (numberOf(b) ?? 0)));
  const exponent = Math.min(left.exponent, right.exponent);
  return decimalFrom({ digits: aligned(left, exponent) % aligned(right, exponent), exponent });
}

function abs(value: unknown): unknown {
  if (isNullish(value)) return null;
  const integer = integerOf(value);
  if (integer === -(2n ** 63n)) {
    throw new LocationError(28680, "can't take $abs of long long min");
  }
  if (integer !== undefined && integer >= 0n) return value;
  if (integer !== undefined) return value instanceof Long ? Long.fromBigInt(-integer) : intOrLong(-integer);
  if (value instanceof Decimal128) return Decimal128.fromString(value.toString().replace(/^-/, ''));
  if (!isNumber(value)) throw notNumeric('$abs', value);
  return new Double(Math.abs(numberOf(value) ?? Number.NaN));
}

function notNumeric(name: string, value: unknown): LocationError {
  return new LocationError(28765, `${name} only supports numeric types, not ${typeName(value)}`);
}

/** `$ceil` and `$floor`, which leave whole types as they are. */
function towards(direction: 'ceil' | 'floor'): Operator {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    if (!isNumber(value)) throw notNumeric(name, value);
    return roundTo(value, 0, direction);
  });
}

/** `$round` and `$trunc`, which may be told after how many digits. */
function toPlace(how: 'halfEven' | 'trunc'): Operator {
  return operator({ least: 1, most: 2 }, (values, name) => {
    const [value, place = values.length === 1 ? 0 : undefined] = values;
    if (isNullish(value) || isNullish(place)) return null;
    if (!isNumber(value))
      throw new LocationError(51081, `${name} only supports numeric types, not ${typeName(value)}`);
    const digits = int32Of(place);
    if (digits === undefined)
      throw new LocationError(51082, `precision argument to ${name} must be an integral value`);
    if (digits < -20 || digits > 100) {
      throw new LocationError(
        51083,
        `cannot apply ${name} with precision value ${digits}, which is not in [-20, 100]`,
      );
    }
    return roundTo(value, digits, how);
  });
}

export const ARITHMETIC: Readonly<Record<string, Operator>> = {
  $add: operator({ least: 0 }, addAll),
  $subtract: binary(subtractTwo),
  $multiply: operator({ least: 0 }, multiplyAll),
  $divide: binary(divide),
  $mod: binary(mod),
  $abs: unary(abs),
  $ceil: towards('ceil'),
  $floor: towards('floor'),
  $round: toPlace('halfEven'),
  $trunc: toPlace('trunc'),
};
