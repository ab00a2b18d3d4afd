import { compareValues } from '@parley/server/internal/embedded-mongo/bson/compare';
import { encodeValue, KeyWriter } from '@parley/server/internal/embedded-mongo/bson/key-encoding';
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
import { expect } from 'chai';
import { Random } from '../../harness/random.js';

/** MongoDB's order, written out by hand; neighbours in one inner list are equal. */
const ORDERED: unknown[][] = [
  [new MinKey()],
  [null],
  [Number.NaN, new Double(Number.NaN), Decimal128.fromString('NaN')],
  [Number.NEGATIVE_INFINITY, Decimal128.fromString('-Infinity')],
  [Decimal128.fromString('-9E+6000')],
  [Decimal128.fromString('-1E+400')],
  [-Number.MAX_VALUE],
  [Long.MIN_VALUE, new Double(-(2 ** 63))],
  [new Int32(-7), -7, Decimal128.fromString('-7.000')],
  [Decimal128.fromString('-0.1000000000000000055511151231257828')],
  [new Double(-0.1)],
  [Decimal128.fromString('-0.1')],
  [-Number.MIN_VALUE],
  [Decimal128.fromString('-1E-6000')],
  [0, -0, new Int32(0), Long.ZERO, Decimal128.fromString('0E+3')],
  [Decimal128.fromString('1E-6001')],
  [Decimal128.fromString('1E-6000')],
  [Number.MIN_VALUE],
  [Decimal128.fromString('0.1')],
  [new Double(0.1)],
  [Decimal128.fromString('0.1000000000000000055511151231257828')],
  [1, new Double(1), Long.ONE, Decimal128.fromString('1.0')],
  [Decimal128.fromString('1.000000000000000000000000000000001')],
  [2 ** 53, Long.fromString('9007199254740992')],
  [Long.fromString('9007199254740993'), Decimal128.fromString('9007199254740993')],
  [Decimal128.fromString('9007199254740993.5')],
  [Long.fromString('9007199254740994')],
  [Long.MAX_VALUE],
  [new Double(2 ** 63)],
  [Number.MAX_VALUE],
  [Decimal128.fromString('1E+400')],
  [Decimal128.fromString('9E+6000')],
  [Number.POSITIVE_INFINITY, Decimal128.fromString('Infinity')],
  [''],
  ['\0'],
  ['\0a'],
  ['a'],
  ['a\0'],
  ['a\0b'],
  ['aa'],
  ['b'],
  ['\uffff'],
  ['\u{1f600}'],
  [{}],
  [{ a: 1 }, { a: new Double(1) }],
  [{ a: 1, b: 1 }],
  [{ b: 1 }],
  [{ a: 'x' }],
  [[]],
  [[1]],
  [[1, 1]],
  [[2]],
  [['a']],
  [new Binary(Buffer.from([9]), 0)],
  [new Binary(Buffer.from([1]), 4)],
  [new Binary(Buffer.from([1, 0]), 0)],
  [new ObjectId('000000000000000000000001')],
  [new ObjectId('ffffffffffffffffffffffff')],
  [false],
  [true],
  [new Date(-5)],
  [new Date(0)],
  [new Date(8e15)],
  [new Timestamp({ t: 1, i: 1 })],
  [new Timestamp({ t: 0xffffffff, i: 1 })],
  [new BSONRegExp('a', '')],
  [new BSONRegExp('a', 'i')],
  [new MaxKey()],
];

describe('store keys', () => {
  it('orders every type as MongoDB does, both ways', () => {
    const ranked = ORDERED.flatMap((values, rank) => values.map((value) => ({ value, rank })));
    for (const a of ranked) {
      for (const b of ranked) {
        const expected = Math.sign(a.rank - b.rank);
        const label = `${String(a.value)} (${a.rank}) and ${String(b.value)} (${b.rank})`;
        expect(Math.sign(Buffer.compare(encodeValue(a.value), encodeValue(b.value))), label).to.equal(
          expected,
        );
        const down = Math.sign(Buffer.compare(encodeValue(a.value, true), encodeValue(b.value, true)));
        expect(down + 0, `${label} descending`).to.equal(0 - expected);
        expect(Math.sign(compareValues(a.value, b.value)) + 0, `${label} compared`).to.equal(expected);
      }
    }
  });

  it('orders random compound keys field by field', () => {
    const seed = 0x1f2e_3d4c_5b6an;
    const random = new Random(seed);
    for (let step = 0; step < 4000; step++) {
      const width = 1 + random.below(3);
      const directions = Array.from({ length: width }, () => random.below(2) === 1);
      const [a, b] = [randomTuple(random, width), randomTuple(random, width)];
      const expected = compareTuples(a, b, directions);
      const actual = Buffer.compare(encodeTuple(a, directions), encodeTuple(b, directions));
      expect(Math.sign(actual), `seed ${seed} step ${step}`).to.equal(expected);
    }
  });

  it('never makes one value the beginning of another', () => {
    const keys = ORDERED.flat().map((value) => encodeValue(value));
    for (const a of keys) {
      for (const b of keys) {
        if (a.equals(b)) continue;
        expect(b.subarray(0, a.length).equals(a)).to.equal(false);
      }
    }
  });
});

const STRINGS: readonly [string, ...string[]] = ['', 'a', 'a\0', 'ab', 'b', 'é', '\u{10000}', '\uffee'];

function randomValue(random: Random, depth = 0): unknown {
  switch (random.below(depth > 1 ? 7 : 9)) {
    case 0:
      return random.below(5) - 2;
    case 1:
      return new Double((random.below(1000) - 500) / 8);
    case 2:
      return Long.fromBigInt(BigInt.asIntN(64, random.bits()));
    case 3:
      return random.pick(STRINGS);
    case 4:
      return null;
    case 5:
      return random.below(2) === 1;
    case 6:
      return new Date(random.below(10) * 1000 - 5000);
    case 7:
      return Array.from({ length: random.below(3) }, () => randomValue(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(3) }, (_, i) => [
          `${random.pick(['a', 'b'])}${i}`,
          randomValue(random, depth + 1),
        ]),
      );
  }
}

function randomTuple(random: Random, width: number): unknown[] {
  return Array.from({ length: width }, () => randomValue(random));
}

function encodeTuple(values: readonly unknown[], directions: readonly boolean[]): Buffer {
  const writer = new KeyWriter();
  for (const [i, value] of values.entries()) writer.append(value, directions[i]);
  return writer.take();
}

function compareTuples(a: readonly unknown[], b: readonly unknown[], directions: readonly boolean[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = Math.sign(compareSlowly(a[i], b[i]));
    if (order !== 0) return directions[i] ? -order : order;
  }
  return 0;
}

const RANK: Record<string, number> = {
  null: 1,
  number: 2,
  string: 3,
  object: 4,
  array: 5,
  boolean: 6,
  date: 7,
};

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Date) return 'date';
  if (value instanceof Double || value instanceof Long || typeof value === 'number') return 'number';
  return typeof value;
}

/** An order written independently of the encoding: numbers through exact fractions, text through UTF-8. */
function compareSlowly(a: unknown, b: unknown): number {
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (kindA !== kindB) return (RANK[kindA] ?? 0) - (RANK[kindB] ?? 0);
  if (kindA === 'number') return Number(eighths(a) > eighths(b)) - Number(eighths(a) < eighths(b));
  if (kindA === 'string') return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
  if (kindA === 'array' && Array.isArray(a) && Array.isArray(b)) return compareLists(a, b, compareSlowly);
  if (kindA === 'object')
    return compareLists(Object.entries(Object(a)), Object.entries(Object(b)), compareEntries);
  return Number(a) - Number(b);
}

function eighths(value: unknown): bigint {
  if (value instanceof Long) return value.toBigInt() * 8n;
  return BigInt(Number(value instanceof Double ? value.value : value) * 8);
}

function compareLists<T>(a: readonly T[], b: readonly T[], compare: (x: T, y: T) => number): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined || y === undefined) break;
    const order = compare(x, y);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareEntries([nameA, a]: [string, unknown], [nameB, b]: [string, unknown]): number {
  const kinds = (RANK[kindOf(a)] ?? 0) - (RANK[kindOf(b)] ?? 0);
  if (kinds !== 0) return kinds;
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return compareSlowly(a, b);
}
