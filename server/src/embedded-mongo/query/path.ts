import { type BsonObject, fieldOf, isObject } from '../bson/values.js';

/** A value at the end of a path, or `undefined` when the path leads nowhere. */
type ValueTest = (value: unknown) => boolean;

/** A dotted path, split once. */
export type PathSegments = readonly string[];

const INDEX_SEGMENT = /^(0|[1-9]\d*)$/;

export function splitPath(path: string): PathSegments {
  return path.split('.');
}

/**
 * True when `test` holds for any value the path reaches. Documents inside arrays are entered along the way; at the end
 * of the path the elements of an array are tried first, then the array itself (unless `wholeArrays`, which tries only
 * the array). A path that ends before its last segment yields `undefined`, but not for the non-documents of an array.
 */
export function someValue(
  container: unknown,
  segments: PathSegments,
  test: ValueTest,
  options: { wholeArrays?: boolean; from?: number } = {},
): boolean {
  const at = options.from ?? 0;
  const segment = segments[at] ?? '';
  if (Array.isArray(container)) return someInArray(container, segments, test, { ...options, from: at });
  if (!isObject(container)) return test(undefined);
  return atValue(fieldOf(container, segment), segments, test, { ...options, from: at + 1 });
}

function atValue(
  value: unknown,
  segments: PathSegments,
  test: ValueTest,
  options: { wholeArrays?: boolean; from: number },
): boolean {
  if (options.from === segments.length) {
    if (Array.isArray(value) && !options.wholeArrays && value.some(test)) return true;
    return test(value);
  }
  return someValue(value, segments, test, options);
}

function someInArray(
  array: readonly unknown[],
  segments: PathSegments,
  test: ValueTest,
  options: { wholeArrays?: boolean; from: number },
): boolean {
  const segment = segments[options.from] ?? '';
  for (const element of array) {
    if (isObject(element) && someValue(element, segments, test, options)) return true;
  }
  if (!INDEX_SEGMENT.test(segment)) return false;
  const index = Number(segment);
  if (index >= array.length) return false;
  return atValue(array[index], segments, test, { ...options, from: options.from + 1 });
}

/** Every value a path reaches, arrays spread, for `distinct` and sort keys. */
export function collectValues(document: BsonObject, segments: PathSegments): unknown[] {
  const values: unknown[] = [];
  someValue(
    document,
    segments,
    (value) => {
      values.push(value);
      return false;
    },
    { wholeArrays: true },
  );
  return values;
}
