import { deserialize, ObjectId, serialize } from 'bson';
import { LocationError, StoreError } from '../errors.js';
import { withPlainReferences } from './references.js';
import { type BsonObject, isObject } from './values.js';

export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const MIN_DOCUMENT_BYTES = 5;
const OBJECT_ID_ELEMENT_BYTES = 1 + 4 + 12;

/**
 * Read a document keeping every BSON type; the documents inside `rawArrayField` stay bytes.
 * Refuses malformed bytes with InvalidBSON.
 */
export function decodeTyped(bytes: Uint8Array, rawArrayField?: string): BsonObject {
  try {
    const document = deserialize(bytes, {
      promoteValues: false,
      promoteBuffers: false,
      bsonRegExp: true,
      fieldsAsRaw: rawArrayField === undefined ? {} : { [rawArrayField]: true },
    });
    return withPlainReferences(document, bytes);
  } catch (cause) {
    throw new StoreError(
      'InvalidBSON',
      `Malformed BSON: ${cause instanceof Error ? cause.message : 'unknown'}`,
    );
  }
}

/**
 * Write a document; `undefined` becomes null as in the driver's own default for stored data. Refuses a date that no `Date` can hold,
 * which would be written as 1970.
 */
export function encodeDocument(document: BsonObject): Buffer {
  assertDates(document);
  try {
    return Buffer.from(serialize(document, { ignoreUndefined: false }));
  } catch (cause) {
    // bson writes into a buffer that is a little longer than the longest document.
    if (cause instanceof RangeError && !/call stack/.test(cause.message)) throw tooLarge('more');
    throw cause;
  }
}

/** Write a document that is made for a reply; refused over 16 MiB. */
export function encodeResult(document: BsonObject): Buffer {
  const bytes = encodeDocument(document);
  assertDocumentSize(bytes, 'insert');
  return bytes;
}

function assertDates(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime()))
      throw new StoreError(
        'BadValue',
        'The embedded store cannot write a date further than 275,000 years away',
      );
  } else if (Array.isArray(value)) {
    for (const element of value) assertDates(element);
  } else if (isObject(value)) {
    for (const field of Object.keys(value)) assertDates(value[field]);
  }
}

/** The total length a document claims, checked against the bytes that are there. */
export function documentLength(bytes: Buffer, offset: number): number {
  const length = offset + 4 <= bytes.length ? bytes.readInt32LE(offset) : -1;
  if (length < MIN_DOCUMENT_BYTES || offset + length > bytes.length || bytes[offset + length - 1] !== 0) {
    throw new StoreError('InvalidBSON', 'Malformed BSON: a document does not fit the message');
  }
  return length;
}

/** MongoDB has codes of its own for a document that an update or an upsert would make too large. */
const TOO_LARGE = { update: 17419, upsert: 17420 } as const;

/** Refuse a document over 16 MiB with MongoDB's code. */
export function assertDocumentSize(bytes: Uint8Array, madeBy: 'insert' | 'update' | 'upsert'): void {
  if (bytes.length <= MAX_DOCUMENT_BYTES) return;
  if (madeBy !== 'insert') {
    throw new LocationError(
      TOO_LARGE[madeBy],
      `Resulting document after ${madeBy} is larger than ${MAX_DOCUMENT_BYTES}`,
    );
  }
  throw tooLarge(bytes.length);
}

function tooLarge(size: number | 'more'): StoreError {
  const message = `BSONObj size: ${size} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}`;
  return new StoreError('BSONObjectTooLarge', message);
}

/** The same document with a new ObjectId `_id` as its first field, without decoding the rest. */
export function withObjectId(bytes: Uint8Array): { bytes: Buffer; id: ObjectId } {
  const id = new ObjectId();
  const result = Buffer.allocUnsafe(bytes.length + OBJECT_ID_ELEMENT_BYTES);
  result.writeInt32LE(result.length, 0);
  result.write('\x07_id\0', 4, 'latin1');
  result.set(id.id, 9);
  result.set(bytes.subarray(4), 21);
  return { bytes: result, id };
}

const CURSOR_OPEN = Buffer.from('\x03cursor\0', 'latin1');
const ID_ELEMENT = Buffer.from('\x12id\0', 'latin1');
const NS_ELEMENT = Buffer.from('\x02ns\0', 'latin1');
const OK_ELEMENT = Buffer.from('\x01ok\0\0\0\0\0\0\0\xf0\x3f', 'latin1');

/** The reply of find, aggregate and getMore, with the documents put in as the bytes they are stored as. */
export function encodeCursorReply(reply: {
  batchField: 'firstBatch' | 'nextBatch';
  documents: readonly Uint8Array[];
  cursorId: bigint;
  namespace: string;
}): Buffer {
  const batch = encodeRawArray(reply.documents);
  const ns = Buffer.from(`${reply.namespace}\0`, 'utf8');
  const batchName = Buffer.from(`\x04${reply.batchField}\0`, 'latin1');
  const cursorBytes =
    4 + batchName.length + batch.length + ID_ELEMENT.length + 8 + NS_ELEMENT.length + 4 + ns.length + 1;
  const total = 4 + CURSOR_OPEN.length + cursorBytes + OK_ELEMENT.length + 1;
  const out = Buffer.allocUnsafe(total);
  let at = out.writeInt32LE(total, 0);
  at += CURSOR_OPEN.copy(out, at);
  at = out.writeInt32LE(cursorBytes, at);
  at += batchName.copy(out, at);
  at += batch.copy(out, at);
  at += ID_ELEMENT.copy(out, at);
  at = out.writeBigInt64LE(reply.cursorId, at);
  at += NS_ELEMENT.copy(out, at);
  at = out.writeInt32LE(ns.length, at);
  at += ns.copy(out, at);
  at = out.writeUInt8(0, at);
  at += OK_ELEMENT.copy(out, at);
  out.writeUInt8(0, at);
  return out;
}

function encodeRawArray(documents: readonly Uint8Array[]): Buffer {
  let total = 5;
  for (let i = 0; i < documents.length; i++) total += 2 + digits(i) + (documents[i]?.length ?? 0);
  const out = Buffer.allocUnsafe(total);
  let at = out.writeInt32LE(total, 0);
  for (const [i, document] of documents.entries()) {
    at = out.writeUInt8(0x03, at);
    at += out.write(`${i}\0`, at, 'latin1');
    out.set(document, at);
    at += document.length;
  }
  out.writeUInt8(0, at);
  return out;
}

function digits(index: number): number {
  if (index < 10) return 1;
  return Math.floor(Math.log10(index) + 1e-9) + 1;
}
