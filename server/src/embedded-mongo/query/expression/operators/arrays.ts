import { Int32 } from 'bson';
import { equalValues } from '../../../bson/compare.js';
import { LocationError } from '../../../errors.js';
import { binary, isNullish, operator, unary } from '../arguments.js';
import { int32Of, isNumber } from '../number-kinds.js';
import type { Operator } from '../scope.js';
import { typeName } from '../type-names.js';

/** In its own words, what an operator says of an argument that is no whole number of 32 bits. */
interface Refusals {
  notNumeric(type: string): LocationError;
  notWhole(): LocationError;
}

type RefusalCodes = readonly [notNumeric: number, notWhole: number];

function int32Argument(value: unknown, refusals: Refusals): number {
  if (!isNumber(value)) throw refusals.notNumeric(typeName(value));
  const whole = int32Of(value);
  if (whole === undefined) throw refusals.notWhole();
  return whole;
}

function size(value: unknown): unknown {
  if (Array.isArray(value)) return new Int32(value.length);
  throw new LocationError(
    17124,
    `The argument to $size must be an array, but was of type: ${typeName(value)}`,
  );
}

function elementAt(array: unknown, index: unknown): unknown {
  if (isNullish(array) || isNullish(index)) return null;
  if (!Array.isArray(array)) {
    throw new LocationError(
      28689,
      `$arrayElemAt's first argument must be an array, but is ${typeName(array)}`,
    );
  }
  const at = int32Argument(index, {
    notNumeric: (type) =>
      new LocationError(28690, `$arrayElemAt's second argument must be a numeric value, but is ${type}`),
    notWhole: () =>
      new LocationError(28691, "$arrayElemAt's second argument must be representable as a 32-bit integer"),
  });
  return array.at(at);
}

/** `$first` and `$last` of one array; of no elements they are missing. */
function atEnd(index: 0 | -1): Operator {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    if (Array.isArray(value)) return value.at(index);
    throw new LocationError(28689, `${name}'s argument must be an array, but is ${typeName(value)}`);
  });
}

function concatArrays(values: readonly unknown[]): unknown {
  const all: unknown[] = [];
  for (const value of values) {
    if (isNullish(value)) return null;
    if (!Array.isArray(value)) {
      throw new LocationError(28664, `$concatArrays only supports arrays, not ${typeName(value)}`);
    }
    for (const element of value) all.push(element);
  }
  return all;
}

function includes(value: unknown, array: unknown): boolean {
  if (!Array.isArray(array)) {
    throw new LocationError(40081, `$in requires an array as a second argument, found: ${typeName(array)}`);
  }
  return array.some((element) => equalValues(element, value));
}

function slice(values: readonly unknown[]): unknown {
  const [array, first, second] = values;
  if (values.some(isNullish)) return null;
  if (!Array.isArray(array)) {
    throw new LocationError(
      28724,
      `First argument to $slice must be an array, but is of type: ${typeName(array)}`,
    );
  }
  const start = sliceNumber(first, 'Second', [28725, 28726]);
  if (values.length === 2) return start >= 0 ? array.slice(0, start) : array.slice(start);
  const count = sliceNumber(second, 'Third', [28727, 28728]);
  if (count <= 0) throw new LocationError(28729, `Third argument to $slice must be positive: ${count}`);
  const from = start >= 0 ? start : Math.max(array.length + start, 0);
  return array.slice(from, from + count);
}

function sliceNumber(value: unknown, which: string, [notNumeric, notWhole]: RefusalCodes): number {
  return int32Argument(value, {
    notNumeric: (type) =>
      new LocationError(notNumeric, `${which} argument to $slice must be numeric, but is of type: ${type}`),
    notWhole: () =>
      new LocationError(notWhole, `${which} argument to $slice can't be represented as a 32-bit integer`),
  });
}

function reverse(value: unknown): unknown {
  if (isNullish(value)) return null;
  if (Array.isArray(value)) return value.toReversed();
  throw new LocationError(
    34435,
    `The argument to $reverseArray must be an array, but was of type: ${typeName(value)}`,
  );
}

function indexOfArray(values: readonly unknown[]): unknown {
  const [array, wanted, start, end] = values;
  if (isNullish(array)) return null;
  if (!Array.isArray(array)) {
    throw new LocationError(
      40090,
      `$indexOfArray requires an array as a first argument, found: ${typeName(array)}`,
    );
  }
  const from = values.length > 2 ? searchBound('$indexOfArray', start, 'starting') : 0;
  const to = values.length > 3 ? searchBound('$indexOfArray', end, 'ending') : array.length;
  const index = array.findIndex((element, i) => i >= from && i < to && equalValues(element, wanted));
  return new Int32(index);
}

/** The start or the end of a search in `$indexOfArray`, `$indexOfCP` and `$indexOfBytes`. */
export function searchBound(name: string, value: unknown, which: 'starting' | 'ending'): number {
  const whole = isNumber(value) ? int32Of(value) : undefined;
  if (whole === undefined) {
    throw new LocationError(
      40096,
      `${name} requires an integral ${which} index, found a value of type: ${typeName(value)}`,
    );
  }
  if (whole < 0)
    throw new LocationError(40097, `${name} requires a nonnegative ${which} index, found: ${whole}`);
  return whole;
}

const MAX_RANGE = 10_000_000;

function range(values: readonly unknown[]): unknown {
  const [start, end, step = new Int32(1)] = values;
  const from = rangeNumber(start, 'starting', [34443, 34444]);
  const to = rangeNumber(end, 'ending', [34445, 34446]);
  const by = rangeNumber(step, 'step', [34447, 34448]);
  if (by === 0) throw new LocationError(34449, '$range requires a non-zero step value');
  const length = Math.max(Math.ceil((to - from) / by), 0);
  if (length > MAX_RANGE) throw new LocationError(146, '$range would use too much memory');
  return Array.from({ length }, (_, i) => new Int32(from + i * by));
}

function rangeNumber(value: unknown, which: string, [notNumeric, notWhole]: RefusalCodes): number {
  return int32Argument(value, {
    notNumeric: (type) =>
      new LocationError(notNumeric, `$range requires a numeric ${which} value, found value of type: ${type}`),
    notWhole: () =>
      new LocationError(
        notWhole,
        `$range requires a ${which} value that can be represented as a 32-bit integer`,
      ),
  });
}

export const ARRAYS: Readonly<Record<string, Operator>> = {
  $size: unary(size),
  $isArray: unary((value) => Array.isArray(value)),
  $arrayElemAt: binary(elementAt),
  $first: atEnd(0),
  $last: atEnd(-1),
  $concatArrays: operator({ least: 0 }, concatArrays),
  $in: binary(includes),
  $slice: operator({ least: 2, most: 3 }, slice),
  $reverseArray: unary(reverse),
  $indexOfArray: operator({ least: 2, most: 4 }, indexOfArray),
  $range: operator({ least: 2, most: 3 }, range),
};
