import { serialize } from 'bson';
import {
  Binary,
  type Db,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  ObjectId,
  Timestamp,
} from 'mongodb';

/** Documents with what a copy loses first: number types, an empty timestamp, the order of types in `_id`. */
export const SAMPLES: Document[] = [
  { _id: new ObjectId(), int: new Int32(1), double: new Double(1), long: Long.fromNumber(1) },
  {
    _id: 'text',
    decimal: Decimal128.fromString('0.10'),
    at: new Date(0),
    zero: new Timestamp({ t: 0, i: 0 }),
  },
  { _id: new Int32(7), bytes: new Binary(Buffer.from([1, 2, 3])), list: [[], {}, null] },
];

/** Indexes as `listIndexes` reports them. */
export const INDEXES: Document[] = [
  { v: 2, key: { int: 1 }, name: 'int_1', unique: true, sparse: true },
  { v: 2, key: { at: -1 }, name: 'at_-1', expireAfterSeconds: 3_000_000 },
  {
    v: 2,
    key: { 'list.a': 1, _id: -1 },
    name: 'partial',
    partialFilterExpression: { list: { $exists: true } },
  },
];

/** Every document as it is stored, in hexadecimal, read as mongodump does: no batch size, then one getMore after the other. */
export async function dumpDocuments(
  database: Db,
  collection: string,
  filter: Document = {},
): Promise<string[]> {
  const cursor = database.collection(collection).find<Document>(filter, { raw: true });
  const rows: string[] = [];
  for await (const row of cursor) {
    if (row instanceof Uint8Array) rows.push(Buffer.from(row).toString('hex'));
  }
  return rows;
}

/** The samples as bytes, to compare with what is read back. */
export const SAMPLE_BYTES = SAMPLES.map((sample) => Buffer.from(serialize(sample)).toString('hex'));

/** Insert as mongorestore does. */
export function restoreDocuments(
  database: Db,
  name: string,
  documents: readonly Document[],
): Promise<Document> {
  return database.command({
    insert: name,
    documents,
    ordered: false,
    bypassDocumentValidation: false,
    bypassEmptyTsReplacement: true,
    writeConcern: { w: 'majority' },
  });
}

/** The indexes as mongodump asks for them. */
export async function dumpIndexes(database: Db, collection: string): Promise<Document[]> {
  const { cursor } = await database.command({ listIndexes: collection, cursor: {} });
  return cursor.firstBatch;
}
