import { type BsonObject, fieldOf, isObject, setField } from '../../bson/values.js';

/** A copy with a value at a path, or without it when the value is missing. What is no document on the way becomes one. */
export function withValueAt(
  row: BsonObject,
  [field = '', ...rest]: readonly string[],
  value: unknown,
): BsonObject {
  const below = fieldOf(row, field);
  if (value === undefined && (rest.length > 0 ? !isObject(below) : !Object.hasOwn(row, field))) return row;
  const inner = rest.length === 0 ? value : withValueAt(isObject(below) ? below : {}, rest, value);
  return withField(row, field, inner);
}

/** A copy with one field set at its old place or at the end, or taken out when the value is missing. */
export function withField(row: BsonObject, field: string, value: unknown): BsonObject {
  const copy: BsonObject = {};
  for (const name of Object.keys(row)) {
    if (name !== field) setField(copy, name, row[name]);
    else if (value !== undefined) setField(copy, name, value);
  }
  if (value !== undefined && !Object.hasOwn(row, field)) setField(copy, field, value);
  return copy;
}
