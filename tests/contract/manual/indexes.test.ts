import { Double, Long, MaxKey, MinKey } from 'bson';
import type { Document } from 'mongodb';
import { a1, createIndexes, indexNames, insert, partialIndex, uniqueA } from './index-operations.js';
import { command, find, findAndModify, found, ids, steps, update } from './operations.js';
import { manual, type Operation, type Row } from './table.js';

/** Builds an index, then writes the documents; gives how many there are. */
function accepts(title: string, index: Document, documents: Document[]): Row {
  const count = command((name) => ({ count: name }));
  return {
    title,
    when: steps(createIndexes(index), insert(...documents), count),
    gives: { n: documents.length },
  };
}

function conflicts(title: string, index: Document, documents: Document[], refused = 11000): Row {
  return { title, when: steps(createIndexes(index), insert(...documents)), refused };
}

const b1 = { key: { b: 1 }, name: 'b_1' };

/** Documents named 0, 1, 2, …, and which of them each of the filters finds when there is an index. */
function reads(
  title: string,
  index: Document,
  documents: Document[],
  filters: Document[],
  names: number[],
): Row {
  const given = documents.map((document, _id) => ({ _id, ...document }));
  const read: Operation = (on) => Promise.all(filters.map((filter) => ids(filter, { sort: { _id: 1 } })(on)));
  return { title, given, when: steps(createIndexes(index), read), gives: filters.map(() => names) };
}

manual('indexes: unique, sparse and partial', [
  conflicts('a unique index refuses a value that is there', uniqueA, [{ a: 1 }, { a: 1 }]),
  conflicts('a unique index counts equal numbers of any type as equal', uniqueA, [{ a: 1 }, { a: 1.0 }]),
  conflicts('a unique index takes a missing field for null, once', uniqueA, [{ a: null }, {}]),
  conflicts('a unique index holds for every element of an array', uniqueA, [{ a: [1, 2] }, { a: 2 }]),
  accepts('a unique index allows equal elements in one document', uniqueA, [{ a: [1, 1] }, { a: [2] }]),
  conflicts(
    'a unique index looks into the documents of arrays',
    { key: { 'a.b': 1 }, name: 'ab', unique: true },
    [{ a: [{ b: 1 }] }, { a: { b: 1 } }],
  ),
  conflicts(
    'a unique compound index refuses an equal combination',
    { key: { a: 1, b: -1 }, name: 'ab', unique: true },
    [
      { a: 1, b: 1 },
      { a: 1, b: 1 },
    ],
  ),
  accepts(
    'a unique compound index allows different combinations',
    { key: { a: 1, b: -1 }, name: 'ab', unique: true },
    [{ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 1 }],
  ),
  accepts('a unique sparse index passes over documents without the field', { ...uniqueA, sparse: true }, [
    { b: 1 },
    { b: 2 },
    { a: 1 },
  ]),
  conflicts('a unique sparse index holds null as a value', { ...uniqueA, sparse: true }, [
    { a: null },
    { a: null },
  ]),
  reads(
    'a partial index of one type of numbers hides no equal number of another',
    { ...a1, partialFilterExpression: { a: { $type: 'int' } } },
    [{ a: 5 }, { a: new Double(5) }, { a: Long.fromNumber(5) }, { a: 6 }],
    [{ a: 5 }, { a: { $in: [5] } }],
    [0, 1, 2],
  ),
  reads(
    'a partial index of what is there hides nothing from the lowest and the highest key',
    { ...b1, partialFilterExpression: { a: { $exists: true } } },
    [{ b: 1 }, { b: 1, a: 5 }, { b: 1, a: null }, { b: 2 }],
    [
      { b: 1, a: { $gte: new MinKey() } },
      { b: 1, a: { $lte: new MaxKey() } },
    ],
    [0, 1, 2],
  ),
  reads(
    'a partial index below a bound hides no NaN',
    { ...b1, partialFilterExpression: { a: { $lt: 5 } } },
    [
      { b: 1, a: Number.NaN },
      { b: 1, a: 4 },
    ],
    [
      { b: 1, a: { $lte: Number.NaN } },
      { b: 1, a: { $gte: Number.NaN } },
    ],
    [0],
  ),
  accepts(
    'a unique partial index passes over documents outside its filter',
    { ...uniqueA, partialFilterExpression: { on: true } },
    [{ a: 1 }, { a: 1, on: false }, { a: 1, on: true }],
  ),
  conflicts(
    'a unique partial index holds within its filter',
    { ...uniqueA, partialFilterExpression: { on: true } },
    [
      { a: 1, on: true },
      { a: 1, on: true },
    ],
  ),
  conflicts(
    'a unique partial index notices a document that enters its filter',
    { ...uniqueA, partialFilterExpression: { n: { $gt: 5 } } },
    [
      { a: 1, n: 9 },
      { a: 1, n: 6 },
    ],
  ),
  conflicts(
    'a compound index refuses two arrays side by side',
    { key: { a: 1, b: 1 }, name: 'ab' },
    [{ a: [1], b: [2] }],
    171,
  ),
  accepts(
    'a compound index allows an array in one field of each document',
    { key: { a: 1, b: 1 }, name: 'ab' },
    [
      { a: [1], b: 2 },
      { a: 1, b: [2] },
    ],
  ),
  conflicts(
    'an index on a position refuses documents in which it is a field too',
    { key: { 'a.0': 1 }, name: 'a0' },
    [{ a: [{ 0: 1 }] }],
    16746,
  ),
]);

/** True when the plan of a query reads an index. */
function servedBy(filter: Document, options: Document = {}): Operation {
  return async (on) => {
    const plan = await on.command({
      explain: { find: on.name, filter, ...options },
      verbosity: 'queryPlanner',
    });
    return JSON.stringify(plan.queryPlanner.winningPlan).includes('IXSCAN');
  };
}

function serves(
  title: string,
  index: Document,
  filter: Document,
  gives: boolean,
  options: Document = {},
): Row {
  return {
    title,
    given: [{ _id: 1, a: 1, n: 6 }],
    when: steps(createIndexes(index), servedBy(filter, options)),
    gives,
  };
}

const holes = [{ _id: 1, a: 2 }, { _id: 2 }, { _id: 3, a: 1 }];

manual('indexes: which queries they serve', [
  serves('an index serves equality, ranges and $in', a1, { a: { $in: [1, 2] } }, true),
  serves('an index serves a sort', a1, {}, true, { sort: { a: -1 } }),
  serves('a compound index serves a prefix', { key: { a: 1, b: 1 }, name: 'ab' }, { a: 1 }, true),
  serves(
    'a compound index does not serve its second field alone',
    { key: { a: 1, b: 1 }, name: 'ab' },
    { b: 1 },
    false,
  ),
  serves(
    'a partial index serves a query that includes its filter',
    partialIndex,
    { a: 1, n: { $gt: 5 } },
    true,
  ),
  serves('a partial index serves a query that asks for less', partialIndex, { a: 1, n: { $gte: 7 } }, true),
  serves(
    'a partial index does not serve a query that asks for more',
    partialIndex,
    { a: 1, n: { $gt: 4 } },
    false,
  ),
  serves('a partial index does not serve a query without its filter', partialIndex, { a: 1 }, false),
  serves('a sparse index does not serve a sort of all documents', { ...a1, sparse: true }, {}, false, {
    sort: { a: 1 },
  }),
  {
    title: 'a sparse index gives only what it holds when a hint insists on it',
    given: holes,
    when: steps(createIndexes({ ...a1, sparse: true }), find({}, { hint: 'a_1' })),
    gives: [holes[2], holes[0]],
  },
  {
    title: 'a sparse index hides no document from a query that may match missing fields',
    given: holes,
    when: steps(createIndexes({ ...a1, sparse: true }), find({ a: { $ne: 1 } }, { sort: { a: 1 } })),
    gives: [holes[1], holes[0]],
  },
  {
    title: 'an index finds strings by their beginning',
    given: [
      { _id: 1, a: 'abc' },
      { _id: 2, a: 'b' },
    ],
    when: found({ a: /^ab/ }),
    gives: [1],
  },
]);

/** What a refused write says about the key, besides its code. */
function keyOf(operation: Operation): Operation {
  return async (on) => {
    try {
      await operation(on);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return ['code', 'keyPattern', 'keyValue'].map((field) => Reflect.get(error, field));
    }
    return 'not refused';
  };
}

const twins = [
  { _id: 1, a: 'x', b: { c: 1 } },
  { _id: 2, a: 'y', b: { c: 2 } },
];

function names(
  title: string,
  index: Document,
  operation: Operation,
  keyPattern: Document,
  keyValue: Document,
): Row {
  return {
    title,
    given: twins,
    when: steps(createIndexes(index), keyOf(operation)),
    gives: [11000, keyPattern, keyValue],
  };
}

manual('indexes: duplicate keys', [
  names('an insert names the key and its value', uniqueA, insert({ a: 'x' }), { a: 1 }, { a: 'x' }),
  names('an insert names an _id', a1, insert({ _id: 2 }), { _id: 1 }, { _id: 2 }),
  names('an insert names the element of an array', uniqueA, insert({ a: ['z', 'y'] }), { a: 1 }, { a: 'y' }),
  names(
    'an update names all fields of a compound key',
    { key: { a: 1, 'b.c': -1 }, name: 'x', unique: true },
    update({ $set: { a: 'x', b: { c: 1 } } }, { q: { _id: 2 } }),
    { a: 1, 'b.c': -1 },
    { a: 'x', 'b.c': 1 },
  ),
  names(
    'an upsert names the key',
    uniqueA,
    update({ $set: { a: 'y' } }, { q: { _id: 3 }, upsert: true }),
    { a: 1 },
    { a: 'y' },
  ),
  names(
    'findAndModify names the key',
    uniqueA,
    findAndModify({ query: { _id: 2 }, update: { $set: { a: 'x' } } }),
    { a: 1 },
    { a: 'x' },
  ),
  names(
    'a replacement names a missing field as null',
    uniqueA,
    steps(insert({ _id: 3 }), update({ b: 1 }, { q: { _id: 2 } })),
    { a: 1 },
    { a: null },
  ),
  {
    title: 'building a unique index names the duplicate and leaves nothing behind',
    given: [{ a: 1 }, { a: 1 }],
    when: async (on) => [await keyOf(createIndexes(uniqueA))(on), await indexNames(on)],
    gives: [[11000, { a: 1 }, { a: 1 }], ['_id_']],
  },
  {
    title: 'building several indexes builds none when one is refused',
    given: [{ a: 1 }, { a: 1 }],
    when: async (on) => [
      await keyOf(createIndexes({ key: { b: 1 }, name: 'b_1' }, uniqueA))(on),
      await indexNames(on),
    ],
    gives: [[11000, { a: 1 }, { a: 1 }], ['_id_']],
  },
  {
    title: 'building a compound index over parallel arrays is refused',
    given: [{ a: [1], b: [1] }],
    when: createIndexes({ key: { a: 1, b: 1 }, name: 'ab' }),
    refused: 171,
  },
  {
    title: 'an update may give a unique value up and another take it',
    given: twins,
    when: steps(
      createIndexes(uniqueA),
      update({ $set: { a: 'z' } }, { q: { _id: 1 } }),
      update({ $set: { a: 'x' } }, { q: { _id: 2 } }),
    ),
    gives: [
      { _id: 1, a: 'z', b: { c: 1 } },
      { _id: 2, a: 'x', b: { c: 2 } },
    ],
  },
]);
