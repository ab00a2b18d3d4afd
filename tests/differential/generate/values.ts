import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';

const FIRST_ID = new ObjectId('65a000000000000000000001');
const SECOND_ID = new ObjectId('65a000000000000000000002');

/** The ids that generated operations name; any other was made by a server. */
export const KNOWN_IDS = new Set([FIRST_ID.toHexString(), SECOND_ID.toHexString()]);

/** Fields and values come from small sets, so that filters find something and updates collide. */
const FIELDS = ['a', 'b', 'c'] as const;
const INNER = ['x', 'y'] as const;

const SCALARS: readonly [unknown, ...unknown[]] = [
  new Int32(0),
  new Int32(1),
  new Int32(2),
  new Int32(5),
  new Int32(-3),
  new Double(1),
  new Double(1.5),
  new Double(-0.5),
  Long.fromNumber(2),
  Long.fromString('9007199254740993'),
  'a',
  'b',
  'A',
  '',
  'abc',
  null,
  true,
  false,
  new Date('2024-01-01T00:00:00Z'),
  new Date('2025-06-01T12:00:00Z'),
  FIRST_ID,
  SECOND_ID,
  new Binary(Buffer.from('one')),
  new Binary(Buffer.from('fours')),
];

/** Types that not every witness holds. */
const RARE: readonly [unknown, ...unknown[]] = [
  Decimal128.fromString('1.5'),
  Decimal128.fromString('2'),
  new Timestamp({ t: 5, i: 1 }),
  new BSONRegExp('^a', 'i'),
  new MinKey(),
  new MaxKey(),
  new Double(Number.NaN),
  new Double(Number.POSITIVE_INFINITY),
];

/** How values are drawn. */
export interface Taste {
  readonly rare: boolean;
}

/** A few operations in a hundred use the rare types. */
export const tasteOf = (random: Random): Taste => ({ rare: random.below(10) === 0 });

export function scalar(random: Random, taste: Taste): unknown {
  return taste.rare && random.below(4) === 0 ? random.pick(RARE) : random.pick(SCALARS);
}

export function number(random: Random): unknown {
  return random.pick([
    new Int32(1),
    new Int32(2),
    new Int32(-3),
    new Double(1.5),
    new Double(2),
    Long.fromNumber(2),
    Long.fromString('9007199254740993'),
  ]);
}

/** Any value: mostly a scalar, at times an array or a document. */
export function value(random: Random, taste: Taste, depth = 2): unknown {
  const kind = random.below(10);
  if (depth === 0 || kind < 6) return scalar(random, taste);
  if (kind < 8) return Array.from({ length: random.below(4) }, () => value(random, taste, depth - 1));
  return inner(random, taste, depth - 1);
}

function inner(random: Random, taste: Taste, depth: number): Document {
  const document: Document = {};
  for (const name of INNER) if (random.below(3) > 0) document[name] = value(random, taste, depth);
  return document;
}

/** Documents with an `_id` of 1, 2, 3 … and some of the fields a, b, c. */
export function documents(random: Random, taste: Taste, most = 8): Document[] {
  return Array.from({ length: 1 + random.below(most) }, (_, i) => {
    const document: Document = { _id: new Int32(i + 1) };
    for (const name of FIELDS) if (random.below(5) > 0) document[name] = value(random, taste);
    return document;
  });
}

export const field = (random: Random): string => random.pick(FIELDS);

/** A field, at times a path into one. */
export function path(random: Random): string {
  const top = field(random);
  switch (random.below(8)) {
    case 0:
    case 1:
      return `${top}.${random.pick(INNER)}`;
    case 2:
      return `${top}.${random.below(3)}`;
    case 3:
      return `${top}.${random.below(2)}.${random.pick(INNER)}`;
    default:
      return top;
  }
}
