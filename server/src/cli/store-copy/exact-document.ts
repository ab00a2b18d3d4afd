import { deserialize, onDemand, serialize } from 'bson';

/** A document or one inside it, as the driver can send it: field names in their order, values in their BSON types. */
export type ExactDocument = Map<string, unknown>;

const TYPE = { document: 0x03, array: 0x04, timestamp: 0x11 } as const;
/** Length, type, the end of an empty name, and the end of the document: what is around a value that stands alone. */
const FRAME_BYTES = 4 + 1 + 1 + 1;

/**
 * Reads a document so that writing it gives the same bytes. Objects would not do: JavaScript puts fields whose names are
 * whole numbers first. Null where the driver has no value that is written the same way.
 */
export const toExactDocument = (bytes: Uint8Array): ExactDocument | null => {
  const document = readDocument(bytes, 0);
  return Buffer.compare(serialize(document), bytes) === 0 ? document : null;
};

/** Whether a field beside `_id` is a timestamp of zero, which MongoDB replaces by the time unless told not to. */
export const holdsEmptyTimestamp = (bytes: Uint8Array): boolean => {
  for (const [type, , , offset, length] of onDemand.parseToElements(bytes)) {
    if (type === TYPE.timestamp && bytes.subarray(offset, offset + length).every((byte) => byte === 0))
      return true;
  }
  return false;
};

const readDocument = (bytes: Uint8Array, start: number): ExactDocument => {
  const document: ExactDocument = new Map();
  for (const [type, nameOffset, nameLength, offset, length] of onDemand.parseToElements(bytes, start)) {
    const name = textAt(bytes, nameOffset, nameLength);
    if (type === TYPE.document) document.set(name, readDocument(bytes, offset));
    else if (type === TYPE.array) document.set(name, [...readDocument(bytes, offset).values()]);
    else document.set(name, readValue(type, bytes.subarray(offset, offset + length)));
  }
  return document;
};

const textAt = (bytes: Uint8Array, offset: number, length: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('utf8');

/** One value, read as the only field of a document, with numbers and binaries left in their own types. */
const readValue = (type: number, value: Uint8Array): unknown => {
  const alone = Buffer.alloc(FRAME_BYTES + value.length);
  alone.writeInt32LE(alone.length, 0);
  alone.writeUInt8(type, 4);
  alone.set(value, 6);
  const read: Record<string, unknown> = deserialize(alone, {
    promoteValues: false,
    promoteBuffers: false,
    bsonRegExp: true,
    validation: { utf8: false },
  });
  return read[''];
};
