import { decodeTyped, encodeDocument } from '../bson/raw.js';
import { type BsonObject, isObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import type { Engine, WriteTransaction } from './engine.js';
import { defineIndex, ID_INDEX_NAME, type IndexDefinition, restoreIndex } from './index-definition.js';
import { afterPrefix, documentKey, prefixOf, recordOfDocumentKey, SPACE } from './layout.js';

/** A collection as it is open in memory. Only write jobs change it. */
export interface Collection {
  readonly id: number;
  readonly database: string;
  name: string;
  readonly options: BsonObject;
  indexes: IndexDefinition[];
  /** The record number for the next document; read from the file when first needed. */
  nextRecord: number | undefined;
  count: number;
  bytes: number;
}

/** `database.collection`, as it appears in replies and messages. */
export function namespaceOf(collection: { database: string; name: string }): string {
  return `${collection.database}.${collection.name}`;
}

/**
 * What exists: databases, collections and indexes. Kept in memory, written in the transaction of the change, and read
 * again from the file when a commit was thrown away.
 */
export class Catalogue {
  private byNamespace = new Map<string, Collection>();
  private nextId = 1;
  private readonly changed = new Set<Collection>();

  constructor(private readonly engine: Engine) {
    this.load();
  }

  find(database: string, name: string): Collection | undefined {
    return this.byNamespace.get(`${database}.${name}`);
  }

  list(): Collection[] {
    return [...this.byNamespace.values()];
  }

  /** A number for a new collection or index; not used again while a dropped one's keys are still being removed. */
  takeId(): number {
    return this.nextId++;
  }

  getOrCreate(transaction: WriteTransaction, database: string, name: string): Collection {
    return this.find(database, name) ?? this.create(transaction, { database, name, options: {} });
  }

  create(
    transaction: WriteTransaction,
    wanted: { database: string; name: string; options: BsonObject },
  ): Collection {
    assertNamespace(wanted.database, wanted.name);
    const collection: Collection = {
      id: this.takeId(),
      ...wanted,
      indexes: [],
      nextRecord: 1,
      count: 0,
      bytes: 0,
    };
    const spec = { v: 2, key: { _id: 1 }, name: ID_INDEX_NAME };
    collection.indexes.push(
      defineIndex({ id: this.takeId(), spec, multikey: false, truncated: false, ready: true }),
    );
    this.byNamespace.set(namespaceOf(collection), collection);
    this.save(transaction, collection);
    this.touch(collection);
    return collection;
  }

  /** Write a collection's definition after its indexes or name changed. */
  save(transaction: WriteTransaction, collection: Collection): void {
    const record = {
      database: collection.database,
      name: collection.name,
      options: collection.options,
      nextId: this.nextId,
      indexes: collection.indexes.map((index) => ({
        id: index.id,
        multikey: index.multikey,
        truncated: index.truncated,
        spec: index.spec,
      })),
    };
    transaction.put(prefixOf(SPACE.catalogue, collection.id), encodeDocument(record));
  }

  /** Take a collection out of the catalogue; its keys are the caller's to purge. */
  remove(transaction: WriteTransaction, collection: Collection): void {
    this.byNamespace.delete(namespaceOf(collection));
    this.changed.delete(collection);
    transaction.remove(prefixOf(SPACE.catalogue, collection.id));
    transaction.remove(prefixOf(SPACE.counters, collection.id));
  }

  rename(transaction: WriteTransaction, collection: Collection, name: string): void {
    assertNamespace(collection.database, name);
    this.byNamespace.delete(namespaceOf(collection));
    collection.name = name;
    this.byNamespace.set(namespaceOf(collection), collection);
    this.save(transaction, collection);
  }

  /** The counters of `collection` changed and have to be written at the end of this commit. */
  touch(collection: Collection): void {
    this.changed.add(collection);
  }

  flushCounters(transaction: WriteTransaction): void {
    for (const collection of this.changed) {
      const value = Buffer.alloc(16);
      value.writeDoubleLE(collection.count, 0);
      value.writeDoubleLE(collection.bytes, 8);
      transaction.put(prefixOf(SPACE.counters, collection.id), value);
    }
    this.changed.clear();
  }

  /** The durable counters, which may lag behind the ones a running commit is changing. */
  committedCounters(collection: Collection): { count: number; bytes: number } {
    return readCounters(this.engine.get(prefixOf(SPACE.counters, collection.id)));
  }

  takeRecord(collection: Collection): number {
    collection.nextRecord ??= this.lastRecord(collection.id) + 1;
    return collection.nextRecord++;
  }

  /** Forget everything in memory and read the file again. */
  load(): void {
    this.byNamespace = new Map();
    this.changed.clear();
    const start = Buffer.of(SPACE.catalogue);
    for (const { key, value } of this.engine.range({ start, end: afterPrefix(start) })) {
      const collection = this.restore(key.readUInt32BE(1), decodeTyped(value));
      this.byNamespace.set(namespaceOf(collection), collection);
      const highest = Math.max(collection.id, ...collection.indexes.map((index) => index.id));
      this.nextId = Math.max(this.nextId, highest + 1);
    }
    this.skipPurgedIds();
  }

  private skipPurgedIds(): void {
    const start = Buffer.of(SPACE.purge);
    for (const { key } of this.engine.range({ start, end: afterPrefix(start) })) {
      this.nextId = Math.max(this.nextId, key.readUInt32BE(2) + 1);
    }
  }

  private restore(id: number, record: BsonObject): Collection {
    const { database, name, options, indexes } = record;
    if (typeof database !== 'string' || typeof name !== 'string' || !Array.isArray(indexes)) {
      throw new StoreError('InternalError', 'The catalogue of the data directory cannot be read');
    }
    const counters = readCounters(this.engine.get(prefixOf(SPACE.counters, id)));
    return {
      id,
      database,
      name,
      options: isObject(options) ? options : {},
      indexes: indexes.filter(isObject).map(restoreIndex),
      nextRecord: undefined,
      ...counters,
    };
  }

  private lastRecord(collectionId: number): number {
    const prefix = prefixOf(SPACE.documents, collectionId);
    const [last] = this.engine.range({
      start: afterPrefix(prefix),
      end: documentKey(collectionId, 0),
      reverse: true,
      limit: 1,
    });
    return last ? recordOfDocumentKey(last.key) : 0;
  }
}

function readCounters(value: Buffer | undefined): { count: number; bytes: number } {
  return value ? { count: value.readDoubleLE(0), bytes: value.readDoubleLE(8) } : { count: 0, bytes: 0 };
}

const MAX_NAMESPACE_BYTES = 255;
const MAX_DATABASE_BYTES = 63;

/** Refuse a name no database can have, in time: one with a dot would reach into the collections of another. */
export function assertDatabaseName(database: string): void {
  const bad =
    database === '' || /[/\\. "\0]/.test(database) || Buffer.byteLength(database) > MAX_DATABASE_BYTES;
  if (bad) throw new StoreError('InvalidNamespace', `Invalid database name: '${database}'`);
}

function assertNamespace(database: string, name: string): void {
  assertDatabaseName(database);
  const namespace = `${database}.${name}`;
  const bad =
    name === '' ||
    database.includes('$') ||
    /[$\0]/.test(name) ||
    name.startsWith('.') ||
    name.endsWith('.') ||
    Buffer.byteLength(namespace) > MAX_NAMESPACE_BYTES;
  if (bad) throw new StoreError('InvalidNamespace', `Invalid namespace specified '${namespace}'`);
}
