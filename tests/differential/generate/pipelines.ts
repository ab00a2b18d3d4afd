import { Int32 } from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';
import { type Operation, SUBJECT } from '../operation.js';
import { rowsText } from '../outcome.js';
import { Expressions } from './expressions.js';

/** How many pipelines run on the same documents. */
const PIPELINES = 12;

/** Pipelines of one to four stages. */
export function pipelineOperations(random: Random): Operation[] {
  const make = new Stages(random);
  const documents = make.documents();
  return Array.from({ length: PIPELINES }, () => {
    const pipeline = [IN_ORDER, ...make.pipeline()];
    return {
      documents,
      reads: !setsInside(pipeline),
      command: { aggregate: SUBJECT, pipeline, cursor: {} },
      observe,
    };
  });
}

const observe: Operation['observe'] = async (server, command) =>
  rowsText(await server.run(command), { anyOrder: !isSorted(command.pipeline) });

/** What is sorted last, with every `_id` once, has one order. */
const isSorted = (pipeline: Document[]): boolean =>
  pipeline.every((stage) => Object.keys(stage).every((name) => KEEPS_IDS.has(name))) &&
  Object.keys(pipeline.at(-1) ?? {}).every((name) => name === '$sort');

const KEEPS_IDS = new Set([
  '$match',
  '$sort',
  '$limit',
  '$skip',
  '$addFields',
  '$set',
  '$unset',
  '$group',
  '$lookup',
]);

/** What is set inside an embedded document stays set in what a witness holds, so it needs its documents anew. */
const setsInside = (pipeline: Document[]): boolean =>
  /"[oq]\.[rfi]"|"o":\{"r"/.test(JSON.stringify(pipeline));

/** A witness keeps its documents in no order. */
const IN_ORDER: Document = { $sort: { _id: new Int32(1) } };

const int = (value: number): Int32 => new Int32(value);

type Maker = (make: Stages) => Document[];

/** The stages, the common ones several times. What depends on an order sorts first. */
const STAGES: readonly [Maker, ...Maker[]] = [
  (make) => [{ $match: make.filter() }],
  (make) => [{ $match: make.filter() }],
  (make) => [{ $project: make.projection() }],
  (make) => [{ $project: make.projection() }],
  (make) => [{ $addFields: make.additions() }],
  (make) => [{ $set: make.additions() }],
  (make) => [{ $unset: make.pick<unknown>('n', 'q.x', ['s', 'o.x'], ['q', 'l']) }],
  (make) => [{ $group: make.group() }],
  (make) => [{ $group: make.group() }],
  (make) => [{ $group: make.group() }],
  (make) => [
    { $sort: make.pick<Document>({ _id: int(1) }, { n: int(-1), _id: int(1) }, { s: int(1), _id: int(-1) }) },
  ],
  (make) => [{ $sort: { _id: int(1) } }, { $limit: int(1 + make.below(3)) }],
  (make) => [{ $sort: { _id: int(-1) } }, { $skip: int(make.below(3)) }],
  (make) => [{ $unwind: make.unwind() }],
  (make) => [{ $unwind: make.unwind() }],
  (make) => [{ $lookup: make.lookup() }],
  (make) => [{ $lookup: make.lookup() }],
  (make) => [{ $facet: { p: make.pipeline(1, FACETS), q: make.pipeline(2, FACETS) } }],
  () => [{ $count: 'total' }],
  (make) => [{ $sortByCount: make.key() }],
  (make) => [{ $bucket: make.bucket() }],
  (make) => [{ $replaceRoot: { newRoot: make.root() } }],
  (make) => [{ $replaceWith: make.root() }],
  (make) => [{ $unionWith: { coll: SUBJECT, pipeline: [{ $match: make.filter() }] } }],
  (make) => [{ $sample: { size: int(1 + make.below(9)) } }, { $count: 'sampled' }],
  (make) => [{ $graphLookup: make.graphLookup() }, { $addFields: { g: { $size: '$g' } } }],
];

/** Stages that may stand in a `$facet`, in an order that makes its arrays comparable. */
const FACETS: readonly [Maker, ...Maker[]] = [
  (make) => [{ $match: make.filter() }],
  (make) => [{ $project: { s: int(1), n: int(1) } }, { $sort: { _id: int(make.pick(1, -1)) } }],
  (make) => [{ $group: make.group() }, { $sort: { _id: int(1) } }],
  () => [{ $count: 'n' }],
];

/** What comes after rows without an `_id` brings FerretDB down for good. */
const losesIds = (stage: Document = {}): boolean =>
  Object.hasOwn(stage, '$count') || Number(stage.$project?._id) === 0;

/** Draws stages and the documents they run on. */
class Stages {
  private readonly expressions: Expressions;

  constructor(private readonly random: Random) {
    this.expressions = new Expressions(random);
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  pick<T>(...choices: readonly [T, ...T[]]): T {
    return this.random.pick(choices);
  }

  /** The documents of the expressions, and in `q` an array of documents. */
  documents(): Document[] {
    return this.expressions.documents(7).map((document) => {
      if (this.below(5) === 0) return document;
      const q = Array.from({ length: this.below(4) }, () => this.element());
      return { ...document, q };
    });
  }

  private element(): Document {
    const element: Document = {};
    if (this.below(4) > 0) element.x = this.expressions.constant('whole');
    if (this.below(3) > 0) element.y = this.expressions.constant('text');
    return element;
  }

  pipeline(most = 4, makers = STAGES): Document[] {
    const stages: Document[] = [];
    const length = 1 + this.below(most);
    for (let i = 0; i < length && !losesIds(stages.at(-1)); i++)
      stages.push(...this.random.pick(makers)(this));
    return stages;
  }

  filter(): Document {
    const { expressions } = this;
    return this.pick<() => Document>(
      () => ({ n: { [this.pick('$gt', '$lte', '$ne')]: expressions.constant('number') } }),
      () => ({ b: this.below(2) === 0 }),
      () => ({ s: { $in: [expressions.constant('text'), expressions.constant('text')] } }),
      () => ({ _id: { $gt: int(this.below(4)) } }),
      () => ({ 'q.x': expressions.constant('whole') }),
      () => ({ z: { $exists: this.below(2) === 0 } }),
    )();
  }

  private expression(): unknown {
    const kind = this.pick('number', 'text', 'list', 'truth', 'object', 'any');
    return this.expressions.of(kind);
  }

  projection(): Document {
    const { expressions } = this;
    return this.pick<() => Document>(
      () => ({ n: int(1), s: int(1) }),
      () => ({ _id: int(0), l: int(1), 'q.x': int(1) }),
      () => ({ 'o.x': true, b: true }),
      () => ({ o: { x: int(1) }, q: int(1) }),
      () => ({ z: int(0), 'q.y': int(0) }),
      () => ({ r: this.expression() }),
      () => ({ n: int(1), r: this.expression(), v: '$s' }),
      () => ({ 'o.r': this.expression(), s: int(1) }),
      () => ({ _id: '$n', s: int(1) }),
      () => ({ v: expressions.of('number'), w: '$q.x' }),
    )();
  }

  additions(): Document {
    return this.pick<() => Document>(
      () => ({ r: this.expression() }),
      () => ({ n: this.expression(), v: '$q' }),
      () => ({ 'o.r': this.expression() }),
      () => ({ o: { r: '$n' } }),
      () => ({ 'q.r': '$s' }),
      () => ({ s: '$missing', t: null }),
      () => ({ r: { $literal: { a: int(1) } } }),
    )();
  }

  /** What groups are told apart by. */
  key(): unknown {
    return this.pick<unknown>(
      '$b',
      '$n',
      '$m',
      '$s',
      '$o.x',
      '$z',
      '$q.x',
      { $type: '$n' },
      { $ifNull: ['$n', '$m'] },
    );
  }

  group(): Document {
    const fields: Document = {};
    for (const field of ['p', 'q', 'n'].slice(0, 1 + this.below(3))) fields[field] = this.accumulator();
    return { _id: this.pick(null, { b: '$b', m: '$m' }, this.key(), this.key(), this.key()), ...fields };
  }

  private accumulator(): Document {
    const of = this.pick<unknown>('$n', '$m', '$s', '$z', '$l', '$o.x', '$b', { $add: ['$n', int(1)] });
    return this.pick<Document>(
      { $sum: int(1) },
      { $sum: of },
      { $sum: '$n' },
      { $avg: of },
      { $avg: '$n' },
      { $min: of },
      { $max: of },
      { $first: of },
      { $last: of },
      { $push: of },
      { $push: { n: '$n', s: '$s' } },
      { $addToSet: of },
      { $stdDevPop: '$n' },
      { $stdDevSamp: '$m' },
      { $mergeObjects: '$o' },
      { $count: {} },
      { $firstN: { input: of, n: int(2) } },
      { $top: { output: '$s', sortBy: { _id: int(-1) } } },
    );
  }

  unwind(): unknown {
    const path = this.pick('$l', '$k', '$q', '$o.x', '$s', '$z');
    const options: Document = {};
    if (this.below(2) === 0) options.preserveNullAndEmptyArrays = this.below(3) > 0;
    if (this.below(2) === 0) options.includeArrayIndex = this.pick('i', 'i', 'i', 'o.i');
    return this.below(2) === 0 ? path : { path, ...options };
  }

  lookup(): Document {
    const as = this.pick('f', 'f', 'f', 'f', 'o.f');
    const localField = this.pick('m', 'n', 'l', 'q.x', 'o.x', '_id', 'missing');
    const foreignField = this.pick('_id', 'm', 'n', 'k', 'q.x', 'z');
    const from = SUBJECT;
    const pipeline = [{ $project: { s: int(1) } }];
    return this.pick<Document>(
      { from, localField, foreignField, as },
      { from, localField, foreignField, as },
      { from, localField, foreignField, as },
      { from, localField, foreignField, as },
      { from, localField, foreignField, pipeline: [{ $match: this.filter() }, ...pipeline], as },
      { from, pipeline: [{ $match: this.filter() }, ...pipeline], as },
      { from, let: { v: '$m' }, pipeline: [{ $match: { $expr: { $eq: ['$m', '$$v'] } } }, ...pipeline], as },
      { from, let: { v: '$n' }, pipeline: [{ $addFields: { w: '$$v' } }, { $project: { w: int(1) } }], as },
    );
  }

  bucket(): Document {
    const boundaries = [int(-10), int(0), int(2), int(5)];
    const output = { count: { $sum: int(1) }, who: { $push: '$_id' } };
    return this.pick<Document>(
      { groupBy: '$m', boundaries, default: 'other' },
      { groupBy: '$n', boundaries, default: int(100), output },
      { groupBy: '$_id', boundaries: [int(0), int(3), int(20)], output },
      { groupBy: '$m', boundaries },
    );
  }

  root(): unknown {
    return this.pick<unknown>(
      '$o',
      '$$ROOT',
      { $mergeObjects: ['$o', { n: '$n' }] },
      { v: '$s', l: '$l' },
      '$z',
    );
  }

  graphLookup(): Document {
    const connectFromField = this.pick('m', 'n', 'q.x');
    const connectToField = this.pick('_id', 'm');
    return { from: SUBJECT, startWith: `$${connectFromField}`, connectFromField, connectToField, as: 'g' };
  }
}
