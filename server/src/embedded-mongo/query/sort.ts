import { compareValues } from '../bson/compare.js';
import { KeyWriter } from '../bson/key-encoding.js';
import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { badValue } from './filter-syntax.js';
import { collectValues, type PathSegments, splitPath } from './path.js';

export interface SortField {
  readonly path: string;
  readonly segments: PathSegments;
  readonly descending: boolean;
}

/** MongoDB's limit for a sort without an index; beyond it the query is refused instead of filling the memory. */
export const MAX_SORT_BYTES = 100 * 1024 * 1024;

/** Read a sort specification; an empty one is no sort. */
export function parseSort(spec: unknown): SortField[] {
  if (spec === undefined || spec === null) return [];
  if (!isObject(spec)) throw new StoreError('TypeMismatch', 'Expected field sort to be of type object');
  return Object.keys(spec).map((path) => {
    const direction = numberOf(spec[path]);
    if (direction !== 1 && direction !== -1) throw badValue('Sort direction must be 1 or -1');
    return { path, segments: splitPath(path), descending: direction === -1 };
  });
}

const writer = new KeyWriter();

/** Bytes whose order is the wanted order. An array sorts by its lowest element, or by its highest when descending. */
export function sortKeyOf(document: BsonObject, fields: readonly SortField[]): Buffer {
  writer.reset();
  for (const field of fields) writer.append(sortValue(document, field), field.descending);
  return writer.take();
}

function sortValue(document: BsonObject, field: SortField): unknown {
  const reached = collectValues(document, field.segments);
  const values = reached.flatMap((value): unknown[] => (Array.isArray(value) ? value : [value]));
  // An empty array sorts before null, as BSON undefined does.
  if (values.length === 0) return reached.length === 0 ? null : undefined;
  const present = values.map((value) => (value === undefined ? null : value));
  return present.reduce((best, value) => {
    const order = compareValues(value, best);
    return (field.descending ? order > 0 : order < 0) ? value : best;
  });
}

interface Entry<T> {
  readonly key: Buffer;
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

  constructor(
    private readonly sizeOf: (item: T) => number,
    private readonly limit: number | undefined,
  ) {}

  add(key: Buffer, item: T): void {
    this.entries.push({ key, order: this.order++, item });
    this.bytes += key.length + this.sizeOf(item);
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
    this.entries.sort((a, b) => Buffer.compare(a.key, b.key) || a.order - b.order);
    if (this.limit === undefined) return;
    this.entries = this.entries.slice(0, this.limit);
    this.bytes = this.entries.reduce((sum, entry) => sum + entry.key.length + this.sizeOf(entry.item), 0);
  }
}
