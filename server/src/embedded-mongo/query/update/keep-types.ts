import { equalValues } from '../../bson/compare.js';
import { type BsonObject, fieldOf, isObject, setField } from '../../bson/values.js';

/**
 * Put the stored BSON types back into a document that went through plain JS numbers: wherever a value is still the same,
 * the stored one is used, so an int64 does not become an int32 because something else changed.
 */
export function keepTypes(stored: BsonObject, changed: BsonObject): BsonObject {
  const result: BsonObject = {};
  for (const field of Object.keys(changed)) {
    setField(result, field, keepValue(fieldOf(stored, field), changed[field]));
  }
  return result;
}

function keepValue(stored: unknown, changed: unknown): unknown {
  if (isObject(stored) && isObject(changed)) return keepTypes(stored, changed);
  if (Array.isArray(stored) && Array.isArray(changed)) {
    return changed.map((value: unknown, i) => keepValue(stored[i], value));
  }
  return stored !== undefined && equalValues(stored, changed) ? stored : changed;
}
