import { equalValues } from '../bson/compare.js';
import { type BsonObject, isObject } from '../bson/values.js';
import { notSupported, StoreError } from '../errors.js';
import { compileFilter } from '../query/filter/matcher.js';
import { type Collection, namespaceOf } from '../storage/catalogue.js';
import type { WriteTransaction } from '../storage/engine.js';
import { SPACE } from '../storage/layout.js';
import type { Store } from '../storage/store.js';
import { ArraySource } from './array-source.js';
import type { CommandHandler } from './command.js';
import { firstReply } from './find.js';
import { splitNamespace } from './namespace.js';
import { assertNoCollation, booleanField, collectionName, countField, objectField } from './request.js';

/** Accepted without effect: they ask for what the store does anyway, or only make sense for a cluster. */
const HARMLESS_CREATE_OPTIONS = new Set([
  'create',
  'lsid',
  '$db',
  '$clusterTime',
  '$readPreference',
  'writeConcern',
  'readConcern',
  'comment',
  'autoIndexId',
  'idIndex',
  'storageEngine',
  'indexOptionDefaults',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'maxTimeMS',
]);

export const create: CommandHandler = (request, context) => {
  const name = collectionName(request);
  assertPlainIdIndex(request.body.idIndex);
  for (const option of Object.keys(request.body)) {
    if (HARMLESS_CREATE_OPTIONS.has(option) || asksForNothing(option, request.body[option])) continue;
    throw notSupported(`the collection option '${option}'`, 'InvalidOptions');
  }
  const { catalogue, engine } = context.store;
  return engine.write((transaction) => {
    if (catalogue.find(request.database, name)) {
      throw new StoreError('NamespaceExists', `Collection ${request.database}.${name} already exists.`);
    }
    catalogue.create(transaction, { database: request.database, name, options: {} });
    return {};
  });
};

/** An option that is switched off, or that says what is so anyway: a restored dump brings such. */
function asksForNothing(option: string, value: unknown): boolean {
  if (option === 'collation' && isObject(value)) return value.locale === 'simple';
  return value === undefined || value === null || value === false;
}

function assertPlainIdIndex(idIndex: unknown): void {
  if (idIndex === undefined) return;
  if (!isObject(idIndex) || !equalValues(idIndex.key, { _id: 1 }))
    throw new StoreError('BadValue', "The field 'key' for an _id index must be {_id: 1}");
  assertNoCollation(idIndex);
}

export const drop: CommandHandler = (request, context) => {
  const name = collectionName(request);
  const { store } = context;
  return store.engine.write((transaction) => {
    const collection = store.catalogue.find(request.database, name);
    // As in current MongoDB, dropping what is not there succeeds.
    if (!collection) return {};
    const reply = { nIndexesWas: collection.indexes.length, ns: namespaceOf(collection) };
    dropCollection(transaction, store, collection);
    return reply;
  });
};

export const dropDatabase: CommandHandler = (request, context) => {
  const { store } = context;
  return store.engine.write((transaction) => {
    const collections = store.catalogue.list().filter(({ database }) => database === request.database);
    for (const collection of collections) dropCollection(transaction, store, collection);
    return collections.length > 0 ? { dropped: request.database } : {};
  });
};

function dropCollection(transaction: WriteTransaction, store: Store, collection: Collection): void {
  store.catalogue.remove(transaction, collection);
  store.purger.discard(transaction, SPACE.documents, collection.id);
  for (const index of collection.indexes) store.purger.discard(transaction, SPACE.indexes, index.id);
}

export const renameCollection: CommandHandler = (request, context) => {
  const from = splitNamespace(request.body.renameCollection);
  const to = splitNamespace(request.body.to);
  if (from.database !== to.database) {
    throw new StoreError(
      'IllegalOperation',
      'The embedded store renames collections within one database only; point MONGODB_URI at MongoDB to move them',
    );
  }
  if (from.name === to.name) throw new StoreError('IllegalOperation', "Can't rename a collection to itself");
  const dropTarget = booleanField(request.body, 'dropTarget');
  const { store } = context;
  return store.engine.write((transaction) => {
    const collection = store.catalogue.find(from.database, from.name);
    if (!collection)
      throw new StoreError(
        'NamespaceNotFound',
        `Source collection ${from.database}.${from.name} does not exist`,
      );
    const target = store.catalogue.find(to.database, to.name);
    if (target && !dropTarget) throw new StoreError('NamespaceExists', 'target namespace exists');
    if (target) dropCollection(transaction, store, target);
    store.catalogue.rename(transaction, collection, to.name);
    return {};
  });
};

export const listCollections: CommandHandler = (request, context) => {
  const { body, database } = request;
  const matches = compileFilter(objectField(body, 'filter'));
  const nameOnly = body.nameOnly === true;
  const rows = context.store.catalogue
    .list()
    .filter((collection) => collection.database === database)
    .map((collection) => ({
      name: collection.name,
      type: 'collection',
      options: collection.options,
      info: { readOnly: false },
      idIndex: collection.indexes[0]?.spec ?? {},
    }))
    .filter((row) => matches(row))
    .map((row): BsonObject => (nameOnly ? { name: row.name, type: row.type } : row));
  const options = {
    wanted: batchSizeOf(body),
    singleBatch: false,
    namespace: `${database}.$cmd.listCollections`,
  };
  return firstReply(new ArraySource(rows), options, context);
};

/** The batch size inside a `cursor` option, or MongoDB's default. */
export function batchSizeOf(body: BsonObject): number {
  return countField(objectField(body, 'cursor'), 'batchSize') ?? 101;
}

const BYTES_PER_MB = 1024 * 1024;

/** A database's size is that of its documents; the total is that of the file they share. */
export const listDatabases: CommandHandler = (request, context) => {
  const matches = compileFilter(objectField(request.body, 'filter'));
  const sizes = new Map<string, number>();
  for (const collection of context.store.catalogue.list()) {
    const { bytes } = context.store.catalogue.committedCounters(collection);
    sizes.set(collection.database, (sizes.get(collection.database) ?? 0) + bytes);
  }
  const databases = [...sizes]
    .map(([name, sizeOnDisk]) => ({ name, sizeOnDisk, empty: sizeOnDisk === 0 }))
    .filter((row) => matches(row));
  if (request.body.nameOnly === true) return { databases: databases.map(({ name }) => ({ name })) };
  const totalSize = context.store.engine.fileBytes();
  return { databases, totalSize, totalSizeMb: Math.floor(totalSize / BYTES_PER_MB) };
};
