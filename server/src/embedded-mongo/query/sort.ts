import { type Collation, type Folding, foldingOf } from '../bson/collation.js';
import { compareValues } from '../bson/compare.js';
import { encodeTuple, type KeyField, keyTuplesOf, keyValue } from '../bson/key-tuples.js';
import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { LocationError, StoreError } from '../errors.js';
import { badValue } from './filter/filter-syntax.js';
import { splitPath } from './path.js';

/** MongoDB's limit for a sort without an index; beyond it the query is refused instead of filling the memory. */
export const MAX_SORT_BYTES = 100 * 1024 * 1024;

/** Read a sort specification; an empty one is no sort. */
export function parseSort(spec: unknown): KeyField[] {
  if (spec === undefined || spec === null) return [];
  if (!isObject(spec)) throw new StoreError('TypeMismatch', 'Expected field sort to be of type object');
  return Object.keys(spec).map((path) => {
    if (path !== '$natural') assertSortPath(path);
    const direction = numberOf(spec[path]);
    if (direction === undefined)
      throw new LocationError(15974, `Illegal key in $sort specification: ${path}`);
    if (direction !== 1 && direction !== -1) {
      throw new LocationError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    return { path, segments: splitPath(path), descending: direction === -1 };
  });
}

function assertSortPath(path: string): void {
  for (const segment of path.split('.')) {
    if (segment === '') throw new LocationError(15998, 'FieldPath field names may not be empty strings.');
    if (segment.startsWith('$'))
      throw new LocationError(16410, "FieldPath field names may not start with '$'.");
  }
}

/** By which fields to sort, and how to compare their texts. */
export interface SortRules {
  readonly fields: readonly KeyField[];
  readonly collation?: Collation | undefined;
}

/** The place of a document: bytes that are equal for equal places, and the folded values a collation orders by. */
interface SortKey {
  readonly bytes: Buffer;
  readonly values: readonly unknown[];
}

const BYTES_DECIDE: readonly unknown[] = [];

/** Bytes whose order is the wanted order: the lowest of the keys an index on these fields would hold for the document. */
export function sortKeyOf(document: BsonObject, fields: readonly KeyField[]): Buffer {
  return new SortOrder({ fields }).keyOf(document).bytes;
}

/** Gives documents their places and compares these. */
class SortOrder {
  private readonly fields: readonly KeyField[];
  private readonly folding: Folding;

  constructor({ fields, collation }: SortRules) {
    this.fields = fields;
    this.folding = foldingOf(collation);
  }

  keyOf(document: BsonObject): SortKey {
    const keys = tuplesOf(document, this.fields).map((tuple) => {
      const values = tuple.map((value) => this.folding.fold(value));
      const bytes = encodeTuple(this.fields, values);
      return { bytes, values: this.folding.rules ? values : BYTES_DECIDE };
    });
    return keys.reduce((lowest, key) => (this.compare(key, lowest) < 0 ? key : lowest));
  }

  compare(a: SortKey, b: SortKey): number {
    const order = Buffer.compare(a.bytes, b.bytes);
    const { rules } = this.folding;
    if (order === 0 || !rules) return order;
    for (const [i, field] of this.fields.entries()) {
      const byField = compareValues(keyValue(a.values[i]), keyValue(b.values[i]), rules);
      if (byField !== 0) return field.descending ? -byField : byField;
    }
    return order;
  }
}

function tuplesOf(document: BsonObject, fields: readonly KeyField[]): unknown[][] {
  try {
    return keyTuplesOf(fields, document).tuples;
  } catch (error) {
    if (!(error instanceof StoreError) || error.codeName !== 'CannotIndexParallelArrays') throw error;
    throw badValue('cannot sort with keys that are parallel arrays');
  }
}

interface Entry<T> {
  readonly key: SortKey;
  readonly order: number;
  readonly item: T;
}

/**
 * Collects items and hands them out sorted, stably. With a limit it never keeps more than twice that many; without one it refuses
 * to grow beyond MongoDB's sort limit.
 */
export class Sorter<T> {
  private entries: Entry<T>[] = [];
  private bytes = 0;
  private order = 0;

  private readonly places: SortOrder;

  constructor(
    rules: SortRules,
    private readonly sizeOf: (item: T) => number,
    private readonly limit?: number,
  ) {
    this.places = new SortOrder(rules);
  }

  /** Put an item at the place of a document, which is not kept. */
  add(document: BsonObject, item: T): void {
    const key = this.places.keyOf(document);
    this.entries.push({ key, order: this.order++, item });
    this.bytes += key.bytes.length + this.sizeOf(item);
    if (this.limit !== undefined && this.entries.length > Math.max(this.limit * 2, 64)) this.trim();
    if (this.bytes <= MAX_SORT_BYTES) return;
    this.trim();
    if (this.bytes > MAX_SORT_BYTES) {
      throw new StoreError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Sort exceeded memory limit of ${MAX_SORT_BYTES} bytes; add an index for it`,
      );
    }
  }

  sorted(): T[] {
    this.trim();
    return this.entries.map((entry) => entry.item);
  }

  private trim(): void {
    this.entries.sort((a, b) => this.places.compare(a.key, b.key) || a.order - b.order);
    if (this.limit === undefined) return;
    this.entries = this.entries.slice(0, this.limit);
    this.bytes = this.entries.reduce((sum, { key, item }) => sum + key.bytes.length + this.sizeOf(item), 0);
  }
}
