import { Double, Int32, Long, ObjectId } from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';
import { type Operation, SUBJECT } from '../operation.js';
import { rowsText } from '../outcome.js';

/** What kind of value an expression is meant to give. */
type Kind = 'number' | 'whole' | 'text' | 'list' | 'date' | 'object' | 'truth' | 'any';

/** The field of the documents that mostly holds such a value. */
const FIELD_OF: Readonly<Record<Kind, readonly [string, ...string[]]>> = {
  number: ['n', 'm'],
  whole: ['m'],
  text: ['s', 't'],
  list: ['l', 'k'],
  date: ['d'],
  object: ['o'],
  truth: ['b'],
  any: ['n', 's', 'l', 'd', 'o', 'b', 'z', 'o.x'],
};

const NUMBERS = [
  new Int32(0),
  new Int32(1),
  new Int32(3),
  new Int32(-7),
  new Double(2),
  new Double(1.5),
  new Double(2.5),
  new Double(-0.25),
  Long.fromNumber(4),
  Long.fromString('9007199254740993'),
] as const;
const WHOLES = [
  new Int32(0),
  new Int32(1),
  new Int32(2),
  new Int32(-1),
  new Double(1),
  Long.fromNumber(2),
] as const;
const TEXTS = ['', 'a', 'b', 'abc', 'Ab c', '  pad ', 'a-b-c', '12', '-3', 'ünï', '2024-03-05'] as const;
const DATES = [
  new Date('2024-01-01T00:00:00Z'),
  new Date('2024-02-29T23:59:59.999Z'),
  new Date('2023-12-31T12:30:45.067Z'),
  new Date('1969-07-20T20:17:40Z'),
] as const;
const OBJECTS: readonly [Document, ...Document[]] = [
  { x: new Int32(1) },
  { y: 'b', x: 'a' },
  { x: [new Int32(1)] },
  {},
];

/** Draws expressions and the documents they look at. */
export class Expressions {
  constructor(private readonly random: Random) {}

  /** Fields that mostly hold a value of their kind, at times null, nothing, or something else. */
  documents(most = 6): Document[] {
    return Array.from({ length: 1 + this.random.below(most) }, (_, i) => {
      const document: Document = { _id: new Int32(i + 1) };
      for (const kind of ['number', 'whole', 'text', 'list', 'date', 'object', 'truth'] as const) {
        for (const field of FIELD_OF[kind]) this.fill(document, field, kind);
      }
      this.fill(document, 'z', 'any');
      return document;
    });
  }

  private fill(document: Document, field: string, kind: Kind): void {
    const luck = this.random.below(20);
    if (luck === 0) document[field] = this.constant('any');
    else if (luck === 1) document[field] = null;
    else if (luck > 2) document[field] = this.constant(kind);
  }

  constant(kind: Kind): unknown {
    const { random } = this;
    switch (kind) {
      case 'number':
        return random.pick(NUMBERS);
      case 'whole':
        return random.pick(WHOLES);
      case 'text':
        return random.pick(TEXTS);
      case 'list':
        return Array.from({ length: random.below(4) }, () => this.constant(this.elementKind()));
      case 'date':
        return random.pick(DATES);
      case 'object':
        return random.pick(OBJECTS);
      case 'truth':
        return random.below(2) === 0;
      default:
        return random.below(8) === 0
          ? random.pick([null, new ObjectId('65a000000000000000000001')])
          : this.constant(random.pick(['number', 'text', 'list', 'date', 'object', 'truth']));
    }
  }

  /** Elements are plain values, so that no array holds arrays. */
  private elementKind(): Kind {
    return this.random.pick(['whole', 'number', 'text', 'truth', 'object']);
  }

  /** An expression that mostly gives a value of the kind; one in twenty gives some other. */
  of(kind: Kind, depth = 1): unknown {
    const { random } = this;
    if (random.below(20) === 0) return this.leaf('any');
    if (depth === 0 || random.below(5) === 0) return this.leaf(kind);
    const makers = MAKERS[kind === 'whole' ? 'number' : kind];
    return random.pick(makers)((wanted) => this.of(wanted, depth - 1), this);
  }

  private leaf(kind: Kind): unknown {
    if (this.random.below(3) > 0) return `$${this.random.pick(FIELD_OF[kind])}`;
    return literal(this.constant(kind));
  }

  pick<T>(...choices: readonly [T, ...T[]]): T {
    return this.random.pick(choices);
  }

  some(kind: Kind, depth: (kind: Kind) => unknown, most = 3): unknown[] {
    return Array.from({ length: 1 + this.random.below(most) }, () => depth(kind));
  }
}

/** A value that stands for itself, also where an object or a text would be read as an expression. */
function literal(value: unknown): unknown {
  const isPlain =
    typeof value !== 'object' || value === null || '_bsontype' in value || value instanceof Date;
  return isPlain ? value : { $literal: value };
}

type Maker = (of: (kind: Kind) => unknown, make: Expressions) => unknown;
type Makers = readonly [Maker, ...Maker[]];

const COMPARISONS = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'] as const;

const NUMBER_MAKERS: Makers = [
  (of, make) => ({ [make.pick('$add', '$multiply')]: make.some('number', of) }),
  (of) => ({ $subtract: [of('number'), of('number')] }),
  (of) => ({ $subtract: [of('date'), of('date')] }),
  (of) => ({ $divide: [of('number'), of('number')] }),
  (of) => ({ $mod: [of('number'), of('number')] }),
  (of, make) => ({ [make.pick('$abs', '$ceil', '$floor')]: of('number') }),
  (of, make) => ({ [make.pick('$sqrt', '$exp', '$ln', '$log10')]: of('number') }),
  (of) => ({ $pow: [of('number'), of('whole')] }),
  (of, make) => ({ [make.pick('$trunc', '$round')]: [of('number'), of('whole')] }),
  (of) => ({ $trunc: of('number') }),
  (of) => ({ $cmp: [of('any'), of('any')] }),
  (of) => ({ $size: of('list') }),
  (of, make) => ({ [make.pick('$strLenCP', '$strLenBytes')]: of('text') }),
  (of, make) => ({ [make.pick('$indexOfCP', '$indexOfBytes')]: [of('text'), of('text')] }),
  (of) => ({ $indexOfCP: [of('text'), of('text'), of('whole')] }),
  (of) => ({ $indexOfArray: [of('list'), of('any')] }),
  (of, make) => ({ [make.pick('$sum', '$avg', '$min', '$max')]: of('list') }),
  (of, make) => ({ [make.pick('$sum', '$avg', '$min', '$max')]: [of('number'), of('number'), of('any')] }),
  (of, make) => ({ [make.pick('$stdDevPop', '$stdDevSamp')]: [of('number'), of('number')] }),
  (of, make) => ({ [make.pick('$toInt', '$toLong', '$toDouble')]: of('any') }),
  (of, make) => ({
    $convert: { input: of('any'), to: make.pick('int', 'double', 'long'), onError: 'wrong', onNull: 'none' },
  }),
  (of) => ({
    $reduce: {
      input: of('list'),
      initialValue: of('number'),
      in: { $add: ['$$value', { $cond: [{ $eq: ['$$this', 1] }, 1, 2] }] },
    },
  }),
  (of, make) => ({
    [make.pick('$year', '$month', '$dayOfMonth', '$hour', '$minute', '$second', '$millisecond')]: of('date'),
  }),
  (of, make) => ({
    [make.pick('$dayOfYear', '$dayOfWeek', '$week', '$isoWeek', '$isoWeekYear', '$isoDayOfWeek')]: of('date'),
  }),
  (of, make) => ({
    $hour: { date: of('date'), timezone: make.pick('Europe/Berlin', 'America/New_York', '+05:30', 'UTC') },
  }),
  (of, make) => ({
    $dateDiff: {
      startDate: of('date'),
      endDate: of('date'),
      unit: make.pick('day', 'month', 'hour', 'week', 'year', 'quarter'),
    },
  }),
];

const TEXT_MAKERS: Makers = [
  (of, make) => ({ $concat: make.some('text', of) }),
  (of, make) => ({ [make.pick('$toUpper', '$toLower')]: of('text') }),
  (of) => ({ $substrCP: [of('text'), of('whole'), of('whole')] }),
  (of, make) => ({ [make.pick('$substr', '$substrBytes')]: [of('text'), of('whole'), of('whole')] }),
  (of, make) => ({ [make.pick('$trim', '$ltrim', '$rtrim')]: { input: of('text') } }),
  (of) => ({ $trim: { input: of('text'), chars: of('text') } }),
  (of) => ({ $toString: of('any') }),
  (of) => ({ $type: of('any') }),
  (of, make) => ({
    [make.pick('$replaceOne', '$replaceAll')]: { input: of('text'), find: of('text'), replacement: 'X' },
  }),
  (of, make) => ({
    $dateToString: {
      date: of('date'),
      format: make.pick('%Y-%m-%d', '%H:%M:%S.%L', '%j %G-W%V-%u', '%U %w %%'),
    },
  }),
  (of) => ({ $dateToString: { date: of('date') } }),
  (of, make) => ({
    $dateToString: {
      date: of('date'),
      format: '%Y-%m-%d %H:%M %z',
      timezone: make.pick('Europe/Berlin', '-0800', 'UTC'),
      onNull: 'none',
    },
  }),
];

const LIST_MAKERS: Makers = [
  (of, make) => ({ $concatArrays: make.some('list', of) }),
  (of) => ({ $slice: [of('list'), of('whole')] }),
  (of) => ({ $slice: [of('list'), of('whole'), of('whole')] }),
  (of) => ({ $filter: { input: of('list'), as: 'e', cond: { $gt: ['$$e', of('number')] } } }),
  (of) => ({ $filter: { input: of('list'), cond: of('truth') } }),
  (of) => ({ $map: { input: of('list'), as: 'e', in: { $eq: ['$$e', of('any')] } } }),
  (of) => ({ $map: { input: of('list'), in: ['$$this'] } }),
  (of) => ({ $reverseArray: of('list') }),
  (of, make) => ({
    [make.pick('$setUnion', '$setIntersection', '$setDifference')]: [of('list'), of('list')],
  }),
  (of) => ({ $split: [of('text'), of('text')] }),
  (of) => ({ $objectToArray: of('object') }),
  (of) => ({ $range: [of('whole'), of('whole')] }),
  (of, make) => ({ $sortArray: { input: of('list'), sortBy: make.pick(new Int32(1), new Int32(-1)) } }),
  (of) => ({ $zip: { inputs: [of('list'), of('list')] } }),
  (of) => ({
    $reduce: { input: of('list'), initialValue: [], in: { $concatArrays: ['$$value', ['$$this']] } },
  }),
  (of, make) => ({
    [make.pick('$firstN', '$lastN', '$minN', '$maxN')]: { input: of('list'), n: new Int32(2) },
  }),
  (of) => [of('any'), of('any')],
];

const DATE_MAKERS: Makers = [
  (of) => ({ $add: [of('date'), of('whole')] }),
  (of) => ({ $subtract: [of('date'), of('whole')] }),
  (of) => ({ $toDate: of('any') }),
  (of, make) => ({
    [make.pick('$dateAdd', '$dateSubtract')]: {
      startDate: of('date'),
      unit: make.pick('day', 'month', 'hour', 'year', 'week'),
      amount: of('whole'),
    },
  }),
  (of, make) => ({
    $dateTrunc: { date: of('date'), unit: make.pick('day', 'month', 'hour', 'week', 'year') },
  }),
  (of) => ({ $dateFromParts: { year: new Int32(2024), month: of('whole'), day: of('whole') } }),
  (of) => ({ $dateFromString: { dateString: of('text'), onError: null } }),
];

const OBJECT_MAKERS: Makers = [
  (of, make) => ({ $mergeObjects: make.some('object', of) }),
  (of) => ({ p: of('any'), q: of('any') }),
  (of) => ({ $arrayToObject: [[{ k: 'p', v: of('any') }]] }),
  (of) => ({ $arrayToObject: { $objectToArray: of('object') } }),
  (of) => ({ $setField: { field: 'x', input: of('object'), value: of('any') } }),
  (of) => ({ $unsetField: { field: 'x', input: of('object') } }),
];

const TRUTH_MAKERS: Makers = [
  (of, make) => ({ [make.pick(...COMPARISONS)]: [of('any'), of('any')] }),
  (of, make) => ({ [make.pick(...COMPARISONS)]: [of('number'), of('number')] }),
  (of, make) => ({ [make.pick('$and', '$or')]: make.some('any', of) }),
  (of) => ({ $not: [of('any')] }),
  (of) => ({ $in: [of('any'), of('list')] }),
  (of) => ({ $isArray: [of('any')] }),
  (of) => ({ $isNumber: of('any') }),
  (of) => ({ $toBool: of('any') }),
  (of, make) => ({ [make.pick('$setEquals', '$setIsSubset')]: [of('list'), of('list')] }),
  (of, make) => ({ [make.pick('$allElementsTrue', '$anyElementTrue')]: [of('list')] }),
  (of) => ({ $regexMatch: { input: of('text'), regex: '^a' } }),
];

const ANY_MAKERS: Makers = [
  (of) => ({ $cond: [of('truth'), of('any'), of('any')] }),
  // biome-ignore lint/suspicious/noThenProperty: MongoDB calls it so
  (of) => ({ $cond: { if: of('truth'), then: of('any'), else: of('any') } }),
  (of) => ({ $ifNull: [of('any'), of('any')] }),
  // biome-ignore lint/suspicious/noThenProperty: MongoDB calls it so
  (of) => ({ $switch: { branches: [{ case: of('truth'), then: of('any') }], default: of('any') } }),
  (of) => ({ $arrayElemAt: [of('list'), of('whole')] }),
  (of, make) => ({ [make.pick('$first', '$last')]: of('list') }),
  (of) => ({ $let: { vars: { v: of('any') }, in: ['$$v', '$$v'] } }),
  (of) => ({ $getField: { field: 'x', input: of('object') } }),
  (of) => ({ $literal: of('any') }),
  () => '$$ROOT.s',
];

const MAKERS: Readonly<Record<Exclude<Kind, 'whole'>, Makers>> = {
  number: NUMBER_MAKERS,
  text: TEXT_MAKERS,
  list: LIST_MAKERS,
  date: DATE_MAKERS,
  object: OBJECT_MAKERS,
  truth: TRUTH_MAKERS,
  any: ANY_MAKERS,
};

const KINDS: readonly [Kind, ...Kind[]] = ['number', 'text', 'list', 'date', 'object', 'truth', 'any'];

/** How many expressions look at the same documents. */
const EXPRESSIONS = 16;

/** Operations that compute something of each document, by one expression each. */
export function expressionOperations(random: Random): Operation[] {
  const make = new Expressions(random);
  const documents = make.documents();
  return Array.from({ length: EXPRESSIONS }, () => {
    const kind = random.pick(KINDS);
    const expression = make.of(kind, kind === 'any' ? 2 : 1);
    return { documents, reads: true, command: commandWith(random, expression), observe };
  });
}

const observe: Operation['observe'] = async (server, command) =>
  rowsText(await server.run(command), { anyOrder: true });

/** The places an expression may stand in. */
function commandWith(random: Random, r: unknown): Document {
  switch (random.below(12)) {
    case 0:
      return { find: SUBJECT, filter: { $expr: r }, projection: { _id: 1 } };
    case 1:
      return aggregate({ $addFields: { r } }, { $project: { r: 1 } });
    default:
      return aggregate({ $project: { r } });
  }
}

const aggregate = (...pipeline: Document[]): Document => ({ aggregate: SUBJECT, pipeline, cursor: {} });
