// Owns reading a state vector from outside before Yjs sees it.
import { BadBytes, ByteReader } from '@parley/shared';

/**
 * Checks that the bytes are a whole state vector: a count, then client and clock that many times.
 * Returns them unchanged; throws BadBytes. Yjs itself would read on past a false count until it fails.
 */
export const boundedStateVector = (bytes: Uint8Array): Uint8Array => {
  const reader = new ByteReader(bytes);
  const count = reader.varUint();
  if (count * 2 > reader.remaining) throw new BadBytes('a state vector claims more than it holds');
  for (let index = 0; index < count; index += 1) {
    reader.varUint();
    reader.varUint();
  }
  reader.end();
  return bytes;
};
