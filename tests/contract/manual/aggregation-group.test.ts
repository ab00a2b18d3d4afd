import type { Document } from 'mongodb';
import { byId, refuses, sales, yields } from './aggregation-rows.js';
import { decimal, double, long } from './numbers.js';
import { aggregate } from './operations.js';
import { manual, type Row } from './table.js';

/** The groups of a row's documents, by `_id`. */
function groups(title: string, group: Document, rows: unknown[], given: Document[] = sales): Row {
  return yields(title, [{ $sort: { _id: 1 } }, { $group: group }, byId], rows, given);
}

const numbers = (...values: unknown[]): Document[] => values.map((n, _id) => ({ _id, n }));
const everything = (accumulator: Document): Document => ({ _id: null, value: accumulator });

/** What an accumulator makes of all the values. */
function accumulates(title: string, values: unknown[], accumulator: Document, value: unknown): Row {
  return groups(title, everything(accumulator), [{ _id: null, value }], numbers(...values));
}

manual('aggregation: $group', [
  groups('groups by a field, with null for missing ones', { _id: '$item', n: { $sum: 1 } }, [
    { _id: null, n: 1 },
    { _id: 'a', n: 2 },
    { _id: 'b', n: 1 },
  ]),
  groups('groups everything by a constant', { _id: null, n: { $count: {} } }, [{ _id: null, n: 4 }]),
  groups('groups by several fields', { _id: { item: '$item', big: { $gt: ['$n', 2] } }, n: { $sum: 1 } }, [
    { _id: { item: 'a', big: false }, n: 1 },
    { _id: { item: 'a', big: true }, n: 1 },
    { _id: { item: 'b', big: true }, n: 1 },
    { _id: { big: false }, n: 1 },
  ]),
  groups(
    'groups equal numbers of different types together',
    { _id: '$n', ids: { $push: '$_id' } },
    [
      { _id: 1, ids: [0, 1, 2, 3] },
      { _id: 2, ids: [4] },
    ],
    numbers(1, long(1), double(1), decimal('1.0'), 2),
  ),
  groups('groups arrays by their whole', { _id: '$tags', n: { $sum: 1 } }, [
    { _id: [], n: 1 },
    { _id: null, n: 1 },
    { _id: ['x', 'y'], n: 1 },
    { _id: ['y'], n: 1 },
  ]),
  groups('gives the distinct values without accumulators', { _id: '$item' }, [
    { _id: null },
    { _id: 'a' },
    { _id: 'b' },
  ]),
  {
    title: 'gives no group where there is nothing',
    when: aggregate([{ $group: { _id: null, n: { $sum: 1 } } }]),
    gives: [],
  },
  accumulates('$sum adds ints to an int', [1, 2, 3], { $sum: '$n' }, 6),
  accumulates('$sum turns ints that overflow into a long', [2147483647, 1], { $sum: '$n' }, long(2147483648)),
  accumulates('$sum takes the widest type', [1, long(2), double(0.5)], { $sum: '$n' }, 3.5),
  accumulates('$sum keeps a whole double a double', [double(1), double(2)], { $sum: '$n' }, double(3)),
  accumulates('$sum adds decimals exactly', [decimal('0.1'), decimal('0.2')], { $sum: '$n' }, decimal('0.3')),
  accumulates('$sum passes over what is no number', [1, 'x', null, [5]], { $sum: '$n' }, 1),
  accumulates('$sum of nothing is 0', ['x'], { $sum: '$n' }, 0),
  accumulates('$avg gives a double', [1, 2, 'x', null], { $avg: '$n' }, 1.5),
  accumulates(
    '$avg of decimals gives a decimal',
    [decimal('1'), decimal('2')],
    { $avg: '$n' },
    decimal('1.5'),
  ),
  accumulates('$avg of nothing is null', ['x'], { $avg: '$n' }, null),
  accumulates('$min and $max pass over null', [3, null, 1], { $min: '$n' }, 1),
  accumulates('$max compares different types by their order', [3, 'x', 1], { $max: '$n' }, 'x'),
  accumulates('$min of nothing is null', [null], { $min: '$n' }, null),
  accumulates('$first gives the first in order, null too', [null, 1], { $first: '$n' }, null),
  accumulates('$last gives the last in order', [1, 2], { $last: '$n' }, 2),
  accumulates('$push gives all values in order', [2, 1, 2], { $push: '$n' }, [2, 1, 2]),
  accumulates('$addToSet gives each value once', [2, 2, 2], { $addToSet: '$n' }, [2]),
  groups('$push passes over missing fields', everything({ $push: '$item' }), [
    { _id: null, value: ['a', 'b', 'a'] },
  ]),
  groups('$push pushes documents', { _id: null, value: { $push: { i: '$item' } } }, [
    { _id: null, value: [{ i: 'a' }, { i: 'b' }, { i: 'a' }, {}] },
  ]),
  groups(
    '$mergeObjects merges documents',
    everything({ $mergeObjects: '$n' }),
    [{ _id: null, value: { a: 1, b: 2 } }],
    numbers({ a: 0 }, { a: 1 }, null, { b: 2 }),
  ),
  groups(
    'adds what expressions yield',
    everything({ $sum: { $multiply: ['$n', 10] } }),
    [{ _id: null, value: 30 }],
    numbers(1, 2),
  ),
  refuses('refuses a group without _id', [{ $group: { n: { $sum: 1 } } }], 15955),
  refuses('refuses what is no document', [{ $group: 'item' }], 15947),
  refuses('refuses a field without an accumulator', [{ $group: { _id: null, n: '$n' } }], 40234),
  refuses(
    'refuses a field with two accumulators',
    [{ $group: { _id: null, n: { $sum: 1, $max: 1 } } }],
    40238,
  ),
  refuses('refuses an unknown accumulator', [{ $group: { _id: null, n: { $total: 1 } } }], 15952),
  refuses('refuses a dot in the name of a field', [{ $group: { _id: null, 'a.b': { $sum: 1 } } }], 40235),
]);
