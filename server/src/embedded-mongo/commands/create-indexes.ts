import { equalValues } from '../bson/compare.js';
import { decodeTyped } from '../bson/raw.js';
import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { StoreError } from '../errors.js';
import type { Collection } from '../storage/catalogue.js';
import type { WriteTransaction } from '../storage/engine.js';
import { defineIndex, type IndexDefinition } from '../storage/index-definition.js';
import { CollectionScan } from '../storage/scans.js';
import type { Store } from '../storage/store.js';
import type { CommandHandler } from './command.js';
import { currentIndexForm } from './index-options.js';
import { normaliseIndexSpec } from './index-spec.js';
import { collectionName, requiredArray } from './request.js';

const MAX_INDEXES = 64;

/**
 * Builds indexes in one commit with their entries. An index that the data contradicts (a duplicate under a unique one) is
 * refused and leaves nothing. One that exists already with the same options is not built again.
 */
export const createIndexes: CommandHandler = async (request, context) => {
  const name = collectionName(request);
  const indexes = requiredArray(request.body, 'indexes');
  if (indexes.length === 0) {
    throw new StoreError('BadValue', 'Must specify at least one index to create');
  }
  const ignoreUnknown = request.body.ignoreUnknownIndexOptions === true;
  const specs = indexes.map((spec) => normaliseIndexSpec(currentIndexForm(spec, ignoreUnknown)));
  const { store } = context;
  return store.engine.write((transaction) => {
    const existing = store.catalogue.find(request.database, name);
    const collection = existing ?? store.catalogue.getOrCreate(transaction, request.database, name);
    const before = collection.indexes.length;
    const fresh = specs.filter((spec, i) => isNew(collection, spec, specs.slice(0, i)));
    if (before + fresh.length > MAX_INDEXES)
      throw new StoreError('CannotCreateIndex', 'add index fails, too many indexes');
    for (const spec of fresh) build(transaction, store, collection, spec);
    return {
      numIndexesBefore: before,
      numIndexesAfter: collection.indexes.length,
      createdCollectionAutomatically: existing === undefined,
      ...(fresh.length === 0 ? { note: 'all indexes already exist' } : {}),
    };
  });
};

/**
 * False when the same index exists; refuses one that differs from an existing index only in name or options, and one that
 * the same command asks for twice.
 */
function isNew(collection: Collection, spec: BsonObject, earlier: readonly BsonObject[]): boolean {
  if (equalValues(spec.key, { _id: 1 })) {
    const option = NOT_FOR_ID.find((one) => spec[one] !== undefined);
    if (option !== undefined) {
      throw new StoreError(
        'InvalidIndexSpecificationOption',
        `The field '${option}' is not valid for an _id index specification`,
      );
    }
    if (spec.collation === undefined) return false;
    throw new StoreError('BadValue', 'The _id index must have the same collation as the collection');
  }
  const known = [...collection.indexes.map((index) => index.spec), ...earlier];
  const named = known.find((other) => other.name === spec.name);
  if (named && !isEquivalent(named, spec)) {
    throw new StoreError(
      'IndexKeySpecsConflict',
      `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. ${describeBoth(spec, named)}`,
    );
  }
  const equivalent = named ?? known.find((other) => isEquivalent(other, spec));
  if (!equivalent) return true;
  if (!equalValues(equivalent.expireAfterSeconds, spec.expireAfterSeconds)) {
    throw new StoreError(
      'IndexOptionsConflict',
      `An equivalent index already exists with different options. ${describeBoth(spec, equivalent)}`,
    );
  }
  const name = String(equivalent.name);
  if (!named) {
    throw new StoreError('IndexOptionsConflict', `Index already exists with a different name: ${name}`);
  }
  if (earlier.includes(named)) {
    throw new StoreError('IndexAlreadyExists', `Identical index already exists: ${name}`);
  }
  return false;
}

const isEquivalent = (a: BsonObject, b: BsonObject): boolean =>
  ['key', ...DISTINGUISHING].every((option) => equalValues(a[option], b[option]));

const describeBoth = (requested: BsonObject, existing: BsonObject): string =>
  `Requested index: ${describe(requested)}, existing index: ${describe(existing)}`;

/** What the index that every collection has cannot be told to do. */
const NOT_FOR_ID = ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds'];

/** What tells indexes on the same key apart, so that they may exist beside each other under different names. */
const DISTINGUISHING = ['unique', 'sparse', 'partialFilterExpression', 'collation'];

function describe(spec: BsonObject): string {
  const key = isObject(spec.key) ? spec.key : {};
  const fields = Object.keys(key).map((path) => `${path}: ${numberOf(key[path]) ?? ''}`);
  return `{ name: "${String(spec.name)}", key: { ${fields.join(', ')} } }`;
}

function build(transaction: WriteTransaction, store: Store, collection: Collection, spec: BsonObject): void {
  const { catalogue, documents, engine } = store;
  const index: IndexDefinition = defineIndex({
    id: catalogue.takeId(),
    spec,
    multikey: false,
    truncated: false,
    ready: false,
  });
  // The entries are written before the index joins the collection, so nothing is saved twice while it grows.
  const scan = new CollectionScan(engine, collection, false);
  for (let candidate = scan.next(); candidate; candidate = scan.next()) {
    documents.addToIndex(transaction, {
      collection,
      index,
      record: candidate.record,
      document: decodeTyped(candidate.bytes),
    });
  }
  collection.indexes = [...collection.indexes, index];
  catalogue.save(transaction, collection);
  transaction.afterCommit(() => {
    index.ready = true;
  });
}
