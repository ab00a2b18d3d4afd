import { setImmediate } from 'node:timers/promises';
import { decodeTyped } from '../bson/raw.js';
import type { BsonObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import type { Collection } from './catalogue.js';
import type { KeyValue, Snapshot } from './engine.js';
import type { IndexDefinition } from './index-definition.js';
import { indexKeysOf } from './index-keys.js';
import { afterPrefix, indexEntryKey, prefixOf, recordOfDocumentKey, recordOfValue, SPACE } from './layout.js';
import type { Store } from './store.js';

/** What a check of one index found. */
export interface IndexFindings {
  readonly name: string;
  entries: number;
  /** Entries that the documents say must be there. */
  expected: number;
  missing: number;
  /** What does not agree, in words. */
  readonly problems: string[];
}

/** What a check of a collection found. */
export interface CollectionFindings {
  documents: number;
  bytes: number;
  unreadable: number;
  readonly indexes: readonly IndexFindings[];
  /** What does not agree, in words, besides the problems of the indexes. */
  readonly problems: string[];
}

const ENTRIES_PER_TURN = 100;
/** Of a damage that repeats itself, so many lines are kept. */
const MAX_PROBLEMS = 20;

/**
 * Compare every index of a collection with what its documents say it must hold, and the counters with their number. It
 * looks at one moment of the file, so that others may write meanwhile, and gives way to them; memory does not grow with
 * the collection.
 */
export async function checkCollection(store: Store, collection: Collection): Promise<CollectionFindings> {
  // All three are taken between two commits, and so belong together.
  const snapshot = store.engine.snapshot();
  const counters = store.catalogue.committedCounters(collection);
  const indexes = collection.indexes.filter((index) => index.ready);
  try {
    const findings: CollectionFindings = {
      documents: 0,
      bytes: 0,
      unreadable: 0,
      indexes: indexes.map(({ name }) => ({ name, entries: 0, expected: 0, missing: 0, problems: [] })),
      problems: [],
    };
    for await (const { key, value } of everyEntry(snapshot, prefixOf(SPACE.documents, collection.id))) {
      checkDocument({ snapshot, indexes, findings }, recordOfDocumentKey(key), value);
    }
    if (counters.count !== findings.documents || counters.bytes !== findings.bytes) {
      findings.problems.push(
        `the counters say ${counters.count} documents of ${counters.bytes} bytes, there are ${findings.documents} of ${findings.bytes}`,
      );
    }
    for (const [i, index] of indexes.entries()) await countEntries(snapshot, index, findings.indexes[i]);
    return findings;
  } finally {
    snapshot.close();
  }
}

interface Check {
  readonly snapshot: Snapshot;
  readonly indexes: readonly IndexDefinition[];
  readonly findings: CollectionFindings;
}

function checkDocument(check: Check, record: number, bytes: Buffer): void {
  const { findings, indexes } = check;
  findings.documents++;
  findings.bytes += bytes.length;
  const document = readable(bytes);
  if (!document) {
    findings.unreadable++;
    note(findings.problems, `record ${record} is not a BSON document`);
    return;
  }
  for (const [i, index] of indexes.entries()) {
    const found = findings.indexes[i];
    if (found) checkKeys(check.snapshot, index, found, { record, document });
  }
}

function checkKeys(
  snapshot: Snapshot,
  index: IndexDefinition,
  found: IndexFindings,
  { record, document }: { record: number; document: BsonObject },
): void {
  const { keys, multikey, truncated } = indexKeysOf(index, document);
  if ((multikey && !index.multikey) || (truncated && !index.truncated))
    note(found.problems, `it is not marked for what record ${record} holds`);
  for (const { bytes } of keys) {
    found.expected++;
    const entry = snapshot.get(indexEntryKey(index.id, bytes, index.unique ? undefined : record));
    if (entry && recordOfValue(entry) === record) continue;
    found.missing++;
    note(found.problems, `an entry for record ${record} is missing`);
  }
}

/** Every expected entry was looked up before, so what is there beyond those belongs to no document. */
async function countEntries(
  snapshot: Snapshot,
  index: IndexDefinition,
  found: IndexFindings | undefined,
): Promise<void> {
  if (!found) return;
  for await (const _entry of everyEntry(snapshot, prefixOf(SPACE.indexes, index.id))) found.entries++;
  const stray = found.entries - (found.expected - found.missing);
  if (stray > 0) note(found.problems, `${stray} entries belong to no document`);
}

async function* everyEntry(snapshot: Snapshot, prefix: Buffer): AsyncGenerator<KeyValue> {
  const end = afterPrefix(prefix);
  let last: Buffer | undefined;
  for (;;) {
    const entries = snapshot.range({
      start: last ?? prefix,
      end,
      limit: ENTRIES_PER_TURN,
      exclusiveStart: last !== undefined,
    });
    yield* entries;
    last = entries.at(-1)?.key;
    if (entries.length < ENTRIES_PER_TURN) return;
    await setImmediate();
  }
}

function readable(bytes: Buffer): BsonObject | undefined {
  try {
    return decodeTyped(bytes);
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

function note(problems: string[], text: string): void {
  if (problems.length < MAX_PROBLEMS) problems.push(text);
}
