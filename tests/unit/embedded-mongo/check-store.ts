import { decodeTyped } from '@parley/server/internal/embedded-mongo/bson/raw';
import { indexKeysOf } from '@parley/server/internal/embedded-mongo/storage/index-keys';
import {
  afterPrefix,
  indexEntryKey,
  prefixOf,
  recordOfDocumentKey,
  recordOfValue,
  SPACE,
} from '@parley/server/internal/embedded-mongo/storage/layout';
import type { Store } from '@parley/server/internal/embedded-mongo/storage/store';

/**
 * Compares every index of every collection, entry by entry, with what a full scan of the documents says it must hold, and
 * the counters with the number of documents. Returns what does not agree.
 */
export function findDisagreements(store: Store): string[] {
  const problems: string[] = [];
  const { engine, catalogue } = store;
  const entriesOf = (space: 4 | 5, id: number): { key: Buffer; value: Buffer }[] => {
    const start = prefixOf(space, id);
    return engine.range({ start, end: afterPrefix(start) });
  };
  for (const collection of catalogue.list()) {
    const documents = entriesOf(SPACE.documents, collection.id).map(({ key, value }) => ({
      record: recordOfDocumentKey(key),
      document: decodeTyped(value),
      bytes: value.length,
    }));
    const counters = catalogue.committedCounters(collection);
    const bytes = documents.reduce((sum, document) => sum + document.bytes, 0);
    if (counters.count !== documents.length || counters.bytes !== bytes) {
      problems.push(
        `${collection.name}: counters say ${counters.count}/${counters.bytes}, there are ${documents.length}/${bytes}`,
      );
    }
    for (const index of collection.indexes) {
      const expected = new Map<string, number>();
      for (const { record, document } of documents) {
        for (const { bytes: key } of indexKeysOf(index, document).keys) {
          expected.set(
            indexEntryKey(index.id, key, index.unique ? undefined : record).toString('latin1'),
            record,
          );
        }
      }
      for (const { key, value } of entriesOf(SPACE.indexes, index.id)) {
        const wanted = expected.get(key.toString('latin1'));
        if (wanted !== recordOfValue(value))
          problems.push(`${collection.name}.${index.name}: a stray entry ${key.toString('hex')}`);
        expected.delete(key.toString('latin1'));
      }
      if (expected.size > 0)
        problems.push(`${collection.name}.${index.name}: ${expected.size} entries are missing`);
    }
  }
  return problems;
}
