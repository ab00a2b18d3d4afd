import { type BsonObject, isObject } from '../../bson/values.js';
import { notSupported, StoreError } from '../../errors.js';

/** True for `{ $gt: 1, ... }`: a document whose first field names an operator. */
export function isOperatorObject(value: unknown): value is BsonObject {
  if (!isObject(value)) return false;
  const [first] = Object.keys(value);
  return first?.startsWith('$') === true && first !== '$ref' && first !== '$id' && first !== '$db';
}

export function badValue(message: string): StoreError {
  return new StoreError('BadValue', message);
}

/** The refusal of what would have to compare by a collation, and cannot. */
export function unsupportedUnderCollation(what: string): StoreError {
  return badValue(
    `The embedded store cannot evaluate ${what} under a collation; point MONGODB_URI at MongoDB to use both`,
  );
}

/** The documents of `$and`, `$or` and `$nor`. */
export function clauseList(operator: string, value: unknown): BsonObject[] {
  if (!Array.isArray(value) || value.length === 0) throw badValue(`${operator} must be a nonempty array`);
  return value.map((entry: unknown) => {
    if (!isObject(entry)) throw badValue(`${operator} entries need to be full objects`);
    return entry;
  });
}

const REFUSED_OPERATORS = new Set([
  ...[
    '$geoIntersects',
    '$geoWithin',
    '$jsonSchema',
    '$near',
    '$nearSphere',
    '$sampleRate',
    '$text',
    '$where',
  ],
]);

/** The refusal of an operator the store does not have. */
export const unknownOperator = (operator: string, kind: string): Error =>
  REFUSED_OPERATORS.has(operator)
    ? notSupported(operator, 'BadValue')
    : badValue(`unknown ${kind}: ${operator}`);
