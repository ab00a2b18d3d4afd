import { parseCollation } from '../bson/collation.js';
import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { notSupported, StoreError } from '../errors.js';
import { isOperatorObject } from '../query/filter/filter-syntax.js';
import { compileFilter } from '../query/filter/matcher.js';
import { isKnownToMongoDb } from './index-options.js';

const KNOWN_OPTIONS = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'background',
  'hidden',
  'collation',
]);
const PARTIAL_OPERATORS = new Set(['$eq', '$exists', '$gt', '$gte', '$lt', '$lte', '$type', '$in']);
/** The only field names with a dollar sign that may be indexed: those of a reference. */
const REFERENCE_FIELDS = new Set(['$ref', '$id', '$db']);
const MAX_TTL_SECONDS = 2 ** 31 - 1;

/**
 * Check one entry of `createIndexes` and put it into the form it is stored in. Refuses what the store cannot keep true: text, geo,
 * hashed and wildcard indexes, other collations, and partial filters beyond MongoDB's own.
 */
export function normaliseIndexSpec(spec: unknown): BsonObject {
  if (!isObject(spec)) throw wrongType('indexes', 'an object');
  assertOptions(spec);
  if (!isObject(spec.key)) throw wrongType('key', 'an object');
  assertKeyPattern(spec.key);
  const collation = parseCollation(spec.collation, cannotCreate);
  const { name } = spec;
  if (typeof name !== 'string') throw wrongType('name', 'a string');
  if (name === '') throw cannotCreate('The index name cannot be empty');
  if (name.includes('\0')) throw cannotCreate('The index name cannot contain NUL');
  if (name === '*') throw new StoreError('BadValue', "The index name '*' is not valid.");
  const partial = partialFilter(spec);
  const seconds = timeToLive(spec);
  return {
    v: 2,
    key: spec.key,
    name,
    ...(spec.unique === true ? { unique: true } : {}),
    ...(spec.sparse === true ? { sparse: true } : {}),
    ...(partial ? { partialFilterExpression: partial } : {}),
    ...(seconds === undefined ? {} : { expireAfterSeconds: seconds }),
    ...(collation ? { collation: collation.spec } : {}),
  };
}

function assertOptions(spec: BsonObject): void {
  for (const option of Object.keys(spec)) {
    if (KNOWN_OPTIONS.has(option)) continue;
    if (isKnownToMongoDb(option)) throw notSupported(`the index option '${option}'`, 'CannotCreateIndex');
    throw new StoreError(
      'InvalidIndexSpecificationOption',
      `The field '${option}' is not valid for an index specification`,
    );
  }
  for (const required of ['key', 'name']) {
    if (spec[required] !== undefined) continue;
    throw new StoreError(
      'FailedToParse',
      `The '${required}' field is a required property of an index specification`,
    );
  }
  if (spec.hidden === true) throw notSupported('a hidden index', 'CannotCreateIndex');
}

function assertKeyPattern(key: BsonObject): void {
  const paths = Object.keys(key);
  if (paths.length === 0) throw cannotCreate('Index keys cannot be an empty object');
  for (const path of paths) {
    const direction = key[path];
    if (typeof direction === 'string') throw notSupported(`a '${direction}' index`, 'CannotCreateIndex');
    const number = numberOf(direction);
    if (number === undefined || number === 0 || Number.isNaN(number)) {
      throw cannotCreate(`Values in the index key pattern must be numbers other than 0: ${path}`);
    }
    const segments = path.split('.');
    if (segments.includes('$**')) throw notSupported('a wildcard index', 'CannotCreateIndex');
    if (segments.some((segment, i) => segment.startsWith('$') && !(i > 0 && REFERENCE_FIELDS.has(segment))))
      throw cannotCreate(`Index key contains an illegal field name: ${path}`);
    if (segments.includes('')) throw cannotCreate('Index keys cannot contain an empty field');
  }
}

function partialFilter(spec: BsonObject): BsonObject | undefined {
  const filter = spec.partialFilterExpression;
  if (filter === undefined) return undefined;
  if (!isObject(filter)) throw wrongType('partialFilterExpression', 'an object');
  if (spec.sparse === true) throw cannotCreate('cannot mix "partialFilterExpression" and "sparse" options');
  assertPartialFilter(filter);
  compileFilter(filter);
  return filter;
}

function assertPartialFilter(filter: BsonObject): void {
  for (const field of Object.keys(filter)) {
    const operand = filter[field];
    if (field === '$and' || field === '$or') {
      if (Array.isArray(operand)) operand.filter(isObject).forEach(assertPartialFilter);
    } else if (field.startsWith('$')) {
      throw cannotCreate(`Expression not supported in partial index: ${field}`);
    } else if (isOperatorObject(operand)) {
      const bad = Object.keys(operand).find((operator) => !PARTIAL_OPERATORS.has(operator));
      const never =
        Object.hasOwn(operand, '$exists') && operand.$exists === false ? '$exists: false' : undefined;
      const culprit = bad ?? never;
      if (culprit) throw cannotCreate(`Expression not supported in partial index: ${culprit}`);
    }
  }
}

function timeToLive(spec: BsonObject): unknown {
  if (spec.expireAfterSeconds === undefined) return undefined;
  const seconds = numberOf(spec.expireAfterSeconds);
  if (seconds === undefined) throw wrongType('expireAfterSeconds', 'a number');
  if (!(seconds >= 0 && seconds <= MAX_TTL_SECONDS)) {
    throw cannotCreate('TTL index expireAfterSeconds must be within the range 0 to 2147483647');
  }
  if (Object.keys(isObject(spec.key) ? spec.key : {}).length !== 1) {
    throw cannotCreate('TTL indexes are single-field indexes, compound indexes do not support TTL');
  }
  return spec.expireAfterSeconds;
}

function wrongType(field: string, wanted: string): StoreError {
  return new StoreError('TypeMismatch', `The field '${field}' must be ${wanted}`);
}

function cannotCreate(message: string): StoreError {
  return new StoreError('CannotCreateIndex', message);
}
