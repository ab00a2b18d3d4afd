import { BSONRegExp, Int32 } from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';
import { type Aim, isArray, isEmbedded, placesIn } from './targets.js';
import { field, number, path, scalar } from './values.js';

/** A plain filter, as filters have chapters of their own: by `_id`, by a value that is there, by a comparison, or all. */
export function choice(random: Random, aim: Aim): Document {
  switch (random.below(10)) {
    case 0:
      return {};
    case 1:
      return { [field(random)]: comparison(random, aim) };
    case 2:
    case 3: {
      const [first, ...others] = aim.held.flatMap((document) => placesIn(document, isScalar));
      if (first === undefined) return {};
      const place = random.pick([first, ...others]);
      return { [place.path]: place.value };
    }
    default:
      return { _id: new Int32(1 + random.below(aim.held.length + (random.below(4) === 0 ? 1 : 0))) };
  }
}

/** A filter as an upsert may take it apart: several fields, fixed or not, in and out of `$and` and `$or`. */
export function upsertChoice(random: Random, aim: Aim): Document {
  const parts = Array.from({ length: 1 + random.below(3) }, () => ({ [path(random)]: fixing(random, aim) }));
  switch (random.below(12)) {
    case 0:
      return { $and: parts };
    case 1:
      return { $or: parts };
    case 2:
    case 3:
    case 4:
      return { _id: new Int32(20 + random.below(2)), ...Object.assign({}, ...parts) };
    default:
      return Object.assign({}, ...parts);
  }
}

function fixing(random: Random, aim: Aim): unknown {
  const found = scalar(random, aim.taste);
  switch (random.below(16)) {
    case 0:
      return { $in: random.below(2) === 0 ? [found] : [found, scalar(random, aim.taste)] };
    case 1:
      return { $all: random.below(2) === 0 ? [found] : [found, scalar(random, aim.taste)] };
    case 2:
      return comparison(random, aim);
    case 3:
      return { $eq: found, $exists: true };
    case 4:
    case 5:
      return random.pick<unknown>([{ x: found }, [found]]);
    case 6:
    case 7:
      return comparison(random, aim);
    default:
      return found;
  }
}

function comparison(random: Random, aim: Aim): Document {
  switch (random.below(4)) {
    case 0:
      return { $exists: random.below(2) === 0 };
    case 1:
      return { $in: [scalar(random, aim.taste), scalar(random, aim.taste)] };
    default:
      return { [random.pick(['$gt', '$gte', '$lt', '$lte', '$ne', '$eq'])]: number(random) };
  }
}

/** A regular expression would be taken for a pattern. */
const isScalar = (value: unknown): boolean =>
  !isArray(value) && !isEmbedded(value) && !(value instanceof BSONRegExp);
