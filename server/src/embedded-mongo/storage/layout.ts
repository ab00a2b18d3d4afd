/**
 * Where everything lies in the one ordered key space of the data file. Numbers are big-endian, so that a prefix of a key
 * is a range of the file.
 *
 *   meta       01                                   → { format, storeId }
 *   catalogue  02 collection(4)                     → the collection, its options and its indexes
 *   counters   03 collection(4)                     → number of documents, their bytes
 *   documents  04 collection(4) record(6)           → the document's BSON
 *   indexes    05 index(4) key [record(6)]          → record(6); the record is part of the key unless the index is unique
 *   purge      06 space(1) id(4)                    → a dropped collection or index whose keys are still being removed
 */
export const SPACE = { meta: 1, catalogue: 2, counters: 3, documents: 4, indexes: 5, purge: 6 } as const;

export type SpaceCode = (typeof SPACE)[keyof typeof SPACE];

/** Raised when the meaning of stored bytes changes; an older program refuses a newer directory. */
export const FORMAT_VERSION = 1;

export const META_KEY = Buffer.of(SPACE.meta);
const RECORD_BYTES = 6;
const ID_BYTES = 4;
const PREFIX_BYTES = 1 + ID_BYTES;

/** The beginning of every key of one collection or index in a space. */
export function prefixOf(space: SpaceCode, id: number): Buffer {
  const key = Buffer.allocUnsafe(PREFIX_BYTES);
  key.writeUInt8(space, 0);
  key.writeUInt32BE(id, 1);
  return key;
}

/** The first key after every key that begins with `prefix`. */
export function afterPrefix(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  for (let i = end.length - 1; i >= 0; i--) {
    if (end.readUInt8(i) === 0xff) continue;
    end.writeUInt8(end.readUInt8(i) + 1, i);
    return end.subarray(0, i + 1);
  }
  return Buffer.alloc(prefix.length + 1, 0xff);
}

/** Key of a document. */
export function documentKey(collectionId: number, record: number): Buffer {
  const key = Buffer.allocUnsafe(PREFIX_BYTES + RECORD_BYTES);
  key.writeUInt8(SPACE.documents, 0);
  key.writeUInt32BE(collectionId, 1);
  key.writeUIntBE(record, PREFIX_BYTES, RECORD_BYTES);
  return key;
}

/** The collection or index that a key of a document or of an index entry belongs to. */
export function idOfKey(key: Buffer): number {
  return key.readUInt32BE(1);
}

/** The record number at the end of a document's key. */
export function recordOfDocumentKey(key: Buffer): number {
  return key.readUIntBE(PREFIX_BYTES, RECORD_BYTES);
}

/** Key of an index entry; `record` only for an index that may hold the same value twice. */
export function indexEntryKey(indexId: number, value: Uint8Array, record?: number): Buffer {
  const size = PREFIX_BYTES + value.length + (record === undefined ? 0 : RECORD_BYTES);
  const key = Buffer.allocUnsafe(size);
  key.writeUInt8(SPACE.indexes, 0);
  key.writeUInt32BE(indexId, 1);
  key.set(value, PREFIX_BYTES);
  if (record !== undefined) key.writeUIntBE(record, PREFIX_BYTES + value.length, RECORD_BYTES);
  return key;
}

/** What an index entry stores. */
export function recordValue(record: number): Buffer {
  const value = Buffer.allocUnsafe(RECORD_BYTES);
  value.writeUIntBE(record, 0, RECORD_BYTES);
  return value;
}

/** The record an index entry points at. */
export function recordOfValue(value: Buffer): number {
  return value.readUIntBE(0, RECORD_BYTES);
}

/** Key of a pending removal. */
export function purgeKey(space: SpaceCode, id: number): Buffer {
  const key = Buffer.allocUnsafe(2 + ID_BYTES);
  key.writeUInt8(SPACE.purge, 0);
  key.writeUInt8(space, 1);
  key.writeUInt32BE(id, 2);
  return key;
}
