import { encodeValue } from '../bson/key-encoding.js';
import { TAG } from '../bson/values.js';
import type { Collection } from './catalogue.js';
import type { IndexDefinition } from './index-definition.js';
import { prefixOf, SPACE } from './layout.js';
import { IndexScan, type KeyRange } from './scans.js';
import type { Store } from './store.js';

/** Removals per commit. */
const DOCUMENTS_PER_COMMIT = 500;

/** Removes documents whose date in a TTL index lies far enough in the past. Only dates expire, as in MongoDB. */
export class TtlSweeper {
  private running: Promise<void> | undefined;

  constructor(
    private readonly store: Store,
    private readonly now: () => number,
  ) {}

  /** Start a sweep unless one is running; a failed one is tried again by the next. */
  trigger(): void {
    this.sweep().catch(() => {});
  }

  sweep(): Promise<void> {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  async idle(): Promise<void> {
    await this.running?.catch(() => {});
  }

  private async run(): Promise<void> {
    for (const { id, indexes } of this.store.catalogue.list()) {
      for (const index of indexes) {
        if (index.expireAfterSeconds === undefined || !index.ready) continue;
        while ((await this.removeSome(id, index.id)) === DOCUMENTS_PER_COMMIT);
      }
    }
  }

  private removeSome(collectionId: number, indexId: number): Promise<number> {
    const { store } = this;
    return store.engine.write((transaction) => {
      const collection = store.catalogue.list().find((candidate) => candidate.id === collectionId);
      const index = collection?.indexes.find((candidate) => candidate.id === indexId);
      if (!collection || !index) return 0;
      const expired = this.expired(collection, index);
      for (const gone of expired) store.documents.remove(transaction, collection, gone);
      return expired.length;
    });
  }

  /** Everything between the earliest date and the last one that has expired. */
  private expired(collection: Collection, index: IndexDefinition): { record: number; bytes: Buffer }[] {
    const range = expiredRange(index, this.now());
    if (!range) return [];
    const scan = new IndexScan(this.store.engine, collection, {
      ranges: [range],
      reverse: false,
      distinctRecords: index.multikey,
    });
    const found: { record: number; bytes: Buffer }[] = [];
    while (found.length < DOCUMENTS_PER_COMMIT) {
      const candidate = scan.next();
      if (!candidate) break;
      found.push(candidate);
    }
    return found;
  }
}

function expiredRange(index: IndexDefinition, now: number): KeyRange | undefined {
  const [field] = index.fields;
  if (!field || index.expireAfterSeconds === undefined) return undefined;
  const last = new Date(now - index.expireAfterSeconds * 1000 + 1);
  if (Number.isNaN(last.getTime())) return undefined;
  const prefix = prefixOf(SPACE.indexes, index.id);
  const bound = encodeValue(last, field.descending);
  // Ascending: every date up to `last`. Descending keys run the other way, from `last` to the end of the dates.
  return field.descending
    ? { low: Buffer.concat([prefix, bound]), high: Buffer.concat([prefix, Buffer.of(0xff - TAG.date + 1)]) }
    : { low: Buffer.concat([prefix, Buffer.of(TAG.date)]), high: Buffer.concat([prefix, bound]) };
}
