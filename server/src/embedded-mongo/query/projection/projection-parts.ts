import { numberOf } from '../../bson/values.js';
import { LocationError } from '../../errors.js';

/** Field names with a dollar sign that a projection may name: those of a reference. */
const REFERENCE_FIELDS = new Set(['$id', '$ref', '$db']);

/** The parts of a path in a projection. Refuses what can be no field name. */
export function projectedPath(name: string): string[] {
  if (name === '') throw new LocationError(40352, 'FieldPath cannot be constructed with empty string');
  if (name.endsWith('.')) throw new LocationError(40353, "FieldPath must not end with a '.'.");
  const segments = name.split('.');
  if (segments.includes('')) {
    throw new LocationError(15998, 'FieldPath field names may not be empty strings.');
  }
  if (segments.some((segment) => segment.startsWith('$') && !REFERENCE_FIELDS.has(segment))) {
    throw new LocationError(16410, "FieldPath field names may not start with '$'.");
  }
  return segments;
}

export type ArraySlice = (values: unknown[]) => unknown[];

/** What `$slice` leaves of an array: the first or last so many, or `[skip, limit]` of them. */
export function arraySlice(operand: unknown): ArraySlice {
  const [skip, count] = Array.isArray(operand) ? operand.map(numberOf) : [undefined, numberOf(operand)];
  if (count === undefined || (Array.isArray(operand) && (operand.length > 2 || skip === undefined))) {
    throw new LocationError(28667, 'Invalid $slice syntax: it takes a number, or [skip, limit]');
  }
  if (skip === undefined) return (values) => (count >= 0 ? values.slice(0, count) : values.slice(count));
  if (count <= 0) throw new LocationError(28724, `$slice limit must be positive, got ${count}`);
  return (values) => {
    const from = skip >= 0 ? skip : Math.max(values.length + skip, 0);
    return values.slice(from, from + count);
  };
}
