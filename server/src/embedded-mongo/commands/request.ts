import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { LocationError, StoreError } from '../errors.js';

/** One command as the client sent it; numbers in `body` still have their BSON types. */
export interface CommandRequest {
  readonly name: string;
  readonly database: string;
  readonly body: BsonObject;
  /** Raw documents of `documents`, `updates` or `deletes`, from the body or from a document sequence. */
  readonly documents: readonly Buffer[];
}

/** The collection a command names in the field of its own name. */
export function collectionName(request: CommandRequest): string {
  const name = request.body[request.name];
  if (typeof name === 'string' && name !== '') return name;
  throw new StoreError('InvalidNamespace', `The ${request.name} command needs a collection name`);
}

/** A sub-document option; absent means empty. */
export function objectField(body: BsonObject, field: string): BsonObject {
  const value = body[field];
  if (value === undefined || value === null) return {};
  if (!isObject(value)) {
    throw new StoreError('TypeMismatch', `BSON field '${field}' is the wrong type, expected type 'object'`);
  }
  return value;
}

/** Refuse a command without one of its required fields. */
export function assertPresent(body: BsonObject, field: string): void {
  if (body[field] !== undefined) return;
  throw new LocationError(40414, `BSON field '${field}' is missing but a required field`);
}

/** A sub-document that must be there: what it selects is too much to be assumed. */
export function requiredObject(body: BsonObject, field: string): BsonObject {
  assertPresent(body, field);
  const value = body[field];
  if (isObject(value)) return value;
  throw new StoreError('TypeMismatch', `BSON field '${field}' is the wrong type, expected type 'object'`);
}

/** A list that must be there. */
export function requiredArray(body: BsonObject, field: string): readonly unknown[] {
  assertPresent(body, field);
  const value = body[field];
  if (Array.isArray(value)) return value;
  throw new StoreError('TypeMismatch', `BSON field '${field}' is the wrong type, expected type 'array'`);
}

/** A switch, off when absent; null is how drivers write an option that is undefined. */
export function booleanField(body: BsonObject, field: string, absent = false): boolean {
  const value = body[field];
  if (value === undefined || value === null) return absent;
  if (typeof value === 'boolean') return value;
  throw new StoreError('TypeMismatch', `BSON field '${field}' is the wrong type, expected type 'bool'`);
}

/** A switch of those that MongoDB also takes as a number. */
export function looseBooleanField(body: BsonObject, field: string): boolean {
  const number = numberOf(body[field]);
  return number === undefined ? booleanField(body, field) : number !== 0;
}

/** A number option; absent means undefined. */
export function numberField(body: BsonObject, field: string): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  const number = numberOf(value);
  if (number === undefined) {
    throw new StoreError('TypeMismatch', `BSON field '${field}' is the wrong type, expected a number`);
  }
  return number;
}

/** A whole number that is not negative. */
export function countField(body: BsonObject, field: string): number | undefined {
  const number = numberField(body, field);
  if (number === undefined) return undefined;
  if (number < 0 || !Number.isFinite(number)) {
    throw new LocationError(51024, `BSON field '${field}' value must be >= 0, actual value '${number}'`);
  }
  return Math.trunc(number);
}

/** Refuse a collation other than the simple one, where MongoDB would allow one. */
export function assertNoCollation(body: BsonObject): void {
  const { collation } = body;
  if (!isObject(collation) || collation.locale === 'simple' || Object.keys(collation).length === 0) return;
  throw new StoreError(
    'BadValue',
    'The embedded store has no collation here; point MONGODB_URI at MongoDB to use one',
  );
}
