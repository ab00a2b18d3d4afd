import { double } from './numbers.js';
import { manual } from './table.js';
import { becomes, refuses } from './update-rows.js';

manual('update operators: arrays', [
  becomes(
    '$push appends a value, and an array as one value',
    { a: [1] },
    { $push: { a: [2, 3], b: 1 } },
    { a: [1, [2, 3]], b: [1] },
  ),
  becomes(
    '$push appends each of several values',
    { a: [1] },
    { $push: { a: { $each: [2, 3] } } },
    { a: [1, 2, 3] },
  ),
  becomes(
    '$push inserts at a position, counted from the end when negative',
    { a: [1, 2], b: [1, 2] },
    { $push: { a: { $each: [9], $position: 0 }, b: { $each: [8, 9], $position: -1 } } },
    { a: [9, 1, 2], b: [1, 8, 9, 2] },
  ),
  becomes(
    '$push appends when the position is beyond the end',
    { a: [1] },
    { $push: { a: { $each: [2], $position: 9 } } },
    { a: [1, 2] },
  ),
  becomes(
    '$push keeps the first or the last by $slice, none by 0',
    { a: [1, 2], b: [1, 2], c: [1] },
    { $push: { a: { $each: [3], $slice: 2 }, b: { $each: [3], $slice: -2 }, c: { $each: [3], $slice: 0 } } },
    { a: [1, 2], b: [2, 3], c: [] },
  ),
  becomes(
    '$push sorts whole values',
    { a: [3, 'x', 1] },
    { $push: { a: { $each: [2], $sort: -1 } } },
    { a: ['x', 3, 2, 1] },
  ),
  becomes(
    '$push sorts documents by their fields',
    { a: [{ n: 2 }, { n: 1, m: { k: 1 } }] },
    { $push: { a: { $each: [{ n: 1, m: { k: 0 } }], $sort: { n: 1, 'm.k': 1 } } } },
    { a: [{ n: 1, m: { k: 0 } }, { n: 1, m: { k: 1 } }, { n: 2 }] },
  ),
  becomes(
    '$push inserts, then sorts, then slices, in whatever order they are written',
    { a: [5, 1] },
    { $push: { a: { $slice: 3, $sort: 1, $each: [3, 9] } } },
    { a: [1, 3, 5] },
  ),
  refuses('$push refuses a field that is no array', { a: 1 }, { $push: { a: 1 } }, 2),
  refuses('$push refuses $each without an array', { a: [] }, { $push: { a: { $each: 1 } } }, 2),
  refuses('$push refuses unknown modifiers', { a: [] }, { $push: { a: { $each: [], $limit: 1 } } }, 2),
  refuses(
    '$push refuses a $slice that is no whole number',
    { a: [] },
    { $push: { a: { $each: [1], $slice: 'x' } } },
    2,
  ),
  refuses(
    '$push refuses a $position that is no whole number',
    { a: [] },
    { $push: { a: { $each: [1], $position: 1.5 } } },
    2,
  ),
  refuses(
    '$push refuses a $sort direction other than 1 and -1',
    { a: [] },
    { $push: { a: { $each: [1], $sort: 2 } } },
    2,
  ),
  becomes(
    '$addToSet adds what is not there yet, by value',
    { a: [1, { x: 1, y: 2 }] },
    { $addToSet: { a: { $each: [double(1), 2, 2, { y: 2, x: 1 }] } } },
    { a: [1, { x: 1, y: 2 }, 2, { y: 2, x: 1 }] },
  ),
  becomes('$addToSet adds an array as one value', { a: [1] }, { $addToSet: { a: [1] } }, { a: [1, [1]] }),
  refuses('$addToSet refuses a field that is no array', { a: 'x' }, { $addToSet: { a: 1 } }, 2),
  becomes(
    '$pop removes the last or the first element',
    { a: [1, 2, 3], b: [1, 2, 3], c: [] },
    { $pop: { a: 1, b: -1, c: 1, d: 1 } },
    { a: [1, 2], b: [2, 3], c: [] },
  ),
  refuses('$pop refuses any other number', { a: [1] }, { $pop: { a: 2 } }, 9),
  refuses('$pop refuses a field that is no array', { a: 1 }, { $pop: { a: 1 } }, 14),
  becomes(
    '$pull removes every equal value',
    { a: [1, 2, 1, double(1), '1'] },
    { $pull: { a: 1 } },
    { a: [2, '1'] },
  ),
  becomes(
    '$pull removes what a condition matches',
    { a: [1, 5, 9] },
    { $pull: { a: { $gte: 5 } } },
    { a: [1] },
  ),
  becomes(
    '$pull removes documents by some of their fields',
    { a: [{ x: 1, y: 2 }, { y: 2 }, 2] },
    { $pull: { a: { y: 2, x: { $exists: true } } } },
    { a: [{ y: 2 }, 2] },
  ),
  becomes(
    '$pull removes an array only by an equal array',
    { a: [[1, 2], [2, 1], 1] },
    { $pull: { a: [1, 2] } },
    { a: [[2, 1], 1] },
  ),
  becomes(
    '$pull looks into nested arrays by $elemMatch',
    { a: [{ b: [{ n: 1 }] }, { b: [{ n: 5 }] }] },
    { $pull: { a: { b: { $elemMatch: { n: { $gt: 3 } } } } } },
    { a: [{ b: [{ n: 1 }] }] },
  ),
  becomes('$pull removes strings by a pattern', { a: ['abc', 'x'] }, { $pull: { a: /^a/ } }, { a: ['x'] }),
  refuses('$pull refuses a field that is no array', { a: 1 }, { $pull: { a: 1 } }, 2),
  becomes(
    '$pullAll removes each listed value',
    { a: [1, 2, 3, 1] },
    { $pullAll: { a: [1, 3], b: [1] } },
    { a: [2] },
  ),
  refuses('$pullAll refuses what is no array', { a: [1] }, { $pullAll: { a: 1 } }, 2),
  refuses('$pullAll refuses a field that is no array', { a: 1 }, { $pullAll: { a: [1] } }, 2),
]);

manual('update operators: positions', [
  becomes(
    '$ stands for the first element the filter matches',
    { a: [1, 5, 5] },
    { $set: { 'a.$': 9 } },
    { a: [1, 9, 5] },
    { q: { a: { $gte: 5 } } },
  ),
  becomes(
    '$ follows $elemMatch',
    {
      a: [
        { x: 1, n: 1 },
        { x: 1, n: 2 },
      ],
    },
    { $inc: { 'a.$.n': 10 } },
    {
      a: [
        { x: 1, n: 1 },
        { x: 1, n: 12 },
      ],
    },
    { q: { a: { $elemMatch: { x: 1, n: 2 } } } },
  ),
  becomes(
    '$ follows a dotted condition',
    { a: [{ x: 1 }, { x: 2 }] },
    { $set: { 'a.$.y': 3 } },
    { a: [{ x: 1 }, { x: 2, y: 3 }] },
    { q: { 'a.x': 2 } },
  ),
  refuses('$ refuses when the filter does not look at the array', { a: [1] }, { $set: { 'a.$': 2 } }, 2, {
    q: { _id: 1 },
  }),
  refuses('$ refuses a position the filter named by its number', { a: [1] }, { $set: { 'a.$': 2 } }, 2, {
    q: { 'a.0': 1 },
  }),
  becomes('$[] stands for every element', { a: [1, 2] }, { $inc: { 'a.$[]': 1 } }, { a: [2, 3] }),
  becomes(
    '$[] nests',
    { a: [{ b: [1, 2] }, { b: [3] }] },
    { $inc: { 'a.$[].b.$[]': 1 } },
    { a: [{ b: [2, 3] }, { b: [4] }] },
  ),
  refuses('$[] refuses a missing array', {}, { $set: { 'a.$[]': 1 } }, 2),
  refuses('$[] refuses what is no array', { a: 1 }, { $set: { 'a.$[]': 1 } }, 2),
  becomes(
    '$[name] stands for the elements its filter matches',
    { a: [1, 5, 9] },
    { $set: { 'a.$[big]': 0 } },
    { a: [1, 0, 0] },
    { arrayFilters: [{ big: { $gt: 3 } }] },
  ),
  becomes(
    '$[name] looks into documents',
    { a: [{ x: 1 }, { x: 2 }] },
    { $set: { 'a.$[e].y': 0 } },
    { a: [{ x: 1 }, { x: 2, y: 0 }] },
    { arrayFilters: [{ 'e.x': 2 }] },
  ),
  becomes(
    '$[name] combines several names',
    {
      a: [
        { x: 1, l: [1, 2] },
        { x: 2, l: [1] },
      ],
    },
    { $inc: { 'a.$[e].l.$[n]': 5 } },
    {
      a: [
        { x: 1, l: [6, 2] },
        { x: 2, l: [1] },
      ],
    },
    { arrayFilters: [{ 'e.x': 1 }, { n: 1 }] },
  ),
  becomes(
    '$[name] changes nothing when no element matches',
    { a: [1] },
    { $set: { 'a.$[e]': 2 } },
    { a: [1] },
    { arrayFilters: [{ e: 5 }] },
  ),
  refuses('refuses a name without a filter', { a: [1] }, { $set: { 'a.$[e]': 2 } }, 2),
  refuses('refuses a filter no path uses', { a: [1] }, { $set: { a: 2 } }, 9, { arrayFilters: [{ e: 1 }] }),
  refuses('refuses a filter for two names', { a: [1] }, { $set: { 'a.$[e]': 2 } }, 9, {
    arrayFilters: [{ e: 1, f: 1 }],
  }),
  refuses('refuses two filters for one name', { a: [1] }, { $set: { 'a.$[e]': 2 } }, 9, {
    arrayFilters: [{ e: 1 }, { e: 2 }],
  }),
  refuses('refuses an empty filter', { a: [1] }, { $set: { 'a.$[e]': 2 } }, 9, { arrayFilters: [{}] }),
]);
