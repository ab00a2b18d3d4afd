import type { KeyField } from '../../bson/key-tuples.js';
import type { IndexDefinition } from '../../storage/index-definition.js';
import { KEPT_KEY_BYTES } from '../../storage/index-keys.js';
import { afterPrefix, prefixOf, SPACE } from '../../storage/layout.js';
import type { KeyRange } from '../../storage/scans.js';
import { type Constraints, type FieldRange, MAX_POINTS } from './bounds.js';

/** How far a filter reaches into an index: how many leading fields are fixed, and the key ranges that remain. */
export interface IndexReach {
  readonly ranges: readonly KeyRange[];
  /** Leading fields looked up by exact values. */
  readonly pointFields: number;
  /** How many of those are fixed to one single value, from the first on. */
  readonly singleFields: number;
  readonly hasRange: boolean;
}

/** The key ranges of `index` that can hold matches; the whole index when the filter says nothing about its first field. */
export function reachOf(index: IndexDefinition, constraints: Constraints): IndexReach {
  let prefixes: Buffer[] = [Buffer.alloc(0)];
  let pointFields = 0;
  let singleFields = 0;
  for (const field of index.fields) {
    const points = constraints.get(field.path)?.points;
    if (sharesArray(index, pointFields)) break;
    if (!points || prefixes.length * Math.max(points.length, 1) > MAX_POINTS) break;
    if (points.length === 1 && singleFields === pointFields) singleFields++;
    pointFields++;
    prefixes = prefixes.flatMap((prefix) =>
      points.map((point) => Buffer.concat([prefix, directed(point, field)])),
    );
  }
  const next = index.fields[pointFields];
  const usable = next && !sharesArray(index, pointFields) ? constraints.get(next.path)?.ranges : undefined;
  const range = combinedRange(index, usable ?? []);
  const ranges = prefixes.flatMap((prefix) => keyRanges(index, prefix, next, range));
  return { ranges: mergeOverlaps(ranges), pointFields, singleFields, hasRange: range !== undefined };
}

/**
 * In a multikey index two fields below one array hold the values of one element, while a filter may be satisfied by
 * different elements for each; so only the first of them may narrow the search.
 */
function sharesArray(index: IndexDefinition, position: number): boolean {
  const root = index.fields[position]?.segments[0];
  return index.multikey && index.fields.slice(0, position).some((field) => field.segments[0] === root);
}

function directed(bytes: Buffer, field: KeyField): Buffer {
  if (!field.descending) return bytes;
  const inverted = Buffer.allocUnsafe(bytes.length);
  for (let i = 0; i < bytes.length; i++) inverted.writeUInt8(~bytes.readUInt8(i) & 0xff, i);
  return inverted;
}

/**
 * All bounds at once when the field holds one value. In a multikey index different elements of an array may satisfy
 * different bounds, so only one bound may be used there; nor does one with a key beside it combine with others.
 */
function combinedRange(index: IndexDefinition, ranges: readonly FieldRange[]): FieldRange | undefined {
  const simple = ranges.filter((range) => range.beside === undefined);
  const [first, ...others] = simple.length > 0 ? simple : ranges.slice(0, 1);
  if (!first || index.multikey) return first;
  return others.reduce(
    (all, range) => ({
      low: Buffer.compare(range.low, all.low) > 0 ? range.low : all.low,
      last: Buffer.compare(afterPrefix(range.last), afterPrefix(all.last)) < 0 ? range.last : all.last,
    }),
    first,
  );
}

function keyRanges(
  index: IndexDefinition,
  prefix: Buffer,
  field: KeyField | undefined,
  range: FieldRange | undefined,
): KeyRange[] {
  const start = prefixOf(SPACE.indexes, index.id);
  if (!field || !range) return [closed(start, prefix, prefix)];
  const between = (low: Buffer, last: Buffer): KeyRange =>
    closed(
      start,
      Buffer.concat([prefix, directed(low, field)]),
      Buffer.concat([prefix, directed(last, field)]),
    );
  const { low, last, beside } = range;
  const main = field.descending ? between(last, low) : between(low, last);
  return beside ? [main, between(beside, beside)] : [main];
}

function closed(start: Buffer, low: Buffer, last: Buffer): KeyRange {
  return {
    low: Buffer.concat([start, shortened(low)]),
    high: afterPrefix(Buffer.concat([start, shortened(last)])),
  };
}

/** Keys longer than the limit are stored cut, so bounds are cut where those were. */
function shortened(bytes: Buffer): Buffer {
  return bytes.length > KEPT_KEY_BYTES ? bytes.subarray(0, KEPT_KEY_BYTES) : bytes;
}

function mergeOverlaps(ranges: KeyRange[]): KeyRange[] {
  ranges.sort((a, b) => Buffer.compare(a.low, b.low));
  const merged: KeyRange[] = [];
  for (const range of ranges) {
    if (Buffer.compare(range.low, range.high) >= 0) continue;
    const previous = merged.at(-1);
    if (previous && Buffer.compare(range.low, previous.high) < 0) {
      const high = Buffer.compare(range.high, previous.high) > 0 ? range.high : previous.high;
      merged[merged.length - 1] = { low: previous.low, high };
    } else {
      merged.push(range);
    }
  }
  return merged;
}
