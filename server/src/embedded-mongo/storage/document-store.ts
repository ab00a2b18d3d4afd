import { ObjectId } from 'bson';
import { assertDocumentSize, decodeTyped, withObjectId } from '../bson/raw.js';
import { type BsonObject, isObject, TAG, tagOf } from '../bson/values.js';
import { StoreError } from '../errors.js';
import type { Catalogue, Collection } from './catalogue.js';
import { duplicateKeyError } from './duplicate-key.js';
import type { Engine, WriteTransaction } from './engine.js';
import { withIdFirst } from './id-first.js';
import type { IndexDefinition } from './index-definition.js';
import { type IndexKeys, indexKeysOf } from './index-keys.js';
import { documentKey, indexEntryKey, recordOfValue, recordValue } from './layout.js';
import { assertNesting } from './nesting.js';
import type { Candidate } from './scans.js';
import { SomeFields } from './some-fields.js';

/**
 * Writes documents together with their index entries. Every refusal (duplicate key, size, parallel arrays) is raised
 * before the first byte is written, so a refused statement leaves nothing behind.
 */
export class DocumentStore {
  constructor(
    private readonly engine: Engine,
    private readonly catalogue: Catalogue,
  ) {}

  getBytes(collection: Collection, record: number): Buffer | undefined {
    return this.engine.get(documentKey(collection.id, record));
  }

  /** Store a new document as the bytes it came in, with `_id` added or moved to the front. Returns its `_id`. */
  insert(transaction: WriteTransaction, collection: Collection, bytes: Uint8Array): unknown {
    const prepared = prepareForInsert(bytes);
    assertDocumentSize(prepared.bytes, 'insert');
    assertNesting(prepared.bytes);
    const record = this.catalogue.takeRecord(collection);
    const entries = collection.indexes.map((index) => indexKeysOf(index, prepared.document));
    collection.indexes.forEach((index, i) => {
      this.assertUnique(collection, index, entries[i], record);
    });
    transaction.put(documentKey(collection.id, record), prepared.bytes);
    collection.indexes.forEach((index, i) => {
      this.addEntries(transaction, { collection, index, keys: entries[i], record });
    });
    this.count(collection, 1, prepared.bytes.length);
    return prepared.document._id;
  }

  /** Replace a stored document, `bytes` being those of `after`; index entries that stay the same are not touched. */
  replace(
    transaction: WriteTransaction,
    collection: Collection,
    change: { record: number; before: BsonObject; beforeBytes: number; after: BsonObject; bytes: Buffer },
  ): void {
    const { record, before, after, bytes } = change;
    assertDocumentSize(bytes, 'update');
    assertNesting(bytes);
    const work = collection.indexes.map((index) => {
      const old = indexKeysOf(index, before);
      const fresh = indexKeysOf(index, after);
      return { index, ...differenceOf(old, fresh) };
    });
    for (const { index, added } of work) this.assertUnique(collection, index, added, record);
    transaction.put(documentKey(collection.id, record), bytes);
    for (const { index, added, removed } of work) {
      this.removeEntries(transaction, index, removed, record);
      this.addEntries(transaction, { collection, index, keys: added, record });
    }
    this.count(collection, 0, bytes.length - change.beforeBytes);
  }

  /** Remove a document as it is stored. */
  remove(transaction: WriteTransaction, collection: Collection, gone: Candidate): void {
    const { record, bytes } = gone;
    const document = indexedFieldsOf(collection, bytes);
    for (const index of collection.indexes) {
      this.removeEntries(transaction, index, indexKeysOf(index, document), record);
    }
    transaction.remove(documentKey(collection.id, record));
    this.count(collection, -1, -bytes.length);
  }

  /** Add the entries of one stored document to a new index. Refuses on the first duplicate. */
  addToIndex(
    transaction: WriteTransaction,
    target: { collection: Collection; index: IndexDefinition; record: number; document: BsonObject },
  ): void {
    const keys = indexKeysOf(target.index, target.document);
    this.assertUnique(target.collection, target.index, keys, target.record);
    this.addEntries(transaction, { ...target, keys });
  }

  private assertUnique(
    collection: Collection,
    index: IndexDefinition,
    keys: IndexKeys | undefined,
    record: number,
  ): void {
    if (!index.unique || !keys) return;
    for (const { bytes, values } of keys.keys) {
      const holder = this.engine.get(indexEntryKey(index.id, bytes));
      if (holder && recordOfValue(holder) !== record) throw duplicateKeyError(collection, index, values);
    }
  }

  private addEntries(
    transaction: WriteTransaction,
    target: { collection: Collection; index: IndexDefinition; keys: IndexKeys | undefined; record: number },
  ): void {
    const { collection, index, keys, record } = target;
    if (!keys) return;
    const value = recordValue(record);
    for (const { bytes } of keys.keys) {
      transaction.put(indexEntryKey(index.id, bytes, index.unique ? undefined : record), value);
    }
    if ((keys.multikey && !index.multikey) || (keys.truncated && !index.truncated)) {
      index.multikey ||= keys.multikey;
      index.truncated ||= keys.truncated;
      this.catalogue.save(transaction, collection);
    }
  }

  private removeEntries(
    transaction: WriteTransaction,
    index: IndexDefinition,
    keys: IndexKeys,
    record: number,
  ): void {
    for (const { bytes } of keys.keys) {
      transaction.remove(indexEntryKey(index.id, bytes, index.unique ? undefined : record));
    }
  }

  private count(collection: Collection, documents: number, bytes: number): void {
    // A change of the same size then writes a third fewer pages.
    if (documents === 0 && bytes === 0) return;
    collection.count += documents;
    collection.bytes += bytes;
    this.catalogue.touch(collection);
  }
}

/** As much of a stored document as its indexes look at. */
function indexedFieldsOf(collection: Collection, bytes: Buffer): BsonObject {
  const names = new Set<string>();
  for (const { fieldNames } of collection.indexes) {
    if (fieldNames === undefined) return decodeTyped(bytes);
    for (const name of fieldNames) names.add(name);
  }
  return new SomeFields(names).decode(bytes);
}

function differenceOf(old: IndexKeys, fresh: IndexKeys): { added: IndexKeys; removed: IndexKeys } {
  const added = fresh.keys.filter((key) => !old.keys.some((other) => other.bytes.equals(key.bytes)));
  const removed = old.keys.filter((key) => !fresh.keys.some((other) => other.bytes.equals(key.bytes)));
  return { added: { ...fresh, keys: added }, removed: { ...old, keys: removed } };
}

function prepareForInsert(bytes: Uint8Array): { bytes: Uint8Array; document: BsonObject } {
  const document = decodeTyped(bytes);
  if (!Object.hasOwn(document, '_id')) {
    const added = withObjectId(bytes);
    return { bytes: added.bytes, document: { _id: added.id, ...document } };
  }
  assertUsableId(document._id);
  return { bytes: withIdFirst(bytes), document };
}

/** The only names with a dollar sign that an `_id` may hold: those of a reference. */
const REFERENCE_FIELDS = new Set(['$ref', '$id', '$db']);

/** MongoDB allows any `_id` except arrays, regular expressions, undefined and documents of operators. */
export function assertUsableId(id: unknown): void {
  const tag = id instanceof ObjectId ? TAG.objectId : tagOf(id);
  if (tag === TAG.array || tag === TAG.regex || tag === TAG.undefined) {
    const name = tag === TAG.array ? 'array' : tag === TAG.regex ? 'regex' : 'undefined';
    throw new StoreError('InvalidIdField', `The '_id' value cannot be of type ${name}`);
  }
  const dollar =
    isObject(id) && Object.keys(id).find((field) => field.startsWith('$') && !REFERENCE_FIELDS.has(field));
  if (dollar) {
    throw new StoreError(
      'DollarPrefixedFieldName',
      `_id fields may not contain '$'-prefixed fields: ${dollar} is not valid for storage.`,
    );
  }
}
