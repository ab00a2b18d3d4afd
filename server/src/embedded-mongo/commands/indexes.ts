import { equalValues } from '../bson/compare.js';
import { type BsonObject, isObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import type { Collection } from '../storage/catalogue.js';
import { ID_INDEX_NAME, type IndexDefinition } from '../storage/index-definition.js';
import { SPACE } from '../storage/layout.js';
import { ArraySource } from './array-source.js';
import { batchSizeOf } from './collections.js';
import type { CommandHandler } from './command.js';
import { firstReply } from './find.js';
import { assertPresent, collectionName } from './request.js';

export const listIndexes: CommandHandler = (request, context) => {
  const name = collectionName(request);
  const namespace = `${request.database}.${name}`;
  const collection = context.store.catalogue.find(request.database, name);
  if (!collection) throw new StoreError('NamespaceNotFound', `ns does not exist: ${namespace}`);
  const rows: BsonObject[] = collection.indexes.filter((index) => index.ready).map((index) => index.spec);
  const options = { wanted: batchSizeOf(request.body), singleBatch: false, namespace };
  return firstReply(new ArraySource(rows), options, context);
};

/** Drop indexes by name, by key pattern, by a list of names, or all but `_id_` with `*`. */
export const dropIndexes: CommandHandler = (request, context) => {
  const name = collectionName(request);
  assertPresent(request.body, 'index');
  const { store } = context;
  return store.engine.write((transaction) => {
    const collection = store.catalogue.find(request.database, name);
    if (!collection) throw new StoreError('NamespaceNotFound', `ns not found ${request.database}.${name}`);
    const before = collection.indexes.length;
    const gone = chosenIndexes(collection, request.body.index);
    if (gone.length === 0) return { nIndexesWas: before };
    collection.indexes = collection.indexes.filter((index) => !gone.includes(index));
    store.catalogue.save(transaction, collection);
    for (const index of gone) store.purger.discard(transaction, SPACE.indexes, index.id);
    return { nIndexesWas: before };
  });
};

function chosenIndexes(collection: Collection, wanted: unknown): IndexDefinition[] {
  if (wanted === '*') return collection.indexes.filter((index) => index.name !== ID_INDEX_NAME);
  const names: unknown[] = Array.isArray(wanted) ? wanted : [wanted];
  return names.map((one) => {
    const [found, another] = collection.indexes.filter((index) =>
      isObject(one) ? equalValues(index.keyPattern, one) : index.name === one,
    );
    if (another) {
      throw new StoreError(
        'AmbiguousIndexKeyPattern',
        `More than one index has the key ${JSON.stringify(one)}; name one of them instead`,
      );
    }
    if (!found) {
      const shown = isObject(one)
        ? `can't find index with key: ${JSON.stringify(one)}`
        : `index not found with name [${String(one)}]`;
      throw new StoreError('IndexNotFound', shown);
    }
    if (found.name === ID_INDEX_NAME) throw new StoreError('InvalidOptions', 'cannot drop _id index');
    return found;
  });
}
