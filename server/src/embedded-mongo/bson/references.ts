import { DBRef } from 'bson';
import { type BsonObject, isObject, setField } from './values.js';

const REF_ELEMENT = Buffer.from('\x02$ref\0', 'latin1');
const DB_ELEMENT = Buffer.from('\x02$db\0', 'latin1');

/**
 * References (`{ $ref, $id }`) are documents to MongoDB, while `bson` reads them as objects of its own class, which also
 * splits `$ref: 'a.b'` in two. This puts the documents back; almost always the bytes hold none and nothing is walked.
 */
export function withPlainReferences(document: BsonObject, bytes: Uint8Array): BsonObject {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!source.includes(REF_ELEMENT)) return document;
  const plain = plainValue(document, source.includes(DB_ELEMENT));
  return isObject(plain) ? plain : document;
}

function plainValue(value: unknown, hasDb: boolean): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => plainValue(element, hasDb));
  if (!(value instanceof DBRef)) return isObject(value) ? plainFields(value, hasDb) : value;
  const { collection, oid, db, fields } = value;
  const split = db !== undefined && !hasDb;
  return {
    $ref: split ? `${db}.${collection}` : collection,
    $id: plainValue(oid, hasDb),
    ...(db === undefined || split ? {} : { $db: db }),
    ...plainFields(fields, hasDb),
  };
}

function plainFields(object: BsonObject, hasDb: boolean): BsonObject {
  const copy: BsonObject = {};
  for (const field of Object.keys(object)) setField(copy, field, plainValue(object[field], hasDb));
  return copy;
}
