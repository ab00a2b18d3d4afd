import { Decimal128, Double, Int32, Long, Timestamp } from 'bson';
import type { Document } from 'mongodb';
import type { Random } from '../../harness/random.js';
import { documents, path, type Taste } from './values.js';

/** What an update may be aimed at: the documents that are there, and how values are drawn. */
export interface Aim {
  readonly held: readonly Document[];
  readonly taste: Taste;
}

type Test = (value: unknown) => boolean;

/** Some path; mostly one that leads to a fitting value in one of the documents, if there is any. */
export function pathTo(random: Random, aim: Aim, test: Test): string {
  if (random.below(12) === 0) return path(random);
  const [first, ...others] = aim.held.flatMap((document) => placesIn(document, test));
  return first === undefined ? path(random) : random.pick([first, ...others]).path;
}

interface Place {
  readonly path: string;
  readonly value: unknown;
}

/** Every place below a document, but `_id`, whose value fits. */
export function placesIn(value: unknown, test: Test, above = ''): Place[] {
  return childrenOf(value)
    .filter(([name]) => above !== '' || name !== '_id')
    .flatMap(([name, child]) => {
      const here = above === '' ? name : `${above}.${name}`;
      return [...(test(child) ? [{ path: here, value: child }] : []), ...placesIn(child, test, here)];
    });
}

function childrenOf(value: unknown): [string, unknown][] {
  if (Array.isArray(value)) return value.map((entry: unknown, i) => [String(i), entry]);
  return isEmbedded(value) ? Object.entries(value) : [];
}

export const isNumber: Test = (value) =>
  value instanceof Int32 ||
  value instanceof Double ||
  value instanceof Decimal128 ||
  (value instanceof Long && !(value instanceof Timestamp));

export const isInteger: Test = (value) => value instanceof Int32 || value instanceof Long;

export const isArray = (value: unknown): value is unknown[] => Array.isArray(value);

export const isEmbedded = (value: unknown): value is Document =>
  typeof value === 'object' &&
  value !== null &&
  !isArray(value) &&
  !(value instanceof Date) &&
  !('_bsontype' in value);

export const isAnything: Test = () => true;

/** What a write starts from. Few hold arrays in arrays, as one witness cannot store them and then has no opinion. */
export function heldDocuments(random: Random, taste: Taste): Document[] {
  const held = documents(random, taste, MOST_DOCUMENTS);
  if (random.below(6) === 0) return held;
  return held.map((document) =>
    Object.fromEntries(Object.entries(document).map(([name, found]) => [name, withoutNestedArrays(found)])),
  );
}

const MOST_DOCUMENTS = 5;

export function withoutNestedArrays(found: unknown): unknown {
  if (isArray(found)) return found.filter((entry) => !isArray(entry)).map(withoutNestedArrays);
  if (!isEmbedded(found)) return found;
  return Object.fromEntries(Object.entries(found).map(([name, field]) => [name, withoutNestedArrays(field)]));
}
