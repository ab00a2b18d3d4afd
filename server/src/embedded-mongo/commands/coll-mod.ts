import { equalValues } from '../bson/compare.js';
import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { type Collection, namespaceOf } from '../storage/catalogue.js';
import { ID_INDEX_NAME, type IndexDefinition } from '../storage/index-definition.js';
import type { CommandHandler } from './command.js';
import { collectionName } from './request.js';

/** Fields of the command that change nothing. */
const NO_CHANGES = new Set([
  'collMod',
  'index',
  'lsid',
  'writeConcern',
  'comment',
  'maxTimeMS',
  'apiVersion',
]);
const INDEX_FIELDS = new Set(['name', 'keyPattern', 'expireAfterSeconds']);
const MAX_TTL_SECONDS = 2 ** 31 - 1;

/** Only the expiry of a TTL index can be changed, or an index made one. */
export const collMod: CommandHandler = (request, { store }) => {
  const name = collectionName(request);
  const change = request.body.index;
  const others = Object.keys(request.body).filter(
    (field) => !NO_CHANGES.has(field) && !field.startsWith('$'),
  );
  if (!isObject(change) || others.length > 0 || Object.keys(change).some((field) => !INDEX_FIELDS.has(field)))
    throw invalid(
      'The embedded store can only change expireAfterSeconds of an index; point MONGODB_URI at MongoDB to change more',
    );
  const seconds = numberOf(change.expireAfterSeconds);
  if (seconds === undefined || !(seconds >= 0 && seconds <= MAX_TTL_SECONDS))
    throw invalid(`expireAfterSeconds must be within the range 0 to ${MAX_TTL_SECONDS}`);
  return store.engine.write((transaction) => {
    const collection = store.catalogue.find(request.database, name);
    if (!collection)
      throw new StoreError('NamespaceNotFound', `ns does not exist: ${request.database}.${name}`);
    const index = indexToChange(collection, change);
    const before = index.expireAfterSeconds;
    index.expireAfterSeconds = seconds;
    index.spec = { ...index.spec, expireAfterSeconds: change.expireAfterSeconds };
    store.catalogue.save(transaction, collection);
    return {
      ...(before === undefined ? {} : { expireAfterSeconds_old: before }),
      expireAfterSeconds_new: change.expireAfterSeconds,
    };
  });
};

function indexToChange(collection: Collection, change: BsonObject): IndexDefinition {
  const found = collection.indexes.find((index) =>
    change.name === undefined ? equalValues(index.keyPattern, change.keyPattern) : index.name === change.name,
  );
  if (!found) {
    throw new StoreError(
      'IndexNotFound',
      `cannot find index ${JSON.stringify(change.name ?? change.keyPattern)} for ns ${namespaceOf(collection)}`,
    );
  }
  if (found.name === ID_INDEX_NAME || found.fields.length > 1)
    throw invalid(`index ${found.name} can not expire documents`);
  return found;
}

function invalid(message: string): StoreError {
  return new StoreError('InvalidOptions', message);
}
