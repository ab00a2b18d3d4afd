import { createHash } from 'node:crypto';
import { encodeTuple, keyTuplesOf } from '../bson/key-tuples.js';
import type { BsonObject } from '../bson/values.js';
import type { IndexDefinition } from './index-definition.js';

/**
 * LMDB limits keys to 1978 bytes. A longer index key keeps its beginning and ends in a hash of the whole: still exact for
 * equality and so for uniqueness, a superset for ranges, but no longer sorted among keys with the same beginning.
 */
export const MAX_INDEX_KEY_BYTES = 1024;
const HASH_BYTES = 32;
export const KEPT_KEY_BYTES = MAX_INDEX_KEY_BYTES - HASH_BYTES;

export interface IndexKey {
  readonly bytes: Buffer;
  /** The value of each indexed field, `undefined` for an absent one. */
  readonly values: readonly unknown[];
}

export interface IndexKeys {
  readonly keys: readonly IndexKey[];
  readonly multikey: boolean;
  readonly truncated: boolean;
}

const NO_KEYS: IndexKeys = { keys: [], multikey: false, truncated: false };

/** Every key a document has in an index. Refuses a document with two arrays side by side in a compound index. */
export function indexKeysOf(index: IndexDefinition, document: BsonObject): IndexKeys {
  if (index.isInPartialFilter && !index.isInPartialFilter(document)) return NO_KEYS;
  const { tuples, multikey } = keyTuplesOf(index.fields, document);
  return encodeTuples(index, tuples, multikey);
}

function encodeTuples(index: IndexDefinition, tuples: readonly unknown[][], multikey: boolean): IndexKeys {
  const keys: IndexKey[] = [];
  const seen = multikey ? new Set<string>() : undefined;
  let truncated = false;
  for (const values of tuples) {
    if (index.sparse && values.every((value) => value === undefined)) continue;
    const full = encodeTuple(index.fields, values, index.collation);
    const bytes = shortenKey(full);
    truncated ||= bytes !== full;
    if (seen) {
      const text = bytes.toString('latin1');
      if (seen.has(text)) continue;
      seen.add(text);
    }
    keys.push({ bytes, values });
  }
  return { keys, multikey, truncated };
}

function shortenKey(bytes: Buffer): Buffer {
  if (bytes.length <= MAX_INDEX_KEY_BYTES) return bytes;
  const hash = createHash('sha256').update(bytes).digest();
  return Buffer.concat([bytes.subarray(0, KEPT_KEY_BYTES), hash]);
}
