import { BSONRegExp, Int32 } from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';
import { path, scalar, type Taste, value } from './values.js';

const COMPARISONS = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'] as const;
const TYPES = [
  'double',
  'string',
  'object',
  'array',
  'objectId',
  'bool',
  'date',
  'null',
  'int',
  'long',
  'number',
  'binData',
] as const;

export function filter(random: Random, taste: Taste, depth = 2): Document {
  const kind = random.below(12);
  if (depth > 0 && kind === 0) return { $and: clauses(random, taste, depth) };
  if (depth > 0 && kind === 1) return { $or: clauses(random, taste, depth) };
  if (depth > 0 && kind === 2) return { $nor: clauses(random, taste, depth) };
  const result: Document = { [path(random)]: condition(random, taste, depth) };
  if (random.below(4) === 0) result[path(random)] = condition(random, taste, depth);
  return result;
}

const clauses = (random: Random, taste: Taste, depth: number): Document[] =>
  Array.from({ length: 1 + random.below(3) }, () => filter(random, taste, depth - 1));

function condition(random: Random, taste: Taste, depth: number): unknown {
  const kind = random.below(8);
  if (kind < 2) return value(random, taste);
  if (kind === 2) return new BSONRegExp(random.pick(['^a', 'b', 'A$', '^$']), random.pick(['', 'i']));
  const operators = operator(random, taste, depth);
  return random.below(4) === 0 ? { ...operators, ...operator(random, taste, depth) } : operators;
}

function operator(random: Random, taste: Taste, depth: number): Document {
  switch (random.below(13)) {
    case 0:
      return { [random.pick(['$in', '$nin'])]: values(random, taste, 4) };
    case 1:
      return { $exists: random.below(2) === 0 };
    case 2:
      return { $type: random.pick(TYPES) };
    case 3:
      return { $size: new Int32(random.below(3)) };
    case 4:
      return { $all: values(random, taste, 3) };
    case 5:
      return depth > 0
        ? { $elemMatch: elementCondition(random, taste, depth) }
        : { $gt: scalar(random, taste) };
    case 6:
      return depth > 0 ? { $not: operator(random, taste, depth - 1) } : { $ne: scalar(random, taste) };
    case 7:
      return { $mod: [new Int32(random.below(4)), new Int32(random.below(3))] };
    default:
      return { [random.pick(COMPARISONS)]: value(random, taste, 1) };
  }
}

export function elementCondition(random: Random, taste: Taste, depth: number): Document {
  if (random.below(2) === 0) return operator(random, taste, depth - 1);
  return {
    [random.pick(['x', 'y'])]: random.below(2) === 0 ? scalar(random, taste) : operator(random, taste, 0),
  };
}

const values = (random: Random, taste: Taste, most: number): unknown[] =>
  Array.from({ length: random.below(most) }, () => value(random, taste, 1));
