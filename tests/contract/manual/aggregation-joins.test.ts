import type { Document } from 'mongodb';
import { byId, idOnly, refuses, sales, yields } from './aggregation-rows.js';
import { long } from './numbers.js';
import { aggregate, command, steps } from './operations.js';
import { manual, type Operation, type Row } from './table.js';

/** Another collection of the row's database. */
const other = (name: string, documents: Document[]): Operation =>
  command(() => ({ insert: name, documents }));

const stock = [
  { _id: 1, sku: 'a', left: 10 },
  { _id: 2, sku: 'b', left: 0 },
  { _id: 3, left: 7 },
  { _id: 4, sku: null, left: 8 },
];

function joins(title: string, pipeline: Document[], rows: unknown[], given: Document[] = sales): Row {
  return { title, given, when: steps(other('stock', stock), aggregate(pipeline)), gives: rows };
}

const join = (options: Document): Document => ({ $lookup: { from: 'stock', as: 'found', ...options } });
const foundIds = { $project: { found: '$found._id' } };

manual('aggregation: joining and splitting', [
  joins(
    '$lookup finds equal fields, and null and missing ones for missing ones',
    [join({ localField: 'item', foreignField: 'sku' }), byId, foundIds],
    [
      { _id: 1, found: [1] },
      { _id: 2, found: [2] },
      { _id: 3, found: [1] },
      { _id: 4, found: [3, 4] },
    ],
  ),
  joins(
    '$lookup finds a match for any element of an array',
    [join({ localField: 'l', foreignField: 'sku' }), foundIds],
    [{ _id: 1, found: [1, 2] }],
    [{ _id: 1, l: ['b', 'a', 'z'] }],
  ),
  joins(
    '$lookup runs a pipeline with variables',
    [
      { $match: { _id: 2 } },
      join({
        let: { wanted: '$n' },
        pipeline: [
          { $match: { $expr: { $gt: ['$left', '$$wanted'] } } },
          { $sort: { left: -1 } },
          { $project: { _id: 0, left: 1 } },
        ],
      }),
      { $project: { found: 1 } },
    ],
    [{ _id: 2, found: [{ left: 10 }, { left: 8 }, { left: 7 }] }],
  ),
  joins(
    '$lookup runs a pipeline on what equal fields found',
    [
      { $match: { _id: 1 } },
      join({ localField: 'item', foreignField: 'sku', pipeline: [{ $project: { _id: 0, left: 1 } }] }),
      { $project: { found: 1 } },
    ],
    [{ _id: 1, found: [{ left: 10 }] }],
  ),
  joins(
    '$lookup gives an empty array for a collection that does not exist',
    [
      { $match: { _id: 1 } },
      { $lookup: { from: 'none', localField: 'item', foreignField: 'x', as: 'found' } },
      { $project: { found: 1 } },
    ],
    [{ _id: 1, found: [] }],
  ),
  refuses(
    '$lookup refuses to go without as',
    [{ $lookup: { from: 'stock', localField: 'a', foreignField: 'b' } }],
    9,
  ),
  refuses('$lookup refuses one field of two', [{ $lookup: { from: 'stock', localField: 'a', as: 'b' } }], 9),
  joins(
    '$unionWith adds the documents of another collection',
    [
      { $match: { _id: 1 } },
      idOnly,
      {
        $unionWith: { coll: 'stock', pipeline: [{ $match: { left: 0 } }, { $project: { _id: 0, sku: 1 } }] },
      },
    ],
    [{ _id: 1 }, { sku: 'b' }],
  ),
  joins('$unionWith takes the name alone', [{ $unionWith: 'stock' }, { $count: 'n' }], [{ n: 8 }]),
  yields(
    '$facet runs pipelines side by side',
    [
      {
        $facet: {
          all: [{ $count: 'n' }],
          big: [{ $match: { n: { $gt: 2 } } }, byId, idOnly],
          none: [{ $match: { n: 99 } }],
        },
      },
    ],
    [{ all: [{ n: 4 }], big: [{ _id: 2 }, { _id: 3 }], none: [] }],
  ),
  yields('$count counts rows under a name', [{ $match: { item: 'a' } }, { $count: 'items' }], [{ items: 2 }]),
  yields('$count gives no row for none', [{ $match: { item: 'z' } }, { $count: 'items' }], []),
  refuses('$count refuses an empty name', [{ $count: '' }], 40157),
  refuses('$count refuses a name with a dollar sign', [{ $count: '$n' }], 40158),
  refuses('$count refuses a name with a dot', [{ $count: 'a.b' }], 40160),
  yields(
    '$sortByCount groups and sorts by number',
    [{ $unwind: '$tags' }, { $sortByCount: '$tags' }],
    [
      { _id: 'y', count: 2 },
      { _id: 'x', count: 1 },
    ],
  ),
  yields(
    '$bucket groups by boundaries, the rest by default',
    [
      {
        $bucket: {
          groupBy: '$n',
          boundaries: [0, 3, 10],
          default: 'other',
          output: { n: { $sum: 1 }, ids: { $push: '$_id' } },
        },
      },
    ],
    [
      { _id: 0, n: 1, ids: [1] },
      { _id: 3, n: 2, ids: [2, 3] },
      { _id: 'other', n: 1, ids: [4] },
    ],
  ),
  yields(
    '$bucket counts when it is told nothing else',
    [{ $match: { n: { $gt: 0 } } }, { $bucket: { groupBy: '$n', boundaries: [0, 3, 10] } }],
    [
      { _id: 0, count: 1 },
      { _id: 3, count: 2 },
    ],
  ),
  yields(
    '$sample gives as many as asked for, if there are',
    [{ $sample: { size: 3 } }, { $count: 'n' }],
    [{ n: 3 }],
  ),
  {
    title: '$graphLookup follows references from document to document',
    given: [
      { _id: 1, boss: null },
      { _id: 2, boss: 1 },
      { _id: 3, boss: 2 },
      { _id: 4, boss: 1 },
    ],
    when: aggregate([
      { $match: { _id: 3 } },
      {
        $graphLookup: {
          from: 'things',
          startWith: '$boss',
          connectFromField: 'boss',
          connectToField: '_id',
          as: 'above',
          depthField: 'depth',
        },
      },
      { $unwind: '$above' },
      { $sort: { 'above.depth': 1 } },
      { $project: { _id: 0, id: '$above._id', depth: '$above.depth' } },
    ]),
    gives: [
      { id: 2, depth: long(0) },
      { id: 1, depth: long(1) },
    ],
  },
]);
