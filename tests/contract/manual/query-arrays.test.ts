import { ids } from './operations.js';
import { finds } from './query-rows.js';
import { manual } from './table.js';

const nullish = [{ a: null }, {}, { a: 0 }, { a: '' }, { a: [] }, { a: [null] }, { a: { b: null } }];
const below = [
  { a: {} },
  { a: 4 },
  {},
  { a: { b: null } },
  { a: { b: 1 } },
  { a: [] },
  { a: [1, 'x'] },
  { a: [{ b: 1 }, {}] },
  { a: [{ b: 1 }] },
];

manual('queries: null, missing and existing fields', [
  finds('matches null, missing fields and null elements by null', nullish, { a: null }, [0, 1, 5]),
  finds('matches the rest by $ne null', nullish, { a: { $ne: null } }, [2, 3, 4, 6]),
  finds('matches null only, not missing, by the type null', nullish, { a: { $type: 'null' } }, [0, 5]),
  finds('finds fields that hold null by $exists', nullish, { a: { $exists: true } }, [0, 2, 3, 4, 5, 6]),
  finds('finds documents without the field by $exists false', nullish, { a: { $exists: false } }, [1]),
  finds(
    'takes null among the values of $in for missing fields too',
    nullish,
    { a: { $in: [null, ''] } },
    [0, 1, 3, 5],
  ),
  finds(
    'excludes missing fields by null among the values of $nin',
    nullish,
    { a: { $nin: [null, 0] } },
    [3, 4, 6],
  ),
  finds(
    'misses a field below scalars and absent documents, but not below arrays of scalars',
    below,
    { 'a.b': null },
    [0, 1, 2, 3, 7],
  ),
  finds(
    'matches what null does not by $ne null on a dotted path',
    below,
    { 'a.b': { $ne: null } },
    [4, 5, 6, 8],
  ),
  finds(
    'finds a dotted field in any document of an array by $exists',
    below,
    { 'a.b': { $exists: true } },
    [3, 4, 7, 8],
  ),
]);

manual('queries: arrays and dotted paths', [
  finds(
    'matches an array that contains the value',
    [{ a: [1, 2] }, { a: 1 }, { a: [[1]] }],
    { a: 1 },
    [0, 1],
  ),
  finds(
    'matches an array exactly, in order, or as an element',
    [{ a: [1, 2] }, { a: [2, 1] }, { a: [1, 2, 3] }, { a: [[1, 2], 5] }],
    { a: [1, 2] },
    [0, 3],
  ),
  finds(
    'matches an empty array only by an empty array',
    [{ a: [] }, { a: null }, { a: [[]] }, {}],
    { a: [] },
    [0, 2],
  ),
  finds(
    'matches an embedded document by all its fields in order',
    [{ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, { a: { x: 1, y: 2, z: 3 } }, { a: [{ x: 1, y: 2 }] }],
    { a: { x: 1, y: 2 } },
    [0, 3],
  ),
  finds(
    'walks dotted paths into documents and into the documents of arrays',
    [{ a: { b: 5 } }, { a: [{ b: 5 }, { b: 6 }] }, { a: { b: [5] } }, { a: [{ c: 5 }] }],
    { 'a.b': 5 },
    [0, 1, 2],
  ),
  finds(
    'does not walk into arrays inside arrays',
    [{ a: [[{ b: 5 }]] }, { a: [{ b: [5] }] }],
    { 'a.b': 5 },
    [1],
  ),
  finds('takes a number in a path for a position', [{ a: [7, 8] }, { a: [8, 7] }], { 'a.0': 7 }, [0]),
  {
    title: 'takes a number in a path for a field name too',
    given: [
      { _id: 1, a: { 0: 7 } },
      { _id: 2, a: [{ 0: 7 }] },
      { _id: 3, a: [1] },
    ],
    when: ids({ 'a.0': 7 }),
    gives: [1, 2],
  },
  finds(
    'walks on behind a position',
    [{ a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 2 }, { b: 1 }] }],
    { 'a.1.b': 2 },
    [0],
  ),
  finds(
    'lets different elements satisfy the conditions of one field',
    [{ a: [1, 9] }, { a: [5] }, { a: [9] }],
    { a: { $gt: 3, $lt: 6 } },
    [0, 1],
  ),
  finds(
    'wants one element to satisfy all of $elemMatch',
    [{ a: [1, 9] }, { a: [5] }, { a: 5 }],
    { a: { $elemMatch: { $gt: 3, $lt: 6 } } },
    [1],
  ),
  finds(
    'lets different documents of an array satisfy dotted conditions',
    [{ a: [{ x: 1, y: 2 }] }, { a: [{ x: 1 }, { y: 2 }] }],
    { 'a.x': 1, 'a.y': 2 },
    [0, 1],
  ),
  finds(
    'wants one document to satisfy a whole $elemMatch',
    [{ a: [{ x: 1, y: 2 }] }, { a: [{ x: 1 }, { y: 2 }] }],
    { a: { $elemMatch: { x: 1, y: 2 } } },
    [0],
  ),
  finds(
    'never matches a single document by $elemMatch',
    [{ a: { x: 1 } }, { a: [{ x: 1 }] }],
    { a: { $elemMatch: { x: 1 } } },
    [1],
  ),
  finds(
    'looks at null elements by $elemMatch, not at missing arrays',
    [{ a: [null] }, {}, { a: null }],
    { a: { $elemMatch: { $eq: null } } },
    [0],
  ),
  finds(
    'takes an element that is an array as a whole in $elemMatch',
    [{ a: [[1, 9]] }, { a: [1] }, { a: [[7], 5] }],
    { a: { $elemMatch: { $gt: 0, $ne: 9, $nin: [5], $not: { $in: [8] } } } },
    [1],
  ),
  finds(
    'looks into an element that is an array by a further $elemMatch',
    [{ a: [[1, 9]] }, { a: [1, 9] }, { a: [[1], [9]] }],
    { a: { $elemMatch: { $elemMatch: { $gt: 3 }, $all: [[1, 9]], $size: 2, $type: 'array' } } },
    [0],
  ),
  finds(
    'allows $or and $not within $elemMatch',
    [{ a: [{ x: 1 }] }, { a: [{ x: 2 }] }, { a: [{ x: 3 }] }],
    { a: { $elemMatch: { $or: [{ x: 1 }, { x: { $not: { $lt: 3 } } }] } } },
    [0, 2],
  ),
  finds(
    'wants every value of $all, in any order',
    [{ a: [1, 2, 3] }, { a: [3, 1] }, { a: [2] }],
    { a: { $all: [3, 1] } },
    [0, 1],
  ),
  finds(
    'takes $all of one value for equality, arrays or not',
    [{ a: 1 }, { a: [1, 2] }, { a: [2] }],
    { a: { $all: [1] } },
    [0, 1],
  ),
  finds(
    'takes an array within $all for the whole array or an element',
    [{ a: [1, 2] }, { a: [[1, 2], 3] }, { a: [1, 2, 3] }],
    { a: { $all: [[1, 2]] } },
    [0, 1],
  ),
  finds('matches nothing by an empty $all', [{ a: [] }, { a: 1 }], { a: { $all: [] } }, []),
  finds(
    'wants an element for each $elemMatch of $all',
    [{ a: [{ x: 1 }, { x: 5 }] }, { a: [{ x: 1 }] }],
    { a: { $all: [{ $elemMatch: { x: 1 } }, { $elemMatch: { x: { $gt: 4 } } }] } },
    [0],
  ),
  finds(
    'counts the elements by $size, of arrays only',
    [{ a: [1, 2] }, { a: [[1, 2]] }, { a: 2 }, {}],
    { a: { $size: 2 } },
    [0],
  ),
  finds('matches an empty array by $size 0, but no missing field', [{ a: [] }, {}], { a: { $size: 0 } }, [0]),
  finds(
    'excludes an array by $ne when any element is equal',
    [{ a: [1, 2] }, { a: [2] }, { a: 1 }, {}],
    { a: { $ne: 1 } },
    [1, 3],
  ),
  finds(
    'excludes an array by $nin when any element is listed',
    [{ a: [1, 2] }, { a: [3] }, {}],
    { a: { $nin: [2, 5] } },
    [1, 2],
  ),
  finds(
    'negates the whole condition by $not, missing fields included',
    [{ a: [1, 9] }, { a: [1] }, {}, { a: 9 }],
    { a: { $not: { $gt: 5 } } },
    [1, 2],
  ),
]);
