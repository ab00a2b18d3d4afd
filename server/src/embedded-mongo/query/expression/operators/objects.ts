import { compareValues } from '../../../bson/compare.js';
import { encodeValue } from '../../../bson/key-encoding.js';
import { type BsonObject, isObject, numberOf, setField } from '../../../bson/values.js';
import { LocationError } from '../../../errors.js';
import { parseSort, sortKeyOf } from '../../sort.js';
import { isNullish, named, namedOperands, unary } from '../arguments.js';
import { wholeOf } from '../number-kinds.js';
import type { Operator } from '../scope.js';
import { typeName } from '../type-names.js';

function objectToArray(value: unknown): unknown {
  if (isNullish(value)) return null;
  if (isObject(value)) return Object.keys(value).map((k) => ({ k, v: value[k] }));
  throw new LocationError(40390, `$objectToArray requires a document input, found: ${typeName(value)}`);
}

function arrayToObject(value: unknown): unknown {
  if (isNullish(value)) return null;
  if (!Array.isArray(value)) {
    throw new LocationError(40386, `$arrayToObject requires an array input, found: ${typeName(value)}`);
  }
  const [first] = value;
  const result: BsonObject = {};
  for (const entry of value) {
    const [key, field] = Array.isArray(first) ? pairOf(entry) : keyAndValue(entry, first);
    setField(result, key, field);
  }
  return result;
}

function pairOf(entry: unknown): [string, unknown] {
  if (!Array.isArray(entry)) {
    throw new LocationError(
      40396,
      '$arrayToObject requires a consistent input format: elements must all be arrays',
    );
  }
  if (entry.length !== 2) {
    throw new LocationError(
      40397,
      `$arrayToObject requires an array of size 2 arrays, found array of size: ${entry.length}`,
    );
  }
  const [key, value] = entry;
  if (typeof key !== 'string') {
    throw new LocationError(
      40395,
      `$arrayToObject requires an array of key-value pairs, where the key must be of type string: ${typeName(key)}`,
    );
  }
  return [key, value];
}

function keyAndValue(entry: unknown, first: unknown): [string, unknown] {
  if (!isObject(first)) {
    throw new LocationError(40398, `Unrecognised input type format for $arrayToObject: ${typeName(first)}`);
  }
  if (!isObject(entry)) {
    throw new LocationError(
      40391,
      '$arrayToObject requires a consistent input format: elements must all be objects',
    );
  }
  if (Object.keys(entry).length !== 2) {
    throw new LocationError(40392, "$arrayToObject requires an object with keys 'k' and 'v'");
  }
  if (!Object.hasOwn(entry, 'k') || !Object.hasOwn(entry, 'v')) {
    throw new LocationError(40393, "$arrayToObject requires an object with keys 'k' and 'v'");
  }
  if (typeof entry.k !== 'string') {
    throw new LocationError(
      40394,
      `$arrayToObject requires an object with keys 'k' and 'v', where 'k' must be a string: ${typeName(entry.k)}`,
    );
  }
  return [entry.k, entry.v];
}

/** By whole values (`1` or `-1`), or by fields of the documents in the array. */
const sortArray: Operator = (operand, compiler, name) => {
  const { input, sortBy } = namedOperands(operand, name, {
    required: ['input', 'sortBy'],
    codes: { shape: 2942500, unknown: 2942501, missing: 2942502 },
  });
  const evaluate = compiler.compile(input);
  const keyOf = sortKeys(sortBy);
  return (scope) => {
    const array = evaluate(scope);
    if (isNullish(array)) return null;
    if (!Array.isArray(array)) {
      throw new LocationError(
        2942504,
        `The input argument to $sortArray must be an array, but was of type: ${typeName(array)}`,
      );
    }
    const entries = array.map((element: unknown) => ({ element, key: keyOf(element) }));
    return entries.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ element }) => element);
  };
};

function sortKeys(sortBy: unknown): (element: unknown) => Buffer {
  if (isObject(sortBy)) {
    const fields = parseSort(sortBy);
    return (element) => sortKeyOf(isObject(element) ? element : {}, fields);
  }
  const direction = numberOf(sortBy);
  if (direction !== 1 && direction !== -1) {
    throw new LocationError(2942507, 'The $sort element value must be either 1 or -1');
  }
  return (element) => encodeValue(element, direction === -1);
}

/** `$firstN` and its like: which `n` of the elements, in which order. */
function someOf(pick: (array: readonly unknown[], n: number) => unknown[]): Operator {
  return named(
    { required: ['input', 'n'], codes: { shape: 5787801, unknown: 5787901, missing: 5787906 } },
    ({ input, n }, name) => {
      const count = countOf(n, name);
      if (Array.isArray(input)) return pick(input, count);
      throw new LocationError(5788200, `Input must be an array, found ${typeName(input)}`);
    },
  );
}

/** The `n` of `$firstN` and its like: a whole number above zero. */
export function countOf(n: unknown, name: string): number {
  const whole = wholeOf(n);
  if (whole === undefined)
    throw new LocationError(
      5787902,
      `Value for 'n' of ${name} must be of integral type, but found ${typeName(n)}`,
    );
  if (whole <= 0) throw new LocationError(5787908, `'n' of ${name} must be greater than 0, found ${whole}`);
  return whole;
}

/** The `n` lowest or highest that are not null or missing. */
export function extremes(array: readonly unknown[], n: number, direction: 1 | -1): unknown[] {
  const present = array.filter((value) => !isNullish(value));
  return present.sort((a, b) => direction * compareValues(a, b)).slice(0, n);
}

export const OBJECTS: Readonly<Record<string, Operator>> = {
  $objectToArray: unary(objectToArray),
  $arrayToObject: unary(arrayToObject),
  $sortArray: sortArray,
  $firstN: someOf((array, n) => array.slice(0, n)),
  $lastN: someOf((array, n) => array.slice(-n)),
  $minN: someOf((array, n) => extremes(array, n, 1)),
  $maxN: someOf((array, n) => extremes(array, n, -1)),
};
