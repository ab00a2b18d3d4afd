import { StoreError } from '../errors.js';

const TYPE = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binary: 0x05,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  regex: 0x0b,
  dbPointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  codeWithScope: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal: 0x13,
} as const;

/** Bytes of the values that always take the same; those that are all type, such as null, take none. */
const FIXED_BYTES = new Map<number, number>([
  [TYPE.double, 8],
  [TYPE.objectId, 12],
  [TYPE.boolean, 1],
  [TYPE.date, 8],
  [TYPE.int32, 4],
  [TYPE.timestamp, 8],
  [TYPE.int64, 8],
  [TYPE.decimal, 16],
]);

/** What a value takes besides the length it begins with. */
const BESIDES_LENGTH = new Map<number, number>([
  [TYPE.string, 4],
  [TYPE.code, 4],
  [TYPE.symbol, 4],
  [TYPE.object, 0],
  [TYPE.array, 0],
  [TYPE.codeWithScope, 0],
  [TYPE.binary, 5],
  [TYPE.dbPointer, 16],
]);

const HEAD_BYTES = 4;

/**
 * A document, known to be well-formed, with its `_id` before the other fields, which keep their bytes and their order. The
 * driver puts an `_id` of its own making last. Refuses two of them as MongoDB does.
 */
export function withIdFirst(document: Uint8Array): Buffer {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  let found: { from: number; to: number } | undefined;
  const end = bytes.length - 1;
  for (let at = HEAD_BYTES; at < end; ) {
    const next = elementEnd(bytes, at);
    if (isId(bytes, at)) {
      if (found) throw new StoreError('BadValue', "can't have multiple _id fields in one document");
      found = { from: at, to: next };
    }
    at = next;
  }
  if (!found) return bytes;
  const { from, to } = found;
  return Buffer.concat([
    bytes.subarray(0, HEAD_BYTES),
    bytes.subarray(from, to),
    bytes.subarray(HEAD_BYTES, from),
    bytes.subarray(to),
  ]);
}

function isId(bytes: Buffer, at: number): boolean {
  return bytes[at + 1] === 0x5f && bytes[at + 2] === 0x69 && bytes[at + 3] === 0x64 && bytes[at + 4] === 0;
}

function elementEnd(bytes: Buffer, at: number): number {
  const type = bytes.readUInt8(at);
  const value = afterText(bytes, at + 1);
  if (type === TYPE.regex) return afterText(bytes, afterText(bytes, value));
  const besides = BESIDES_LENGTH.get(type);
  if (besides !== undefined) return value + bytes.readInt32LE(value) + besides;
  return value + (FIXED_BYTES.get(type) ?? 0);
}

function afterText(bytes: Buffer, at: number): number {
  let end = at;
  while (end < bytes.length && bytes[end] !== 0) end++;
  return end + 1;
}
