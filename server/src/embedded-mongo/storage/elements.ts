/** How BSON lays out the elements of a document, for looking at documents without decoding them. */
export const TYPE = {
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

/** A document begins with its length. */
export const HEAD_BYTES = 4;

/** Where the element that begins at `at` ends, in a document known to be well-formed. */
export function elementEnd(bytes: Buffer, at: number): number {
  const type = bytes.readUInt8(at);
  const value = afterText(bytes, at + 1);
  if (type === TYPE.regex) return afterText(bytes, afterText(bytes, value));
  const besides = BESIDES_LENGTH.get(type);
  if (besides !== undefined) return value + bytes.readInt32LE(value) + besides;
  return value + (FIXED_BYTES.get(type) ?? 0);
}

/** Behind the zero that ends a name or another text without length. */
export function afterText(bytes: Buffer, at: number): number {
  let end = at;
  while (end < bytes.length && bytes[end] !== 0) end++;
  return end + 1;
}
