// Owns reading a state vector from outside before Yjs sees it.
import { BadBytes, ByteReader } from '@parley/shared';

export interface StateVector {
  readonly bytes: Uint8Array;
  /** The client ids it names. */
  readonly clients: readonly number[];
}

/**
 * Reads a whole state vector: a count, then client and clock that many times. Throws BadBytes; Yjs itself would read on past a
 * false count until it fails.
 */
export const readStateVector = (bytes: Uint8Array): StateVector => {
  const reader = new ByteReader(bytes);
  const count = reader.varUint();
  if (count * 2 > reader.remaining) throw new BadBytes('a state vector claims more than it holds');
  const clients: number[] = [];
  for (let index = 0; index < count; index += 1) {
    clients.push(reader.varUint());
    reader.varUint();
  }
  reader.end();
  return { bytes, clients };
};
