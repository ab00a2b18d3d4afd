import { Decimal128, Double, Int32, Long } from 'bson';
import { numberOf } from '../../../bson/values.js';
import { LocationError, notSupported } from '../../../errors.js';
import { binary, isNullish, operator, typeMismatch, unary } from '../arguments.js';
import { fitsInt64, integerOf, intOrLong, isNaNValue, isNumber, numberKind } from '../number-kinds.js';
import type { Operator } from '../scope.js';
import { typeName } from '../type-names.js';

interface Domain {
  readonly holds: (value: number) => boolean;
  readonly code: number;
}

const EVERYWHERE: Domain = { holds: () => true, code: 0 };
const finite = (code: number): Domain => ({ holds: Number.isFinite, code });
const positive = (code: number): Domain => ({ holds: (value) => value > 0, code });
const between = (least: number, most: number, code: number): Domain => ({
  holds: (value) => value >= least && value <= most,
  code,
});

function ofDouble(compute: (value: number) => number, domain: Domain = EVERYWHERE): Operator {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    if (!isNumber(value)) {
      throw new LocationError(28765, `${name} only supports numeric types, not ${typeName(value)}`);
    }
    const number = doubleFor(name, value);
    if (!Number.isNaN(number) && !domain.holds(number)) {
      throw new LocationError(domain.code, `cannot apply ${name} to ${number}`);
    }
    return new Double(compute(number));
  });
}

/** Decimals are refused: their 34 digits are more than a double can compute. */
function doubleFor(name: string, value: unknown): number {
  if (value instanceof Decimal128 && !isNaNValue(value)) throw notSupported(`${name} of a decimal`);
  return numberOf(value) ?? Number.NaN;
}

function power(base: unknown, exponent: unknown, name: string): unknown {
  if (isNullish(base) || isNullish(exponent)) return null;
  if (!isNumber(base)) throw new LocationError(28762, `$pow's base must be numeric, not ${typeName(base)}`);
  if (!isNumber(exponent)) {
    throw new LocationError(28763, `$pow's exponent must be numeric, not ${typeName(exponent)}`);
  }
  const [x, y] = [doubleFor(name, base), doubleFor(name, exponent)];
  if (x === 0 && y < 0) {
    throw new LocationError(28764, '$pow cannot take a base of 0 and a negative exponent');
  }
  const exact = integerPower(integerOf(base), integerOf(exponent));
  if (exact === undefined) return new Double(x ** y);
  const wide = numberKind(base) === 'long' || numberKind(exponent) === 'long';
  return wide ? Long.fromBigInt(exact) : intOrLong(exact);
}

/** The power of two integers when it is one that fits 64 bits. */
function integerPower(base: bigint | undefined, exponent: bigint | undefined): bigint | undefined {
  if (base === undefined || exponent === undefined) return undefined;
  if (exponent === 0n) return 1n;
  // Of -1, 0 and 1 only the parity of the exponent counts.
  if (base >= -1n && base <= 1n) return exponent % 2n === 0n ? base * base : base;
  if (exponent < 0n || exponent > 63n) return undefined;
  const result = base ** exponent;
  return fitsInt64(result) ? result : undefined;
}

function logarithm(value: unknown, base: unknown, name: string): unknown {
  if (isNullish(value) || isNullish(base)) return null;
  if (!isNumber(value)) {
    throw new LocationError(28756, `$log's argument must be numeric, not ${typeName(value)}`);
  }
  if (!isNumber(base)) throw new LocationError(28757, `$log's base must be numeric, not ${typeName(base)}`);
  const [x, y] = [doubleFor(name, value), doubleFor(name, base)];
  if (x <= 0) throw new LocationError(28758, `$log's argument must be a positive number, but is ${x}`);
  if (y <= 0 || y === 1) {
    throw new LocationError(28759, `$log's base must be a positive number not equal to 1, but is ${y}`);
  }
  return new Double(Math.log(x) / Math.log(y));
}

function arcTangent(y: unknown, x: unknown, name: string): unknown {
  if (isNullish(y) || isNullish(x)) return null;
  if (!isNumber(y) || !isNumber(x)) {
    throw new LocationError(
      51044,
      `$atan2 only supports numeric types, not ${typeName(y)} and ${typeName(x)}`,
    );
  }
  return new Double(Math.atan2(doubleFor(name, y), doubleFor(name, x)));
}

/** `$bitAnd` and its like: integers only; a long when one of them is. */
function bitwise(start: bigint, combine: (a: bigint, b: bigint) => bigint): Operator {
  return operator({ least: 0 }, (values, name) => {
    let result = start;
    let wide = false;
    for (const value of values) {
      if (isNullish(value)) return null;
      const integer = integerOf(value);
      if (integer === undefined) throw typeMismatch(`${name} only supports int and long operands.`);
      wide ||= numberKind(value) === 'long';
      result = combine(result, integer);
    }
    return wide ? Long.fromBigInt(result) : new Int32(Number(result));
  });
}

function bitNot(value: unknown): unknown {
  if (isNullish(value)) return null;
  const integer = integerOf(value);
  if (integer === undefined)
    throw typeMismatch(`$bitNot only supports int and long, not: ${typeName(value)}.`);
  return numberKind(value) === 'long' ? Long.fromBigInt(~integer) : new Int32(Number(~integer));
}

const DEGREES = 180 / Math.PI;

/** Powers, logarithms, trigonometry and bits. */
export const FUNCTIONS: Readonly<Record<string, Operator>> = {
  $pow: binary(power),
  $log: binary(logarithm),
  $sqrt: ofDouble(Math.sqrt, { holds: (value) => value >= 0, code: 28714 }),
  $exp: ofDouble(Math.exp),
  $ln: ofDouble(Math.log, positive(28766)),
  $log10: ofDouble(Math.log10, positive(28761)),
  $sin: ofDouble(Math.sin, finite(50989)),
  $cos: ofDouble(Math.cos, finite(50989)),
  $tan: ofDouble(Math.tan, finite(50989)),
  $asin: ofDouble(Math.asin, between(-1, 1, 50989)),
  $acos: ofDouble(Math.acos, between(-1, 1, 50989)),
  $atan: ofDouble(Math.atan),
  $atan2: binary(arcTangent),
  $sinh: ofDouble(Math.sinh),
  $cosh: ofDouble(Math.cosh),
  $tanh: ofDouble(Math.tanh),
  $asinh: ofDouble(Math.asinh),
  $acosh: ofDouble(Math.acosh, between(1, Number.POSITIVE_INFINITY, 50989)),
  $atanh: ofDouble(Math.atanh, between(-1, 1, 50989)),
  $degreesToRadians: ofDouble((value) => value / DEGREES),
  $radiansToDegrees: ofDouble((value) => value * DEGREES),
  $bitAnd: bitwise(-1n, (a, b) => a & b),
  $bitOr: bitwise(0n, (a, b) => a | b),
  $bitXor: bitwise(0n, (a, b) => a ^ b),
  $bitNot: unary(bitNot),
};
