import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { StoreError } from '../errors.js';

/** Options that MongoDB accepts and does nothing with, or that only its own storage understands; dumps carry them. */
const WITHOUT_EFFECT = new Set(['ns', 'dropDups', 'storageEngine']);

/** Switches, which old indexes have as numbers. */
const SWITCHES = new Set(['unique', 'sparse', 'background', 'hidden']);

/** Every option MongoDB knows, supported here or not. */
const KNOWN_TO_MONGODB = new Set([
  ...WITHOUT_EFFECT,
  ...SWITCHES,
  ...['v', 'key', 'name', 'partialFilterExpression', 'expireAfterSeconds', 'collation', 'prepareUnique'],
  ...['clustered', 'wildcardProjection', 'columnstoreProjection', 'weights', 'default_language'],
  ...['language_override', 'textIndexVersion', '2dsphereIndexVersion', 'bits', 'min', 'max', 'bucketSize'],
  ...['coarsestIndexedLevel', 'finestIndexedLevel', 'originalSpec'],
]);

/** True for an option that an index of MongoDB may have, whether or not this store can keep it. */
export function isKnownToMongoDb(option: string): boolean {
  return KNOWN_TO_MONGODB.has(option);
}

/**
 * An index as a restored dump describes it, in today's form: without what has no effect, switches as booleans, and, if the
 * client says so, without options that no MongoDB knows any more.
 */
export function currentIndexForm(spec: unknown, ignoreUnknown: boolean): unknown {
  if (!isObject(spec)) return spec;
  const kept: BsonObject = {};
  for (const [option, value] of Object.entries(spec)) {
    if (WITHOUT_EFFECT.has(option) || (ignoreUnknown && !KNOWN_TO_MONGODB.has(option))) continue;
    kept[option] = SWITCHES.has(option) ? switchOf(option, value) : value;
  }
  return kept;
}

function switchOf(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const number = numberOf(value);
  if (number === undefined)
    throw new StoreError('TypeMismatch', `The field '${option}' has the wrong type, expected a boolean`);
  return number !== 0;
}
