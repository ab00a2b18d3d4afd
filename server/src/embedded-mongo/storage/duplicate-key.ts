import { Binary, BSONRegExp, Decimal128, Double, Long, ObjectId, Timestamp } from 'bson';
import { type BsonObject, isObject, numberOf, promote, setField } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { type Collection, namespaceOf } from './catalogue.js';
import type { IndexDefinition } from './index-definition.js';

/** MongoDB's E11000, with the fields that drivers and mongoose read. The values are those of the refused document. */
export function duplicateKeyError(
  collection: Collection,
  index: IndexDefinition,
  values: readonly unknown[],
): StoreError {
  const keyValue: BsonObject = {};
  const parts: string[] = [];
  index.fields.forEach((field, i) => {
    const value = typeof values[i] === 'symbol' || values[i] === undefined ? null : values[i];
    setField(keyValue, field.path, value);
    parts.push(`${field.path}: ${shortened(shown(value))}`);
  });
  const collation = index.collation?.spec;
  const rules = collation ? ` collation: ${shown(collation)}` : '';
  const message = `E11000 duplicate key error collection: ${namespaceOf(collection)} index: ${index.name}${rules} dup key: { ${parts.join(', ')} }`;
  return new StoreError('DuplicateKey', message, {
    keyPattern: index.keyPattern,
    keyValue,
    ...(collation ? { collation } : {}),
  });
}

/** The whole value is in `keyValue`; said twice, a long one would not fit into the reply. */
const MAX_SHOWN_LENGTH = 10_000;

function shortened(text: string): string {
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH)}...`;
}

/** A value as MongoDB's shell prints it. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Timestamp) return `Timestamp(${value.getHighBits()}, ${value.getLowBits()})`;
  if (value instanceof Double)
    return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value);
  if (value instanceof Long || value instanceof Decimal128) return value.toString();
  if (value instanceof Binary) return `BinData(${value.sub_type}, ${value.toString('hex').toUpperCase()})`;
  const number = numberOf(value);
  if (number !== undefined) return String(number);
  if (Array.isArray(value)) return `[ ${value.map(shown).join(', ')} ]`;
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (isObject(value)) {
    const fields = Object.keys(value).map((field) => `${field}: ${shown(value[field])}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  return String(promote(value));
}
