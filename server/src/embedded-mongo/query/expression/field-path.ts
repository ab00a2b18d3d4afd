import { fieldOf, isObject } from '../../bson/values.js';
import { LocationError } from '../../errors.js';

/** The parts of a dotted path as expressions write it. Refuses what can be no field name. */
export function fieldPath(path: string): string[] {
  if (path.endsWith('.')) throw new LocationError(40353, "FieldPath must not end with a '.'.");
  const segments = path.split('.');
  for (const segment of segments) {
    if (segment === '') throw new LocationError(15998, 'FieldPath field names may not be empty strings.');
    if (segment.startsWith('$')) {
      throw new LocationError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField. Got: ${segment}`,
      );
    }
    if (segment.includes('\0'))
      throw new LocationError(16411, 'FieldPath field names may not contain nulls.');
  }
  return segments;
}

/**
 * What a path reaches in a value: through an array it collects from the documents in it, one level deep, and leaves out
 * those that lack the field. A number in a path is a field name like any other.
 */
export function valueAtPath(value: unknown, segments: readonly string[], from = 0): unknown {
  const segment = segments[from];
  if (segment === undefined) return value;
  if (isObject(value)) return valueAtPath(fieldOf(value, segment), segments, from + 1);
  if (!Array.isArray(value)) return undefined;
  return value
    .map((element: unknown) => (isObject(element) ? valueAtPath(element, segments, from) : undefined))
    .filter((found) => found !== undefined);
}
