import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'bson';

/** A document with its BSON types kept (numbers as Int32, Double, Long or Decimal128). */
export type BsonObject = { [field: string]: unknown };

/**
 * MongoDB's order of types, which is also the first byte of an encoded index key: a value may be compared
 * with another by tag first. Values of one tag compare with each other whatever their BSON types.
 */
export const TAG = {
  minKey: 0x10,
  undefined: 0x12,
  null: 0x14,
  number: 0x20,
  string: 0x30,
  object: 0x40,
  array: 0x48,
  binary: 0x50,
  objectId: 0x58,
  boolean: 0x60,
  date: 0x68,
  timestamp: 0x70,
  regex: 0x78,
  code: 0x88,
  codeWithScope: 0x8c,
  maxKey: 0xf0,
} as const;

const TAG_BY_PROTOTYPE = new Map<unknown, number>([
  [Object.prototype, TAG.object],
  [Array.prototype, TAG.array],
  [Date.prototype, TAG.date],
  [RegExp.prototype, TAG.regex],
  [Int32.prototype, TAG.number],
  [Double.prototype, TAG.number],
  [Long.prototype, TAG.number],
  [Decimal128.prototype, TAG.number],
  [ObjectId.prototype, TAG.objectId],
  [Binary.prototype, TAG.binary],
  [UUID.prototype, TAG.binary],
  [Buffer.prototype, TAG.binary],
  [Uint8Array.prototype, TAG.binary],
  [Timestamp.prototype, TAG.timestamp],
  [BSONRegExp.prototype, TAG.regex],
  [BSONSymbol.prototype, TAG.string],
  [Code.prototype, TAG.code],
  [MinKey.prototype, TAG.minKey],
  [MaxKey.prototype, TAG.maxKey],
]);

/** The type tag of a value; `undefined` means BSON undefined or an absent field and has a tag of its own. */
export function tagOf(value: unknown): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return TAG.number;
    case 'string':
      return TAG.string;
    case 'boolean':
      return TAG.boolean;
    case 'undefined':
      return TAG.undefined;
    case 'object':
      if (value === null) return TAG.null;
      return objectTag(value);
    default:
      return TAG.undefined;
  }
}

function objectTag(value: object): number {
  const tag = TAG_BY_PROTOTYPE.get(Object.getPrototypeOf(value)) ?? TAG.object;
  return tag === TAG.code && value instanceof Code && value.scope ? TAG.codeWithScope : tag;
}

/** An embedded document; false for arrays and for every BSON wrapper class. */
export function isObject(value: unknown): value is BsonObject {
  return typeof value === 'object' && value !== null && tagOf(value) === TAG.object;
}

/** The plain number of any numeric BSON value, rounded when it is a large int64 or a decimal; else undefined. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Timestamp) return undefined;
  if (value instanceof Long) return value.toNumber();
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Decimal128) return Number(value.toString());
  return undefined;
}

/** Any number cut off to a whole one, exactly; undefined for what is no number or does not fit into 64 bits. */
export function wholeNumber(value: unknown): bigint | undefined {
  if (value instanceof Long && !(value instanceof Timestamp)) return value.toBigInt();
  const number = numberOf(value);
  if (number === undefined || !Number.isFinite(number)) return undefined;
  const whole = BigInt(Math.trunc(number));
  return BigInt.asIntN(64, whole) === whole ? whole : undefined;
}

/** Own fields only, so that a stored name such as `constructor` or an absent one never reaches a prototype. */
export function fieldOf(object: BsonObject, field: string): unknown {
  return Object.hasOwn(object, field) ? object[field] : undefined;
}

/** Set a field as data even when its name is `__proto__`. */
export function setField(object: BsonObject, field: string, value: unknown): void {
  if (field === '__proto__') {
    Object.defineProperty(object, field, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[field] = value;
  }
}

/** A copy with plain numbers and strings; int64 beyond 2^53 and decimals stay wrapped. */
export function promote(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (Array.isArray(value)) return value.map(promote);
  if (value instanceof Timestamp) return value;
  if (value instanceof Long) {
    const number = value.toNumber();
    return Number.isSafeInteger(number) ? number : value;
  }
  if (value instanceof BSONSymbol) return value.value;
  return isObject(value) ? promoteObject(value) : value;
}

/** `promote` for a whole document. */
export function promoteObject(object: BsonObject): BsonObject {
  const copy: BsonObject = {};
  for (const field of Object.keys(object)) setField(copy, field, promote(object[field]));
  return copy;
}
