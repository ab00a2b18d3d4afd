import { LocationError, StoreError } from '../errors.js';
import type { Collation } from './collation.js';
import { KeyWriter } from './key-encoding.js';
import { type BsonObject, fieldOf, isObject } from './values.js';

/** A field that documents are ordered by, its path already split. */
export interface KeyField {
  readonly path: string;
  readonly segments: readonly string[];
  readonly descending: boolean;
}

const writer = new KeyWriter();
/** An empty array is indexed as BSON undefined, which sorts before null and is told apart from an absent field. */
const EMPTY_ARRAY = Symbol('empty array');

/** The values a document has for some fields, side by side: one tuple, or one for each element of an array among them. */
export function keyTuplesOf(
  fields: readonly KeyField[],
  document: BsonObject,
): { tuples: unknown[][]; multikey: boolean } {
  const cursors = fields.map((field) => descend(document, field.segments, 0));
  if (cursors.some((cursor) => cursor.array)) return { tuples: expandArray(fields, cursors), multikey: true };
  return { tuples: [cursors.map((cursor) => cursor.value)], multikey: false };
}

/** Where the walk along a path stopped: at the end with a value, or at an array that has to be spread. */
interface PathCursor {
  value: unknown;
  array: readonly unknown[] | undefined;
  /** Number of segments already used. */
  used: number;
}

function descend(start: unknown, segments: readonly string[], from: number): PathCursor {
  let value = start;
  for (let used = from; used < segments.length; used++) {
    const segment = segments[used] ?? '';
    if (Array.isArray(value)) {
      if (!isPosition(segment)) return { value, array: value, used };
      assertUnambiguous(value, segment);
      value = value[Number(segment)];
      continue;
    }
    if (!isObject(value)) return { value: undefined, array: undefined, used: segments.length };
    value = fieldOf(value, segment);
  }
  return { value, array: Array.isArray(value) ? value : undefined, used: segments.length };
}

function expandArray(fields: readonly KeyField[], cursors: readonly PathCursor[]): unknown[][] {
  const spread = cursors.find((cursor) => cursor.array)?.array ?? [];
  const others = cursors.findIndex((cursor) => cursor.array && cursor.array !== spread);
  if (others !== -1) {
    const paths = fields.filter((_, i) => cursors[i]?.array).map((field) => `[${field.path}]`);
    throw new StoreError('CannotIndexParallelArrays', `cannot index parallel arrays ${paths.join(' ')}`);
  }
  const elements = spread.length === 0 ? [EMPTY_ARRAY] : spread;
  const tuples: unknown[][] = [];
  for (const element of elements) {
    const next = cursors.map((cursor, i): PathCursor => {
      if (!cursor.array) return cursor;
      const segments = fields[i]?.segments ?? [];
      if (cursor.used === segments.length) return { value: element, array: undefined, used: cursor.used };
      if (!isObject(element)) return { value: undefined, array: undefined, used: segments.length };
      return descend(element, segments, cursor.used);
    });
    if (next.some((cursor) => cursor.array))
      for (const tuple of expandArray(fields, next)) tuples.push(tuple);
    else tuples.push(next.map((cursor) => cursor.value));
  }
  return tuples;
}

const isPosition = (segment: string): boolean => /^(0|[1-9]\d*)$/.test(segment);

/** A number in an indexed path is a place in the array or a field of its documents; MongoDB refuses what could be both. */
function assertUnambiguous(array: readonly unknown[], segment: string): void {
  if (!array.some((element) => isObject(element) && Object.hasOwn(element, segment))) return;
  throw new LocationError(
    16746,
    `Ambiguous field name found in array: '${segment}' is a field and a position`,
  );
}

/** The bytes of one tuple, whose order is that of the fields. */
export function encodeTuple(
  fields: readonly KeyField[],
  values: readonly unknown[],
  collation?: Collation,
): Buffer {
  writer.reset();
  fields.forEach((field, i) => {
    writer.append(keyValue(values[i]), field.descending, collation);
  });
  return writer.take();
}

/** What stands in a key for a value of a tuple: an absent field is null, an empty array lies below it. */
export function keyValue(value: unknown): unknown {
  if (value === EMPTY_ARRAY) return undefined;
  return value === undefined ? null : value;
}
