import { equalValues } from '../bson/compare.js';
import { decodeTyped } from '../bson/raw.js';
import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { StoreError } from '../errors.js';
import type { Collection } from '../storage/catalogue.js';
import type { WriteTransaction } from '../storage/engine.js';
import { defineIndex, type IndexDefinition } from '../storage/index-definition.js';
import { CollectionScan } from '../storage/scans.js';
import type { Store } from '../storage/store.js';
import { type CommandHandler, collectionName } from './command.js';
import { normaliseIndexSpec } from './index-spec.js';

const MAX_INDEXES = 64;

/**
 * Builds indexes in one commit with their entries. An index that the data contradicts (a duplicate under a unique one) is
 * refused and leaves nothing. One that exists already with the same options is not built again.
 */
export const createIndexes: CommandHandler = async (request, context) => {
  const name = collectionName(request);
  const { indexes } = request.body;
  if (!Array.isArray(indexes) || indexes.length === 0) {
    throw new StoreError('BadValue', 'Must specify at least one index to create');
  }
  const specs = indexes.map((spec: unknown) => normaliseIndexSpec(spec));
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

/** False when the same index exists; refuses one that differs from an existing index only in name or options. */
function isNew(collection: Collection, spec: BsonObject, earlier: readonly BsonObject[]): boolean {
  if (equalValues(spec.key, { _id: 1 })) return false;
  for (const other of [...collection.indexes.map((index) => index.spec), ...earlier]) {
    const sameName = other.name === spec.name;
    const sameKey = sameKeyPattern(other.key, spec.key);
    if (!sameName && !sameKey) continue;
    if (sameKey && sameOptions(other, spec)) {
      if (sameName) return false;
      throw new StoreError(
        'IndexOptionsConflict',
        `Index already exists with a different name: ${String(other.name)}`,
      );
    }
    if (sameKey && !sameName && !equalValues(other.partialFilterExpression, spec.partialFilterExpression))
      continue;
    if (sameName && sameKey) {
      throw new StoreError(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${describe(spec)}, existing index: ${describe(other)}`,
      );
    }
    if (sameName) {
      throw new StoreError(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index: ${String(spec.name)}`,
      );
    }
    throw new StoreError(
      'IndexOptionsConflict',
      `An equivalent index already exists with a different name and options. Requested index: ${describe(spec)}, existing index: ${describe(other)}`,
    );
  }
  return true;
}

function sameKeyPattern(a: unknown, b: unknown): boolean {
  return equalValues(a, b);
}

const COMPARED_OPTIONS = ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds'];

function sameOptions(a: BsonObject, b: BsonObject): boolean {
  return COMPARED_OPTIONS.every((option) => equalValues(a[option], b[option]));
}

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
