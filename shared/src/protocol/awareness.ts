import { ByteReader, ByteWriter } from './bytes.js';

/** One client's presence in an awareness update; `state` is JSON text, `null` for one that has gone. */
export interface AwarenessEntry {
  readonly client: number;
  readonly clock: number;
  readonly state: string;
}

/** Reads an awareness update (y-protocols/awareness). Throws `BadBytes`; at most `maxEntries` entries are read. */
export const decodeAwareness = (bytes: Uint8Array, maxEntries: number): AwarenessEntry[] => {
  const reader = new ByteReader(bytes);
  const count = reader.varUint();
  const entries: AwarenessEntry[] = [];
  for (let index = 0; index < Math.min(count, maxEntries); index += 1) {
    entries.push({ client: reader.varUint(), clock: reader.varUint(), state: reader.varString() });
  }
  return entries;
};

export const encodeAwarenessEntries = (entries: readonly AwarenessEntry[]): Uint8Array<ArrayBuffer> => {
  const writer = new ByteWriter().varUint(entries.length);
  for (const entry of entries) writer.varUint(entry.client).varUint(entry.clock).varString(entry.state);
  return writer.finish();
};
