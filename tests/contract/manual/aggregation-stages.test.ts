import type { Document } from 'mongodb';
import { byId, idOnly, refuses, sales, yields } from './aggregation-rows.js';
import { long } from './numbers.js';
import { aggregate, command } from './operations.js';
import { manual, type Row } from './table.js';

const thousands = { $range: [0, 2000] };
const manyRows = [{ $project: { a: thousands, b: thousands } }, { $unwind: '$a' }, { $unwind: '$b' }];

manual('aggregation: the shape of a pipeline', [
  yields('gives every document for an empty pipeline', [], sales),
  { title: 'gives nothing where there is nothing', when: aggregate([{ $match: {} }]), gives: [] },
  yields(
    'runs stages one after the other',
    [{ $match: { n: { $gt: 2 } } }, { $sort: { n: -1 } }, { $skip: 1 }, { $limit: 1 }, idOnly],
    [{ _id: 3 }],
  ),
  yields('limits before it skips when told so', [byId, { $limit: 2 }, { $skip: 1 }, idOnly], [{ _id: 2 }]),
  yields(
    'matches what earlier stages computed',
    [{ $set: { double: { $multiply: ['$n', 2] } } }, { $match: { double: 10 } }, idOnly],
    [{ _id: 2 }],
  ),
  refuses('refuses a pipeline that is no array', { $match: {} }, 14),
  refuses('refuses a stage that is no document', ['$match'], 14),
  refuses('refuses an empty stage', [{}], 40323),
  refuses('refuses two stages in one', [{ $match: {}, $limit: 1 }], 40323),
  refuses('refuses an unknown stage', [{ $filterOut: {} }], 40324),
  refuses('refuses $match without a document', [{ $match: 1 }], 15959),
  refuses('refuses an unknown operator in $match', [{ $match: { a: { $x: 1 } } }], 2),
  refuses('refuses $sort without a document', [{ $sort: 1 }], 15973),
  refuses('refuses $sort by nothing', [{ $sort: {} }], 15976),
  refuses('refuses a direction of $sort other than 1 and -1', [{ $sort: { a: 2 } }], 15975),
  refuses('refuses a $limit of 0', [{ $limit: 0 }], 15958),
  refuses('refuses a negative $limit', [{ $limit: -1 }], 5107201),
  refuses('refuses a negative $skip', [{ $skip: -1 }], 5107200),
  refuses('refuses a $limit that is not whole', [{ $limit: 1.5 }], 5107201),
  refuses('refuses a $skip that is not whole', [{ $skip: 1.5 }], 5107200),
  {
    title: 'refuses a pipeline without a cursor',
    given: sales,
    when: command((name) => ({ aggregate: name, pipeline: [] })),
    refused: 9,
  },
  ...['$out', '$merge', '$setWindowFields', '$bucketAuto', '$densify', '$fill'].map(
    (stage): Row => ({ ...refuses(`refuses ${stage}`, [{ [stage]: 'other' }], 115), embeddedOnly: true }),
  ),
  {
    ...refuses('refuses to make millions of documents of a few', manyRows, 292),
    embeddedOnly: true,
  },
]);

const one = [{ _id: 1, a: 1, b: { c: 2, d: 3 }, l: [{ x: 1, y: 2 }, { x: 3 }] }];

function shapes(title: string, stage: Document, document: Document): Row {
  return yields(title, [stage], [document], one);
}

manual('aggregation: stages that shape documents', [
  shapes(
    '$project gives the named fields and _id',
    { $project: { a: 1, 'b.c': 1 } },
    { _id: 1, a: 1, b: { c: 2 } },
  ),
  shapes('$project leaves out fields', { $project: { b: 0, 'l.x': 0 } }, { _id: 1, a: 1, l: [{ y: 2 }, {}] }),
  shapes(
    '$project computes fields behind those it keeps',
    { $project: { _id: 0, sum: { $add: ['$a', '$b.c'] }, a: 1 } },
    { a: 1, sum: 3 },
  ),
  shapes(
    '$project makes nested documents and arrays',
    { $project: { _id: 0, b: { e: '$a' }, l: ['$a', '$zz'] } },
    { b: { e: 1 }, l: [1, null] },
  ),
  shapes(
    '$project leaves out a computed field by $$REMOVE',
    { $project: { _id: 0, a: 1, z: { $cond: [{ $gt: ['$a', 5] }, '$a', '$$REMOVE'] } } },
    { a: 1 },
  ),
  shapes('$project gives no field for a path that leads nowhere', { $project: { z: '$b.zz' } }, { _id: 1 }),
  shapes(
    '$project collects a field from the documents of an array',
    { $project: { _id: 0, xs: '$l.x', ys: '$l.y' } },
    { xs: [1, 3], ys: [2] },
  ),
  refuses('$project refuses to name nothing', [{ $project: {} }], 51272),
  refuses('$project refuses to leave out among named fields', [{ $project: { a: 1, b: 0 } }], 31254),
  refuses('$project refuses to name among fields left out', [{ $project: { a: 0, b: 1 } }], 31253),
  refuses('$project refuses what is no document', [{ $project: 'a' }], 15969),
  shapes(
    '$set adds fields and replaces others',
    { $set: { a: 'new', z: '$b.c' } },
    { ...one[0], a: 'new', z: 2 },
  ),
  shapes('$set adds to nested documents', { $set: { 'b.e': 5 } }, { ...one[0], b: { c: 2, d: 3, e: 5 } }),
  shapes(
    '$set adds to every document of an array',
    { $set: { 'l.z': 0 } },
    {
      ...one[0],
      l: [
        { x: 1, y: 2, z: 0 },
        { x: 3, z: 0 },
      ],
    },
  ),
  shapes('$addFields does the same', { $addFields: { z: true } }, { ...one[0], z: true }),
  shapes('$unset removes a field', { $unset: 'b' }, { _id: 1, a: 1, l: [{ x: 1, y: 2 }, { x: 3 }] }),
  shapes('$unset removes several, nested ones too', { $unset: ['l', 'b.c'] }, { _id: 1, a: 1, b: { d: 3 } }),
  shapes(
    '$replaceRoot puts a document in place of the whole',
    { $replaceRoot: { newRoot: '$b' } },
    { c: 2, d: 3 },
  ),
  shapes('$replaceWith merges', { $replaceWith: { $mergeObjects: [{ z: 0 }, '$b'] } }, { z: 0, c: 2, d: 3 }),
  refuses('$replaceRoot refuses what is no document', [{ $replaceRoot: { newRoot: '$item' } }], 40228),
  yields(
    '$unwind gives a row for each element, and none for empty, null and missing arrays',
    [{ $unwind: '$tags' }, byId, { $project: { tags: 1 } }],
    [
      { _id: 1, tags: 'x' },
      { _id: 1, tags: 'y' },
      { _id: 2, tags: 'y' },
    ],
  ),
  yields(
    '$unwind keeps them by preserveNullAndEmptyArrays',
    [{ $unwind: { path: '$tags', preserveNullAndEmptyArrays: true } }, { $match: { _id: { $gt: 2 } } }, byId],
    [
      { _id: 3, item: 'a', n: 3 },
      { _id: 4, n: null },
    ],
  ),
  yields(
    '$unwind numbers the elements',
    [
      { $match: { _id: 1 } },
      { $unwind: { path: '$tags', includeArrayIndex: 'at' } },
      { $project: { _id: 0, tags: 1, at: 1 } },
    ],
    [
      { tags: 'x', at: long(0) },
      { tags: 'y', at: long(1) },
    ],
  ),
  yields(
    '$unwind takes what is no array for its only element',
    [
      { $match: { _id: 1 } },
      { $unwind: { path: '$item', includeArrayIndex: 'at' } },
      { $project: { _id: 0, item: 1, at: 1 } },
    ],
    [{ item: 'a', at: null }],
  ),
  refuses('$unwind refuses a path without a dollar sign', [{ $unwind: 'tags' }], 28818),
  refuses('$unwind refuses options without a path', [{ $unwind: {} }], 28812),
  refuses('$unwind refuses what is neither a path nor options', [{ $unwind: 1 }], 15981),
]);
