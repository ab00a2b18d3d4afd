import { Double, Int32 } from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';
import { SUBJECT } from '../operation.js';
import { canonical } from '../outcome.js';
import { choice } from './choices.js';
import { filter } from './filters.js';
import { type Aim, isArray, isEmbedded, placesIn, withoutNestedArrays } from './targets.js';
import { updateWish } from './updates.js';
import { field, number, scalar, type Taste, value } from './values.js';

/** Documents for indexes: fewer types than elsewhere, so that equal keys are common, and distinct values where one index is unique. */
export function indexedDocuments(random: Random, taste: Taste, most: number): Document[] {
  return Array.from({ length: 1 + random.below(most) }, (_, i) => {
    const document: Document = { _id: new Int32(i + 1) };
    if (random.below(6) > 0) document.a = scalar(random, taste);
    if (random.below(4) > 0) document.b = withoutNestedArrays(value(random, taste, 2));
    if (random.below(5) > 0) document.c = random.below(3) === 0 ? scalar(random, taste) : new Int32(i);
    return document;
  });
}

const PATHS = ['a', 'b', 'c', 'b.x', 'b.y', 'b.0'] as const;

/** Some index; few are unique, sparse or partial. Its name follows from its key, unless it is to collide with another. */
function index(random: Random, taste: Taste): Document {
  const key: Document = {};
  for (let i = 0; i <= random.below(3); i++) key[random.pick(PATHS)] = direction(random);
  const name = Object.entries(key)
    .map(([path, way]) => `${path}_${way}`)
    .join('_');
  const rule = random.below(10);
  return {
    key,
    name: random.below(12) === 0 ? random.pick(['a_1', 'b_1', 'other']) : name,
    ...(rule < 3 || rule > 8 ? { unique: true } : {}),
    ...(rule === 2 || rule === 3 ? { sparse: true } : {}),
    ...(rule === 4 ? { partialFilterExpression: partialFilter(random, taste) } : {}),
  };
}

const direction = (random: Random): unknown =>
  random.pick<unknown>([new Int32(1), new Int32(1), new Int32(-1), new Double(1)]);

function partialFilter(random: Random, taste: Taste): Document {
  return random.pick<Document>([
    { [field(random)]: { $exists: true } },
    { [field(random)]: { [random.pick(['$gt', '$gte', '$lt', '$lte'])]: number(random) } },
    { [field(random)]: scalar(random, taste) },
    { [field(random)]: { $type: random.pick(['string', 'number', 'date']) } },
  ]);
}

/** Indexes that can be made on the documents that are there; names differ. */
export function indexesFor(random: Random, { held, taste }: Aim): Document[] {
  const chosen = new Map<string, Document>();
  for (let i = 0; i <= random.below(3); i++) {
    const { unique = false, ...wanted } = index(random, taste);
    const twice = [...chosen.values()].some(({ key }) => keyText(key) === keyText(wanted.key));
    if (!twice)
      chosen.set(wanted.name, unique && isUnique(held, wanted.key) ? { ...wanted, unique } : wanted);
  }
  return [...chosen.values()];
}

/** No two documents have the same values, and none has an array, at the paths of a key. */
function isUnique(held: readonly Document[], key: Document): boolean {
  const tuples = held.map((document) => Object.keys(key).map((path) => valueAt(document, path)));
  const texts = tuples.map((tuple) => canonical(tuple, { anyNumberType: true }));
  return new Set(texts).size === held.length && !tuples.flat().some(isArray);
}

function valueAt(document: Document, path: string): unknown {
  return (
    path
      .split('.')
      .reduce<unknown>(
        (found, name) => (isEmbedded(found) ? found[name] : isArray(found) ? found : null),
        document,
      ) ?? null
  );
}

const keyText = (key: Document): string =>
  JSON.stringify(Object.entries(key).map(([path, way]) => [path, Number(way)]));

/** A write that may double a key, or take one away. */
export function indexedWrite(random: Random, aim: Aim): Document {
  const [fresh = {}] = indexedDocuments(random, aim.taste, 1);
  const [first = fresh, ...others] = aim.held;
  const { _id, ...fields } = random.below(2) === 0 ? fresh : random.pick([first, ...others]);
  if (random.below(2) === 0) return { insert: SUBJECT, documents: [{ _id: new Int32(30), ...fields }] };
  const wish =
    random.below(2) === 0 ? updateWish(random, aim) : { q: choice(random, aim), u: { $set: fields } };
  const statement = { ...wish, ...(random.below(4) === 0 ? { upsert: true } : {}) };
  return {
    update: SUBJECT,
    updates: [Object.hasOwn(wish.q, '_id') ? statement : { ...statement, multi: true }],
  };
}

/** Some writes one after the other. */
export const changes = (random: Random, aim: Aim): Document[] =>
  Array.from({ length: random.below(6) }, () =>
    random.below(4) === 0
      ? { delete: SUBJECT, deletes: [{ q: choice(random, aim), limit: 1 }] }
      : indexedWrite(random, aim),
  );

/** Making indexes, which may collide with those that are there, or dropping some. */
export function indexChange(random: Random, taste: Taste, existing: readonly Document[]): Document {
  if (random.below(3) > 0) {
    const again = random.below(3) === 0 ? [...existing] : [];
    return {
      createIndexes: SUBJECT,
      indexes: [index(random, taste), ...again, index(random, taste)].slice(0, 1 + random.below(3)),
    };
  }
  const [first, ...others] = existing;
  const one =
    first === undefined ? { name: 'none', key: { none: new Int32(1) } } : random.pick([first, ...others]);
  return {
    dropIndexes: SUBJECT,
    index: random.pick<unknown>([
      one.name,
      one.name,
      one.key,
      '*',
      [one.name],
      'none',
      '_id_',
      { none: new Int32(1) },
    ]),
  };
}

/** At times a hint at an index that holds every document. */
export function hintFor(random: Random, indexes: readonly Document[]): Document {
  const [first, ...others] = indexes.filter(
    ({ sparse, partialFilterExpression }) => !sparse && !partialFilterExpression,
  );
  if (first === undefined || random.below(3) > 0) return {};
  const { name, key } = random.pick([first, ...others]);
  return { hint: random.below(2) === 0 ? name : key };
}

/** A filter that an index may serve: equality, ranges, sets, prefixes, null, several fields, branches. */
export function indexable(random: Random, aim: Aim): Document {
  switch (random.below(8)) {
    case 0:
      return filter(random, aim.taste, 1);
    case 1:
      return { $or: [condition(random, aim), condition(random, aim)] };
    case 2:
    case 3:
      return { ...condition(random, aim), ...condition(random, aim) };
    case 4:
      return { $and: [condition(random, aim), condition(random, aim)] };
    default:
      return condition(random, aim);
  }
}

function condition(random: Random, aim: Aim): Document {
  const [first, ...others] = aim.held.flatMap((document) => placesIn(document, isScalar));
  const place = first === undefined ? undefined : random.pick([first, ...others]);
  const names = place?.path.split('.').filter((name) => !/^\d+$/.test(name));
  const path = names?.slice(0, 2).join('.') ?? field(random);
  const known = place?.value ?? scalar(random, aim.taste);
  switch (random.below(8)) {
    case 0:
      return { [path]: { [random.pick(['$gt', '$gte', '$lt', '$lte'])]: known } };
    case 1:
      return { [path]: { $gte: known, $lte: scalar(random, aim.taste) } };
    case 2:
      return { [path]: { $in: [known, scalar(random, aim.taste)] } };
    case 3:
      return { [path]: random.pick<unknown>([null, { $exists: true }, { $exists: false }, { $ne: known }]) };
    case 4:
      return { [path]: { $regex: random.pick(['^a', '^ab', '^A', 'b$']) } };
    default:
      return { [path]: known };
  }
}

const isScalar = (found: unknown): boolean => !isArray(found) && !isEmbedded(found);
