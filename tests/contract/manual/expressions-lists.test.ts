import { evaluates, refuses } from './expression-rows.js';
import { double } from './numbers.js';
import { manual } from './table.js';

manual('expressions: strings', [
  evaluates(
    '$concat joins, and gives null for null',
    { a: 'x' },
    [{ $concat: ['$a', '-', 'y'] }, { $concat: ['$a', null] }],
    ['x-y', null],
  ),
  refuses('$concat refuses numbers', { $concat: ['a', 1] }, 16702),
  evaluates(
    '$toUpper and $toLower, with an empty text for null',
    {},
    [{ $toUpper: 'aB' }, { $toLower: 'aB' }, { $toUpper: null }],
    ['AB', 'ab', ''],
  ),
  evaluates(
    '$substrCP counts code points',
    {},
    [{ $substrCP: ['héllo', 1, 3] }, { $substrCP: ['\u{1f600}b', 1, 5] }],
    ['éll', 'b'],
  ),
  evaluates('$substrBytes counts bytes', {}, { $substrBytes: ['héllo', 3, 2] }, 'll'),
  evaluates(
    '$strLenCP and $strLenBytes',
    {},
    [{ $strLenCP: 'h\u{1f600}é' }, { $strLenBytes: 'h\u{1f600}é' }],
    [3, 7],
  ),
  refuses('$strLenCP refuses null', { $strLenCP: null }, 34471),
  evaluates(
    '$indexOfCP finds a place, or -1',
    {},
    [{ $indexOfCP: ['banana', 'na'] }, { $indexOfCP: ['banana', 'na', 3] }, { $indexOfCP: ['banana', 'x'] }],
    [2, 4, -1],
  ),
  evaluates(
    '$split',
    {},
    [{ $split: ['a-b-', '-'] }, { $split: ['a', '-'] }, { $split: [null, '-'] }],
    [['a', 'b', ''], ['a'], null],
  ),
  evaluates(
    '$trim, $ltrim and $rtrim',
    {},
    [
      { $trim: { input: '  a ' } },
      { $ltrim: { input: 'xxay', chars: 'x' } },
      { $rtrim: { input: 'a?!', chars: '!?' } },
    ],
    ['a', 'ay', 'a'],
  ),
  evaluates(
    '$replaceOne and $replaceAll',
    {},
    [
      { $replaceOne: { input: 'aba', find: 'a', replacement: 'x' } },
      { $replaceAll: { input: 'aba', find: 'a', replacement: 'x' } },
    ],
    ['xba', 'xbx'],
  ),
  evaluates(
    '$regexMatch',
    { t: 'Apple' },
    [
      { $regexMatch: { input: '$t', regex: '^app', options: 'i' } },
      { $regexMatch: { input: '$t', regex: /^app/ } },
      { $regexMatch: { input: '$zz', regex: 'a' } },
    ],
    [true, false, false],
  ),
  evaluates(
    '$regexFind tells where and what',
    {},
    { $regexFind: { input: 'cafe 12', regex: '([a-z]+) (\\d)?(x)?' } },
    { match: 'cafe 1', idx: 0, captures: ['cafe', '1', null] },
  ),
  evaluates('$regexFindAll finds every match', {}, { $regexFindAll: { input: 'a1b2', regex: '[0-9]' } }, [
    { match: '1', idx: 1, captures: [] },
    { match: '2', idx: 3, captures: [] },
  ]),
  evaluates('$strcasecmp', {}, [{ $strcasecmp: ['ABC', 'abc'] }, { $strcasecmp: ['a', 'b'] }], [0, -1]),
]);

manual('expressions: arrays and documents', [
  evaluates('$size counts elements', { l: [1, [2]] }, { $size: '$l' }, 2),
  refuses('$size refuses what is no array', { $size: '$text' }, 17124),
  evaluates(
    '$arrayElemAt counts from the end too',
    { l: [1, 2, 3] },
    [{ $arrayElemAt: ['$l', 0] }, { $arrayElemAt: ['$l', -1] }],
    [1, 3],
  ),
  evaluates('$arrayElemAt gives nothing beyond the end', { l: [1] }, { $arrayElemAt: ['$l', 5] }, undefined),
  evaluates('$first and $last', { l: [1, 2, 3] }, [{ $first: '$l' }, { $last: '$l' }], [1, 3]),
  evaluates(
    '$slice',
    { l: [1, 2, 3, 4] },
    [{ $slice: ['$l', 2] }, { $slice: ['$l', -1] }, { $slice: ['$l', 1, 2] }],
    [[1, 2], [4], [2, 3]],
  ),
  evaluates(
    '$concatArrays, and null for null',
    { l: [1] },
    [{ $concatArrays: ['$l', [2, [3]]] }, { $concatArrays: ['$l', null] }],
    [[1, 2, [3]], null],
  ),
  evaluates(
    '$concatArrays and $setUnion take long arrays',
    { n: 700_000 },
    [
      { $size: { $concatArrays: [{ $range: [0, '$n'] }, { $range: [0, '$n'] }] } },
      { $size: { $setUnion: [{ $range: [0, '$n'] }, []] } },
    ],
    [1_400_000, 700_000],
  ),
  evaluates(
    '$filter keeps what a condition holds for',
    { l: [1, 5, 9] },
    [
      { $filter: { input: '$l', as: 'n', cond: { $gt: ['$$n', 3] } } },
      { $filter: { input: '$l', cond: { $gt: ['$$this', 3] }, limit: 1 } },
    ],
    [[5, 9], [5]],
  ),
  refuses('$filter refuses what is no array', { $filter: { input: '$text', cond: true } }, 28651),
  evaluates(
    '$map computes for each element',
    { l: [1, 2] },
    { $map: { input: '$l', as: 'n', in: { $multiply: ['$$n', 10] } } },
    [10, 20],
  ),
  refuses('$map refuses what is no array', { $map: { input: '$text', in: 1 } }, 16883),
  evaluates(
    '$reduce folds',
    { l: ['a', 'b'] },
    { $reduce: { input: '$l', initialValue: '', in: { $concat: ['$$value', '$$this'] } } },
    'ab',
  ),
  evaluates(
    '$indexOfArray',
    { l: ['a', 'b', 'a'] },
    [{ $indexOfArray: ['$l', 'a'] }, { $indexOfArray: ['$l', 'a', 1] }, { $indexOfArray: ['$l', 'z'] }],
    [0, 2, -1],
  ),
  evaluates(
    '$range',
    {},
    [{ $range: [0, 3] }, { $range: [5, 0, -2] }],
    [
      [0, 1, 2],
      [5, 3, 1],
    ],
  ),
  evaluates(
    '$reverseArray and $isArray',
    { l: [1, 2] },
    [{ $reverseArray: '$l' }, { $isArray: '$l' }, { $isArray: 'x' }],
    [[2, 1], true, false],
  ),
  evaluates(
    '$zip',
    {},
    [
      { $zip: { inputs: [[1, 2], ['a']] } },
      { $zip: { inputs: [[1, 2], ['a']], useLongestLength: true, defaults: [0, 'z'] } },
    ],
    [
      [[1, 'a']],
      [
        [1, 'a'],
        [2, 'z'],
      ],
    ],
  ),
  evaluates(
    '$sortArray sorts values, and documents by fields',
    { l: [3, 'x', 1], d: [{ n: 2 }, { n: 1 }] },
    [{ $sortArray: { input: '$l', sortBy: 1 } }, { $sortArray: { input: '$d', sortBy: { n: 1 } } }],
    [
      [1, 3, 'x'],
      [{ n: 1 }, { n: 2 }],
    ],
  ),
  evaluates(
    '$sum, $avg, $min and $max of a list',
    { l: [1, 2, 'x'] },
    [{ $sum: '$l' }, { $avg: '$l' }, { $min: '$l' }, { $max: '$l' }, { $max: [1, 5, null] }],
    [3, 1.5, 1, 'x', 5],
  ),
  evaluates(
    'set operators compare by value',
    {},
    [
      { $setIsSubset: [[1], [double(1), 2]] },
      {
        $setEquals: [
          [1, 2, 2],
          [2, 1],
        ],
      },
      {
        $setIntersection: [
          [1, 2],
          [2, 3],
        ],
      },
      { $setDifference: [[1, 2], [2]] },
    ],
    [true, true, [2], [1]],
  ),
  evaluates(
    '$anyElementTrue and $allElementsTrue',
    {},
    [{ $anyElementTrue: [[0, 1]] }, { $allElementsTrue: [[0, 1]] }, { $allElementsTrue: [[]] }],
    [true, false, true],
  ),
  evaluates(
    '$objectToArray and $arrayToObject',
    { d: { a: 1, b: 2 } },
    [
      { $objectToArray: '$d' },
      { $arrayToObject: [[{ k: 'x', v: 1 }]] },
      { $arrayToObject: { $literal: [['y', 2]] } },
    ],
    [
      [
        { k: 'a', v: 1 },
        { k: 'b', v: 2 },
      ],
      { x: 1 },
      { y: 2 },
    ],
  ),
  evaluates(
    '$mergeObjects lets the last win and passes over null',
    { d: { a: 1, b: 2 } },
    { $mergeObjects: ['$d', null, { b: 3 }] },
    { a: 1, b: 3 },
  ),
  evaluates(
    '$getField reads names with dots and dollar signs',
    { 'a.b': 1, $c: 2 },
    [{ $getField: 'a.b' }, { $getField: { $literal: '$c' } }],
    [1, 2],
  ),
  evaluates(
    'a path collects from the documents of an array, not by position',
    { l: [{ x: 1 }, { y: 2 }, { x: 3 }, 4] },
    ['$l.x', '$l.0'],
    [[1, 3], []],
  ),
]);
