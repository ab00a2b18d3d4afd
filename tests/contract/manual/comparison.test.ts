import { Binary, BSONRegExp, BSONSymbol, Code, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import type { Document } from 'mongodb';
import { decimal, double, long } from './numbers.js';
import { find, found, ids } from './operations.js';
import { manual, type Row } from './table.js';

/** Documents named 0, 1, 2, … that hold the values, written in reverse so that no order comes by itself. */
const holding = (...values: unknown[]): Document[] => values.map((v, _id) => ({ _id, v })).reverse();
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The values are listed from lowest to highest; sorting must find that order, and its reverse. */
function ascending(title: string, ...values: unknown[]): Row[] {
  const given = holding(...values);
  const order = upTo(values.length);
  return [
    { title, given, when: ids({}, { sort: { v: 1 } }), gives: order },
    { title: `${title}, descending`, given, when: ids({}, { sort: { v: -1 } }), gives: order.toReversed() },
  ];
}

/** Which of the values, by position, a condition on `v` matches. */
function matching(title: string, values: unknown[], condition: unknown, positions: number[]): Row {
  return {
    title,
    given: holding(...values),
    when: found({ v: condition }),
    gives: positions,
  };
}

const oneOfEach = [
  new MinKey(),
  null,
  5,
  'text',
  { a: 1 },
  new Binary(Buffer.from('b')),
  new ObjectId('64b000000000000000000000'),
  false,
  new Date(0),
  new Timestamp({ t: 1, i: 1 }),
  new BSONRegExp('r', ''),
  new Code('code'),
  new Code('code', {}),
  new MaxKey(),
];

manual('comparison and sort order', [
  ...ascending('sorts the BSON types in the documented order', ...oneOfEach),
  ...ascending(
    'sorts numbers by value across int, long, double and decimal',
    double(Number.NaN),
    double(Number.NEGATIVE_INFINITY),
    long('-9223372036854775808'),
    decimal('-2.5'),
    double(-2.25),
    0,
    double(1.5),
    decimal('1.6'),
    2,
    long('3'),
    long('9223372036854775807'),
    decimal('9.223372036854775808E18'),
    double(1e300),
    decimal('1E+6000'),
    decimal('Infinity'),
  ),
  ...ascending(
    'compares longs beyond 2^53 with doubles exactly',
    double(9007199254740992),
    long('9007199254740993'),
    double(9007199254740994),
    long('9007199254740995'),
  ),
  ...ascending('keeps the decimal 0.1 below the double 0.1', decimal('0.1'), double(0.1), decimal('0.11')),
  ...ascending(
    'sorts strings by the bytes of their UTF-8',
    '',
    'Z',
    'a',
    'a b',
    'ab',
    'é',
    '\uff5e',
    '\u{1f600}',
  ),
  ...ascending('sorts symbols among strings', 'a', new BSONSymbol('b'), 'c'),
  ...ascending(
    'compares documents by the type, then the name, then the value of each field in turn',
    {},
    { b: 1 },
    { b: 2 },
    { b: 2, a: 0 },
    { c: 0 },
    { a: 'text' },
    { a: { x: 1 } },
  ),
  ...ascending(
    'sorts binary data by length, then subtype, then bytes',
    new Binary(Buffer.from([9]), 0),
    new Binary(Buffer.from([1, 0]), 0),
    new Binary(Buffer.from([1, 1]), 0),
    new Binary(Buffer.from([0, 0]), 5),
    new Binary(Buffer.from([0, 0, 0]), 0),
  ),
  ...ascending(
    'sorts dates by time, also before 1970',
    new Date(-86_400_000),
    new Date(0),
    new Date('2024-02-29T00:00:00Z'),
  ),
  ...ascending(
    'sorts timestamps by seconds, then ordinal, unsigned',
    new Timestamp({ t: 1, i: 1 }),
    new Timestamp({ t: 1, i: 2 }),
    new Timestamp({ t: 2, i: 1 }),
    new Timestamp({ t: 0xffffffff, i: 0 }),
  ),
  ...ascending('sorts regular expressions by pattern, then options', /a/, /a/i, /b/),
  ...ascending('sorts false before true', false, true),
  {
    title: 'sorts an array by its lowest element when ascending',
    given: holding([9, 1], 2, [5, 3]),
    when: ids({}, { sort: { v: 1 } }),
    gives: [0, 1, 2],
  },
  {
    title: 'sorts an array by its highest element when descending',
    given: holding([9, 1], 6, [5, 3]),
    when: ids({}, { sort: { v: -1 } }),
    gives: [0, 1, 2],
  },
  ...ascending('sorts an empty array before null', [], null, 1),
  {
    title: 'sorts a missing field with null',
    given: [{ _id: 1, v: null }, { _id: 2 }, { _id: 3, v: null }, { _id: 4, v: 0 }],
    when: ids({}, { sort: { v: 1, _id: -1 } }),
    gives: [3, 2, 1, 4],
  },
  {
    title: 'sorts by a field inside the documents of an array',
    given: [
      { _id: 'low', v: [{ n: 7 }, { n: 1 }] },
      { _id: 'high', v: [{ n: 3 }, { n: 9 }] },
    ],
    when: ids({}, { sort: { 'v.n': -1 } }),
    gives: ['high', 'low'],
  },
  {
    title: 'counts an element without the field as null when it sorts',
    given: [
      { _id: 1, v: [{ n: 7 }, {}] },
      { _id: 2, v: [{ n: -3 }] },
    ],
    when: ids({}, { sort: { 'v.n': 1 } }),
    gives: [1, 2],
  },
  {
    title: 'sorts by several fields, each in its own direction',
    given: [
      { _id: 1, a: 1, b: 1 },
      { _id: 2, a: 2, b: 1 },
      { _id: 3, a: 1, b: 2 },
    ],
    when: ids({}, { sort: { a: 1, b: -1 } }),
    gives: [3, 1, 2],
  },
  matching(
    'equates numbers of all types',
    [1, long('1'), double(1), decimal('1.0'), '1', true],
    1,
    [0, 1, 2, 3],
  ),
  matching('equates 0 and -0', [double(-0), 0, decimal('-0')], 0, [0, 1, 2]),
  matching(
    'finds NaN by NaN, of doubles and decimals',
    [double(Number.NaN), decimal('NaN'), 0],
    Number.NaN,
    [0, 1],
  ),
  matching('leaves NaN out of every range', [double(Number.NaN), 0], { $lt: 5 }, [1]),
  matching(
    'tells the decimal 9.99 from the double 9.99',
    [double(9.99), decimal('9.99')],
    decimal('9.99'),
    [1],
  ),
  matching(
    'finds a long beyond 2^53 exactly',
    [long('9007199254740993'), double(9007199254740992)],
    long('9007199254740993'),
    [0],
  ),
  matching('equates a symbol with its string', [new BSONSymbol('a'), 'a', 'b'], 'a', [0, 1]),
  matching('compares numbers with numbers only', oneOfEach, { $gt: 1 }, [2]),
  matching('compares strings with strings only', oneOfEach, { $lte: 'u' }, [3]),
  matching('compares documents with documents only', oneOfEach, { $gte: {} }, [4]),
  matching(
    'compares binary data with binary data only',
    oneOfEach,
    { $gt: new Binary(Buffer.from('a')) },
    [5],
  ),
  matching(
    'compares ObjectIds with ObjectIds only',
    oneOfEach,
    { $gt: new ObjectId('000000000000000000000000') },
    [6],
  ),
  matching('compares booleans with booleans only', oneOfEach, { $lt: true }, [7]),
  matching('compares dates with dates only, not with timestamps', oneOfEach, { $gte: new Date(0) }, [8]),
  matching(
    'compares timestamps with timestamps only',
    oneOfEach,
    { $gt: new Timestamp({ t: 0, i: 1 }) },
    [9],
  ),
  matching('takes null in a range for equality with null', [null, 0, ''], { $gte: null }, [0]),
  matching('finds nothing above null', oneOfEach, { $gt: null }, []),
  matching('compares arrays whole, element by element', [[1, 2], [1, 3], [2], 5], { $gt: [1, 2] }, [1, 2]),
  matching(
    'compares an array operand with arrays inside the array too',
    [[[1, 5]], [[1, 1]], [0]],
    { $gt: [1, 3] },
    [0, 1],
  ),
  matching('lets any element of an array satisfy a range', [[1, 9], [3], []], { $gt: 5 }, [0]),
  matching(
    'compares a document by its first differing field',
    [{ a: 1, b: 9 }, { a: 2 }],
    { $lt: { a: 2 } },
    [0],
  ),
  {
    title: 'gives every type back as it was stored',
    given: [{ _id: 1, list: oneOfEach, long: long('1'), double: double(1), decimal: decimal('1.00') }],
    when: find({}),
    gives: [{ _id: 1, list: oneOfEach, long: long('1'), double: double(1), decimal: decimal('1.00') }],
  },
]);
