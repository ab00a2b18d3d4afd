import { decimal, double, long } from './numbers.js';
import { update } from './operations.js';
import { manual } from './table.js';
import { becomes, counts, refuses } from './update-rows.js';

manual('update: what is refused, and counts', [
  ...['$set', '$inc', '$push', '$unset'].map((operator) =>
    refuses(
      `refuses to change an _id by ${operator}`,
      {},
      { [operator]: { _id: 2 } },
      operator === '$push' ? 2 : 66,
    ),
  ),
  refuses('refuses to change a part of an _id', {}, { $set: { '_id.x': 1 } }, 28),
  counts('allows to set an _id to what it is', {}, { $set: { _id: 1 } }, 0),
  refuses('refuses a replacement with another _id', {}, { _id: 2, a: 1 }, 66),
  refuses('refuses two changes of one field', { a: 1 }, { $set: { a: 1 }, $inc: { a: 1 } }, 40),
  refuses('refuses changes of a field and of what is in it', { a: {} }, { $set: { a: 1, 'a.b': 1 } }, 40),
  refuses(
    'refuses a change of a field that is renamed',
    { a: 1 },
    { $set: { a: 1 }, $rename: { a: 'b' } },
    40,
  ),
  refuses('refuses an unknown operator', {}, { $plus: { a: 1 } }, 9),
  refuses('refuses fields beside operators', {}, { $set: { a: 1 }, b: 1 }, 9),
  refuses('refuses operators behind the fields of a replacement', {}, { b: 1, $set: { a: 1 } }, 52),
  refuses('refuses an operator without a document', {}, { $set: 1 }, 9),
  counts('accepts an operator with nothing to do', { a: 1 }, { $set: {} }, 0),
  refuses('refuses a path through a scalar', { a: 1 }, { $set: { 'a.b': 1 } }, 28),
  refuses('refuses a path through null', { a: null }, { $inc: { 'a.b': 1 } }, 28),
  refuses('refuses a name as a position', { a: [1] }, { $set: { 'a.b': 1 } }, 28),
  refuses('refuses an empty path', {}, { $set: { '': 1 } }, 56),
  refuses('refuses an empty name in a path', {}, { $set: { 'a..b': 1 } }, 56),
  refuses('refuses a name with a dollar sign at the top', {}, { $set: { $a: 1 } }, 52),
  refuses('refuses to replace many', {}, { a: 1 }, 9, { multi: true }),
  counts('counts a change to the same value as matched only', { a: 1 }, { $set: { a: 1 } }, 0),
  counts(
    'counts adding nothing as matched only',
    { a: 1, b: [1], c: [1] },
    { $inc: { a: 0 }, $addToSet: { b: 1 }, $pull: { c: 7 } },
    0,
  ),
  counts('counts another number type as modified', { a: 1 }, { $set: { a: double(1) } }, 1),
  counts('counts the same replacement as matched only', { a: 1 }, { _id: 1, a: 1 }, 0),
  becomes('replaces everything but _id', { a: 1, b: 2 }, { c: 3 }, { c: 3 }),
  {
    title: 'changes the first match only, or all by multi',
    given: [1, 2, 3].map((_id) => ({ _id, n: 0 })),
    when: update({ $inc: { n: 1 } }, { multi: true, q: { _id: { $gt: 1 } } }),
    gives: [
      { _id: 1, n: 0 },
      { _id: 2, n: 1 },
      { _id: 3, n: 1 },
    ],
  },
]);

manual('update with a pipeline', [
  becomes(
    'sets fields from others',
    { a: 2, b: 3 },
    [{ $set: { c: { $add: ['$a', '$b'] } } }, { $unset: 'a' }],
    { b: 3, c: 5 },
  ),
  becomes('replaces the document, keeping _id', { a: { x: 1 } }, [{ $replaceWith: '$a' }], { x: 1 }),
  becomes('projects', { a: 1, b: 2 }, [{ $project: { b: 1 } }], { b: 2 }),
  becomes(
    'keeps the types of what it does not compute',
    { a: long('5'), b: decimal('1.0') },
    [{ $set: { c: 1 } }],
    { a: long('5'), b: decimal('1.0'), c: 1 },
  ),
  refuses('refuses other stages', {}, [{ $match: { a: 1 } }], 72),
  refuses('refuses to change an _id', {}, [{ $set: { _id: 2 } }], 66),
  refuses('refuses array filters', { a: [1] }, [{ $set: { b: 1 } }], 9, { arrayFilters: [{ e: 1 }] }),
  counts('counts an unchanged document as matched only', { a: 1 }, [{ $set: { a: 1 } }], 0),
]);
