import type { Document } from 'mongodb';
import { at, evaluates, refuses } from './expression-rows.js';
import { decimal, double, long } from './numbers.js';
import { manual } from './table.js';

/** One way out of a decision; written as pairs, because an object with `then` looks like a promise to JS. */
const branch = (condition: unknown, result: unknown, name = 'case'): Document =>
  Object.fromEntries([
    [name, condition],
    ['then', result],
  ]);

const big = 2147483647;
const dayMs = 86_400_000;

manual('expressions: numbers', [
  evaluates(
    '$add keeps ints and widens to a long',
    { a: big },
    [{ $add: [1, 2] }, { $add: ['$a', 1] }],
    [3, long(big + 1)],
  ),
  evaluates(
    '$add takes the widest type',
    { a: 1 },
    [{ $add: ['$a', 0.5] }, { $add: ['$a', long(1)] }, { $add: ['$a', decimal('0.1')] }],
    [1.5, long(2), decimal('1.1')],
  ),
  evaluates(
    '$add adds milliseconds to a date',
    { at },
    { $add: ['$at', dayMs] },
    new Date(at.getTime() + dayMs),
  ),
  evaluates(
    'arithmetic with null or a missing field gives null',
    { a: null },
    [{ $add: ['$a', 1] }, { $multiply: ['$zz', 2] }],
    [null, null],
  ),
  evaluates(
    '$subtract gives milliseconds between dates, as a long',
    { at },
    { $subtract: ['$at', new Date(at.getTime() - 5)] },
    long(5),
  ),
  evaluates(
    '$subtract takes milliseconds from a date',
    { at },
    { $subtract: ['$at', 123] },
    new Date('2024-02-29T13:45:30.000Z'),
  ),
  evaluates('$multiply multiplies ints to an int', {}, { $multiply: [2, 3, 4] }, 24),
  evaluates('$divide gives a double', {}, [{ $divide: [6, 3] }, { $divide: [1, 4] }], [double(2), 0.25]),
  evaluates(
    '$mod keeps the sign of the first',
    {},
    [{ $mod: [7, 3] }, { $mod: [-7, 3] }, { $mod: [5.5, 2] }],
    [1, -1, 1.5],
  ),
  evaluates(
    '$abs, $ceil, $floor and $trunc keep the type',
    {},
    [{ $abs: -3 }, { $ceil: 1.2 }, { $floor: -1.2 }, { $trunc: -1.7 }],
    [3, double(2), double(-2), double(-1)],
  ),
  evaluates(
    '$round rounds half to even',
    {},
    [{ $round: 2.5 }, { $round: 3.5 }, { $round: [1234.567, 2] }, { $round: [1250, -2] }],
    [double(2), double(4), 1234.57, 1200],
  ),
  evaluates('$pow and $sqrt', {}, [{ $pow: [2, 10] }, { $sqrt: 16 }], [1024, double(4)]),
  refuses('refuses to add text', { $add: ['$text', 1] }, 14),
  refuses('refuses to divide by zero', { $divide: [1, 0] }, 2),
  refuses('refuses the wrong number of operands', { $divide: [1] }, 16020),
]);

manual('expressions: comparing and deciding', [
  evaluates(
    'compares values of different types by the order of types',
    { a: 'x' },
    [{ $gt: ['$a', 5] }, { $lt: [null, 0] }, { $cmp: [true, 'x'] }],
    [true, true, 1],
  ),
  evaluates(
    'takes a missing field for less than null',
    { n: null },
    [{ $lt: ['$zz', null] }, { $eq: ['$zz', null] }, { $gt: ['$n', null] }],
    [true, false, false],
  ),
  evaluates(
    'compares an array as a whole',
    { l: [1, 2] },
    [{ $eq: ['$l', 1] }, { $eq: ['$l', [1, 2]] }, { $ne: ['$l', [2, 1]] }],
    [false, true, true],
  ),
  evaluates(
    'equates numbers of all types',
    {},
    [{ $eq: [1, double(1)] }, { $eq: [long(1), decimal('1.0')] }],
    [true, true],
  ),
  evaluates(
    'takes zero, null and missing for false, anything else for true',
    { z: 0, t: '', l: [] },
    [{ $and: ['$z'] }, { $or: ['$n', '$t'] }, { $not: ['$l'] }, { $not: [null] }],
    [false, true, false, true],
  ),
  evaluates('$and of nothing is true, $or of nothing false', {}, [{ $and: [] }, { $or: [] }], [true, false]),
  evaluates(
    '$cond takes a list or names',
    { a: 5 },
    [{ $cond: [{ $gt: ['$a', 3] }, 'big', 'small'] }, { $cond: { ...branch('$zz', 1, 'if'), else: 2 } }],
    ['big', 2],
  ),
  evaluates(
    '$ifNull gives the first that is there',
    { a: null, b: 0 },
    [{ $ifNull: ['$a', 'none'] }, { $ifNull: ['$zz', '$a', '$b', 1] }],
    ['none', 0],
  ),
  evaluates(
    '$switch gives the first branch that holds',
    { a: 5 },
    {
      $switch: {
        branches: [branch({ $lt: ['$a', 3] }, 'low'), branch({ $lt: ['$a', 9] }, 'middle')],
        default: 'high',
      },
    },
    'middle',
  ),
  evaluates(
    '$switch gives the default otherwise',
    { a: 50 },
    { $switch: { branches: [branch({ $lt: ['$a', 3] }, 'low')], default: 'high' } },
    'high',
  ),
  refuses('$switch refuses to end without a branch', { $switch: { branches: [branch(false, 1)] } }, 40066),
  evaluates(
    '$in looks for a value in a list',
    { l: [1, 'x'] },
    [{ $in: ['x', '$l'] }, { $in: [2, '$l'] }],
    [true, false],
  ),
  refuses('$in refuses what is no array', { $in: [1, '$text'] }, 40081),
  evaluates(
    '$let binds variables',
    { a: 2 },
    { $let: { vars: { x: { $add: ['$a', 1] } }, in: { $multiply: ['$$x', '$$x'] } } },
    9,
  ),
  evaluates('$literal keeps dollar signs', {}, { $literal: '$a' }, '$a'),
  evaluates('$$ROOT is the whole document', { a: 1 }, '$$ROOT', { _id: 1, a: 1 }),
  refuses('refuses an unknown operator', { $plus: [1, 2] }, 168),
  refuses('refuses an unknown variable', '$$nobody', 17276),
  refuses('refuses two operators in one expression', { $add: [1], $subtract: [1, 2] }, 15983),
]);
