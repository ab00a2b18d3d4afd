import { StoreError } from '../errors.js';
import { afterText, elementEnd, HEAD_BYTES, TYPE } from './elements.js';

/** As many as MongoDB stores. What is nested deeper could be stored, but not be compared, indexed or written again. */
const MAX_LEVELS = 180;
/** The least a level takes: its type, an empty name, its length and its end. */
const LEVEL_BYTES = 7;

/** Refuse a well-formed document whose documents and arrays are nested too deeply. */
export function assertNesting(document: Uint8Array): void {
  assertBelow(Buffer.from(document.buffer, document.byteOffset, document.byteLength), 0, 1);
}

function assertBelow(bytes: Buffer, start: number, level: number): void {
  const length = bytes.readInt32LE(start);
  // Too short to hold that many levels, as almost every document is.
  if (length < (MAX_LEVELS - level) * LEVEL_BYTES) return;
  if (level > MAX_LEVELS)
    throw new StoreError('Overflow', `Document exceeds ${MAX_LEVELS} levels of nesting`);
  const end = start + length - 1;
  for (let at = start + HEAD_BYTES; at < end; at = elementEnd(bytes, at)) {
    const type = bytes[at];
    if (type === TYPE.object || type === TYPE.array) assertBelow(bytes, afterText(bytes, at + 1), level + 1);
  }
}
