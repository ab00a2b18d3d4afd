import type { Collection } from './catalogue.js';
import type { Engine, KeyValue } from './engine.js';
import {
  afterPrefix,
  documentKey,
  idOfKey,
  prefixOf,
  recordOfDocumentKey,
  recordOfValue,
  SPACE,
} from './layout.js';

/** A stored document on its way to the matcher. */
export interface Candidate {
  readonly record: number;
  readonly bytes: Buffer;
}

/**
 * Yields candidates one by one. No LMDB cursor is held between calls, so a scan may be left and taken up again after
 * other commits: it goes on behind the last key it read, as MongoDB's own cursors do.
 */
export interface Scan {
  next(): Candidate | undefined;
  /** Index entries read so far; 0 for a scan of the documents themselves. */
  keysExamined: number;
}

export interface KeyRange {
  readonly low: Buffer;
  readonly high: Buffer;
}

const FIRST_CHUNK = 16;
const LARGEST_CHUNK = 512;

/** Reads the entries of consecutive key ranges in chunks that grow, so that a small page stays small. */
class ChunkedReader {
  private chunk: KeyValue[] = [];
  private at = 0;
  private size: number;
  private range = 0;
  private last: Buffer | undefined;
  /** Of the collection or index, which all ranges belong to. */
  private readonly id: number | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly ranges: readonly KeyRange[],
    private readonly options: { reverse: boolean; firstChunk?: number },
  ) {
    this.id = ranges[0] && idOfKey(ranges[0].low);
    this.size = Math.min(Math.max(options.firstChunk ?? FIRST_CHUNK, 1), LARGEST_CHUNK);
  }

  next(): KeyValue | undefined {
    while (this.at >= this.chunk.length) {
      if (!this.refill()) return undefined;
    }
    return this.chunk[this.at++];
  }

  /** False at the very end. */
  private refill(): boolean {
    if (this.id !== undefined) this.engine.assertNotDropped(this.id);
    const range = this.ranges[this.options.reverse ? this.ranges.length - 1 - this.range : this.range];
    if (!range) return false;
    this.chunk = this.read(range);
    this.at = 0;
    if (this.chunk.length < this.size) {
      this.range++;
      this.last = undefined;
    } else {
      this.last = this.chunk.at(-1)?.key;
    }
    this.size = Math.min(this.size * 2, LARGEST_CHUNK);
    return true;
  }

  private read(range: KeyRange): KeyValue[] {
    if (!this.options.reverse) {
      const start = this.last ?? range.low;
      return this.engine.range({
        start,
        end: range.high,
        limit: this.size,
        exclusiveStart: this.last !== undefined,
      });
    }
    // Reading downwards LMDB leaves the end out, while the lower bound of a range belongs to it.
    return this.engine.range({
      start: this.last ?? range.high,
      end: beforeKey(range.low),
      limit: this.size,
      reverse: true,
      exclusiveStart: true,
    });
  }
}

/** Some key below `key` with nothing in between that a scan could hit: its prefix without the last byte. */
function beforeKey(key: Buffer): Buffer {
  const last = key.readUInt8(key.length - 1);
  if (last === 0) return key.subarray(0, key.length - 1);
  return Buffer.concat([key.subarray(0, key.length - 1), Buffer.of(last - 1), Buffer.alloc(64, 0xff)]);
}

/** Every document of a collection in the order of insertion, or backwards. */
export class CollectionScan implements Scan {
  readonly keysExamined = 0;
  private readonly reader: ChunkedReader;

  constructor(engine: Engine, collection: Collection, reverse: boolean) {
    const prefix = prefixOf(SPACE.documents, collection.id);
    this.reader = new ChunkedReader(engine, [{ low: prefix, high: afterPrefix(prefix) }], { reverse });
  }

  next(): Candidate | undefined {
    const entry = this.reader.next();
    return entry && { record: recordOfDocumentKey(entry.key), bytes: entry.value };
  }
}

/** The documents behind ranges of one index, in the order of its keys. */
export class IndexScan implements Scan {
  keysExamined = 0;
  private readonly reader: ChunkedReader;
  private readonly seen: Set<number> | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly collection: Collection,
    options: { ranges: readonly KeyRange[]; reverse: boolean; distinctRecords: boolean; firstChunk?: number },
  ) {
    this.reader = new ChunkedReader(engine, options.ranges, options);
    this.seen = options.distinctRecords ? new Set() : undefined;
  }

  next(): Candidate | undefined {
    for (;;) {
      const entry = this.reader.next();
      if (!entry) return undefined;
      this.keysExamined++;
      const record = recordOfValue(entry.value);
      if (this.seen) {
        if (this.seen.has(record)) continue;
        this.seen.add(record);
      }
      const bytes = this.engine.get(documentKey(this.collection.id, record));
      if (bytes) return { record, bytes };
    }
  }
}

/** Several scans one after the other, each document once. */
export class UnionScan implements Scan {
  private readonly seen = new Set<number>();
  private at = 0;

  constructor(private readonly scans: readonly Scan[]) {}

  get keysExamined(): number {
    return this.scans.reduce((sum, scan) => sum + scan.keysExamined, 0);
  }

  next(): Candidate | undefined {
    for (;;) {
      const scan = this.scans[this.at];
      if (!scan) return undefined;
      const candidate = scan.next();
      if (!candidate) this.at++;
      else if (!this.seen.has(candidate.record)) {
        this.seen.add(candidate.record);
        return candidate;
      }
    }
  }
}
