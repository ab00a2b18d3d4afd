import { Int32 } from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';
import { elementCondition } from './filters.js';
import { field, path, type Taste } from './values.js';

/** A sort by one or two paths and then `_id`, so that the order is complete. */
export function sort(random: Random): Document {
  const result: Document = {};
  for (let i = 0; i <= random.below(2); i++) result[path(random)] = direction(random);
  delete result._id;
  return { ...result, _id: direction(random) };
}

const direction = (random: Random): Int32 => new Int32(random.pick([1, -1]));

/** Inclusion, exclusion, `$slice`, `$elemMatch`; at times a mixture that must be refused. */
export function projection(random: Random, taste: Taste): Document {
  const include = random.below(2) === 0;
  const result: Document = {};
  if (random.below(3) === 0) result._id = new Int32(random.below(2));
  for (let i = 0; i <= random.below(3); i++) result[projected(random)] = entry(random, taste, include);
  return result;
}

/** Numbers in a path are names here, so few of them are needed. */
const projected = (random: Random): string =>
  random.below(6) === 0 ? path(random) : random.pick(['a', 'b', 'c', 'a.x', 'b.y', 'c.x', 'c.y']);

function entry(random: Random, taste: Taste, include: boolean): unknown {
  switch (random.below(8)) {
    case 0:
      return { $slice: slice(random) };
    case 1:
      return { $elemMatch: elementCondition(random, taste, 1) };
    case 2:
      return random.below(3) === 0 ? !include : include;
    default:
      return new Int32(include ? 1 : 0);
  }
}

const slice = (random: Random): unknown =>
  random.below(2) === 0
    ? new Int32(random.below(5) - 2)
    : [new Int32(random.below(5) - 2), new Int32(random.below(8) === 0 ? 0 : 2)];

/** How much of the result is wanted. */
export function page(random: Random): Document {
  const result: Document = {};
  if (random.below(3) === 0) result.skip = new Int32(random.below(4));
  if (random.below(3) === 0) result.limit = new Int32(random.below(4));
  return result;
}

export const distinctKey = (random: Random): string => (random.below(3) === 0 ? path(random) : field(random));
