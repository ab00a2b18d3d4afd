import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import { type Collection, namespaceOf } from '../storage/catalogue.js';
import type { WriteTransaction } from '../storage/engine.js';
import { SPACE } from '../storage/layout.js';
import type { Store } from '../storage/store.js';
import { ArraySource } from './array-source.js';
import { type CommandHandler, collectionName, countField, objectField } from './command.js';
import { firstReply } from './find.js';

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
  for (const option of Object.keys(request.body)) {
    const value = request.body[option];
    if (HARMLESS_CREATE_OPTIONS.has(option) || value === undefined || value === null || value === false)
      continue;
    throw new StoreError(
      'InvalidOptions',
      `The embedded store does not support the collection option '${option}'; point MONGODB_URI at MongoDB to use it`,
    );
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
      'The embedded store renames collections within one database only',
    );
  }
  const { store } = context;
  return store.engine.write((transaction) => {
    const collection = store.catalogue.find(from.database, from.name);
    if (!collection)
      throw new StoreError(
        'NamespaceNotFound',
        `Source collection ${from.database}.${from.name} does not exist`,
      );
    const target = store.catalogue.find(to.database, to.name);
    if (target && request.body.dropTarget !== true)
      throw new StoreError('NamespaceExists', 'target namespace exists');
    if (target === collection)
      throw new StoreError('IllegalOperation', "Can't rename a collection to itself");
    if (target) dropCollection(transaction, store, target);
    store.catalogue.rename(transaction, collection, to.name);
    return {};
  });
};

function splitNamespace(value: unknown): { database: string; name: string } {
  const dot = typeof value === 'string' ? value.indexOf('.') : -1;
  if (typeof value !== 'string' || dot < 1)
    throw new StoreError('InvalidNamespace', 'Invalid namespace specified');
  return { database: value.slice(0, dot), name: value.slice(dot + 1) };
}

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
  return { databases, totalSize: context.store.engine.fileBytes() };
};

/** Only the expiry of a TTL index can be changed. */
export const collMod: CommandHandler = (request, context) => {
  const name = collectionName(request);
  const change = request.body.index;
  if (!isObject(change) || numberOf(change.expireAfterSeconds) === undefined) {
    throw new StoreError(
      'InvalidOptions',
      'The embedded store can only change expireAfterSeconds of an index',
    );
  }
  const { store } = context;
  return store.engine.write((transaction) => {
    const collection = store.catalogue.find(request.database, name);
    if (!collection)
      throw new StoreError('NamespaceNotFound', `ns does not exist: ${request.database}.${name}`);
    const index = collection.indexes.find((candidate) => candidate.name === change.name);
    if (!index) throw new StoreError('IndexNotFound', `cannot find index ${String(change.name)} for ns`);
    const before = index.expireAfterSeconds;
    index.expireAfterSeconds = numberOf(change.expireAfterSeconds);
    index.spec = { ...index.spec, expireAfterSeconds: change.expireAfterSeconds };
    store.catalogue.save(transaction, collection);
    return {
      ...(before === undefined ? {} : { expireAfterSeconds_old: before }),
      expireAfterSeconds_new: change.expireAfterSeconds,
    };
  });
};
