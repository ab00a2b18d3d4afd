import { StoreError } from '../errors.js';
import { elementEnd, HEAD_BYTES } from './elements.js';

const ID_NAME = Buffer.from('_id\0', 'latin1');

/**
 * A document, known to be well-formed, with its `_id` before the other fields, which keep their bytes and their order. The
 * driver puts an `_id` of its own making last. Refuses two of them as MongoDB does.
 */
export function withIdFirst(document: Uint8Array): Buffer {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  // Almost every document that begins with its `_id` is done here: nothing further on looks like another.
  if (isId(bytes, HEAD_BYTES) && bytes.indexOf(ID_NAME, HEAD_BYTES + 1 + ID_NAME.length) === -1) return bytes;
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
  if (!found || found.from === HEAD_BYTES) return bytes;
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
