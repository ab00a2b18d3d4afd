import { compareValues } from '../../bson/compare.js';
import { type BsonObject, isObject, tagOf } from '../../bson/values.js';
import { LocationError } from '../../errors.js';
import type { Sugar } from './stage.js';

const FIELDS = ['groupBy', 'boundaries', 'default', 'output'];

/** Groups by the range a value falls into: short for `$group` by a `$switch`, sorted. */
export const bucket: Sugar = (operand) => {
  if (!isObject(operand)) throw new LocationError(40201, 'Argument to $bucket stage must be an object');
  for (const field of Object.keys(operand)) {
    if (!FIELDS.includes(field)) throw new LocationError(40197, `Unrecognized option to $bucket: ${field}.`);
  }
  const { groupBy, output = { count: { $sum: 1 } } } = operand;
  const isExpression = typeof groupBy === 'string' ? groupBy.startsWith('$') : isObject(groupBy);
  if (groupBy === undefined || operand.boundaries === undefined) {
    throw new LocationError(40198, '$bucket requires groupBy and boundaries to be specified.');
  }
  if (!isExpression) {
    throw new LocationError(
      40202,
      "The $bucket 'groupBy' field must be defined as a $-prefixed path or an expression",
    );
  }
  if (!isObject(output)) throw new LocationError(40196, "The $bucket 'output' field must be an object");
  const boundaries = readBoundaries(operand.boundaries);
  const fallback = Object.hasOwn(operand, 'default')
    ? { default: { $literal: readDefault(operand.default, boundaries) } }
    : {};
  return [
    { $group: { ...output, _id: { $switch: { branches: branches(groupBy, boundaries), ...fallback } } } },
    { $sort: { _id: 1 } },
  ];
};

function readBoundaries(boundaries: unknown): unknown[] {
  if (!Array.isArray(boundaries))
    throw new LocationError(40200, "The $bucket 'boundaries' field must be an array");
  if (boundaries.length < 2) {
    throw new LocationError(40192, "The $bucket 'boundaries' field must have at least 2 values");
  }
  const values: unknown[] = boundaries.map(constantOf);
  for (const [i, value] of values.slice(1).entries()) {
    if (tagOf(value) !== tagOf(values[i])) {
      throw new LocationError(
        40193,
        "All values in the 'boundaries' option to $bucket must have the same type",
      );
    }
    if (compareValues(values[i], value) >= 0) {
      throw new LocationError(40194, "The 'boundaries' option to $bucket must be sorted");
    }
  }
  return values;
}

function constantOf(value: unknown): unknown {
  if (isObject(value) && Object.hasOwn(value, '$literal')) return value.$literal;
  const isConstant =
    !(typeof value === 'string' && value.startsWith('$')) &&
    !(isObject(value) && Object.keys(value)[0]?.startsWith('$'));
  if (isConstant) return value;
  throw new LocationError(40191, "The $bucket 'boundaries' field must be an array of constant values");
}

function readDefault(value: unknown, boundaries: readonly unknown[]): unknown {
  const fallback = constantOf(value);
  const isLower = compareValues(fallback, boundaries[0]) < 0;
  if (isLower || compareValues(fallback, boundaries.at(-1)) >= 0) return fallback;
  throw new LocationError(
    40199,
    "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.",
  );
}

function branches(groupBy: unknown, boundaries: readonly unknown[]): BsonObject[] {
  return boundaries.slice(1).map((upper, i) => {
    const lower = { $literal: boundaries[i] };
    return {
      case: { $and: [{ $gte: [groupBy, lower] }, { $lt: [groupBy, { $literal: upper }] }] },
      // biome-ignore lint/suspicious/noThenProperty: MongoDB calls it so
      then: lower,
    };
  });
}
