import { open, type RootDatabase } from 'lmdb';
import { StoreError } from '../errors.js';

/** What a write job may do. Reads inside the job see what earlier jobs of the same commit wrote. */
export interface WriteTransaction {
  put(key: Buffer, value: Uint8Array): void;
  remove(key: Buffer): void;
  /** Runs once the commit is on disk; not at all when it fails. */
  afterCommit(action: () => void): void;
}

export interface RangeQuery {
  /** Inclusive unless `exclusiveStart`; the upper end when `reverse`. */
  start: Buffer;
  /** Never included. */
  end: Buffer;
  limit?: number;
  reverse?: boolean;
  exclusiveStart?: boolean;
}

export interface KeyValue {
  key: Buffer;
  value: Buffer;
}

/** The file as it was at one moment, for a long look while others go on writing. */
export interface Snapshot {
  get(key: Buffer): Buffer | undefined;
  range(query: RangeQuery): KeyValue[];
  /** Until this is called the file cannot reuse what is freed meanwhile. */
  close(): void;
}

interface QueuedJob {
  run(transaction: WriteTransaction): unknown;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

type Outcome = { job: QueuedJob; value: unknown } | { job: QueuedJob; refusal: unknown };

/** A job broke after it had already written, so nothing of its commit may stay. */
class BrokenJobError extends Error {
  constructor(
    readonly job: QueuedJob,
    cause: unknown,
  ) {
    super('A write failed half-way', { cause });
  }
}

/** Enough to share one commit among many connections without holding readers back for long. */
const MAX_JOBS_PER_COMMIT = 1000;
/**
 * Address space set aside for the file; costs nothing until pages are touched. A file that outgrows its map is mapped anew,
 * twice as large, and lmdb keeps every older map until it is closed, so what has been read would be in memory twice.
 */
const MAP_BYTES = 64 * 1024 ** 3;
/** A commit that has written this much takes no further jobs, so that memory for unwritten pages stays bounded. */
const MAX_BYTES_PER_COMMIT = 64 * 1024 * 1024;

/**
 * The only holder of the data file. Single writer: jobs run one after another inside a commit, so a read-modify-write in
 * one job is atomic. A job's promise settles only after the commit, including its fsync, has finished; jobs that arrive
 * while the disk flushes share the next commit. The commit blocks this thread, which does nothing but serve the store:
 * LMDB's own background commits report a full disk in a way that cannot be caught.
 */
export class Engine {
  private readonly db: RootDatabase<Buffer, Buffer>;
  private readonly queue: QueuedJob[] = [];
  private scheduled = false;
  private closed = false;
  private writes = 0;
  private bytesWritten = 0;
  /** The collections and indexes that were dropped; their numbers are not used again while the file is open. */
  private readonly dropped = new Set<number>();
  /** Called in the write transaction after the jobs of a commit, for bookkeeping that is written once per commit. */
  beforeCommit: (transaction: WriteTransaction) => void = () => {};
  /** Called when a commit was thrown away: whatever is cached of the file must be read again. */
  afterRollback: () => void = () => {};

  constructor(file: string) {
    this.db = open<Buffer, Buffer>({
      path: file,
      noSubdir: true,
      keyEncoding: 'binary',
      encoding: 'binary',
      overlappingSync: false,
      mapSize: MAP_BYTES,
    });
  }

  get(key: Buffer): Buffer | undefined {
    return this.db.getBinary(key);
  }

  range(query: RangeQuery): KeyValue[] {
    const entries: KeyValue[] = [];
    for (const entry of this.db.getRange(query)) entries.push(entry);
    return entries;
  }

  /** How many keys there are from `start` to before `end`. */
  count(start: Buffer, end: Buffer): number {
    return this.db.getKeysCount({ start, end });
  }

  /** Note that a collection or index is gone, so that what still reads from it fails instead of ending early. */
  markDropped(id: number): void {
    this.dropped.add(id);
  }

  assertNotDropped(id: number): void {
    if (!this.dropped.has(id)) return;
    throw new StoreError('QueryPlanKilled', 'The collection or an index was dropped while it was being read');
  }

  /** What is committed now, held still until it is closed. */
  snapshot(): Snapshot {
    const transaction = this.db.useReadTransaction();
    return {
      get: (key) => this.db.get(key, { transaction }),
      range: (query) => [...this.db.getRange({ ...query, transaction })],
      close: () => transaction.done(),
    };
  }

  /** Size figures of the data file. */
  fileBytes(): number {
    const stats: unknown = this.db.getStats();
    const pages = numberProperty(stats, 'lastPageNumber') + 1;
    return pages * numberProperty(stats, 'pageSize');
  }

  /** Run `job` in the next commit; resolves with its result when that is durable. */
  write<T>(job: (transaction: WriteTransaction) => T): Promise<T> {
    if (this.closed) return Promise.reject(shuttingDown());
    return new Promise<T>((resolve, reject) => {
      let result: { value: T } | undefined;
      this.queue.push({
        run: (transaction) => {
          result = { value: job(transaction) };
        },
        resolve: () =>
          result ? resolve(result.value) : reject(new StoreError('InternalError', 'No result')),
        reject,
      });
      this.schedule();
    });
  }

  /** Finish what is queued, then close the file. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.queue.length > 0) this.commit(this.queue);
    await this.db.close();
  }

  /** Commit after this turn's input has been read, so that all of it shares the flush. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      if (this.queue.length === 0) return;
      this.commit(this.queue);
      if (this.queue.length > 0) this.schedule();
    });
  }

  /** One LMDB commit of as many waiting jobs as fit. Settles every job it takes. */
  private commit(waiting: QueuedJob[]): void {
    const jobs: QueuedJob[] = [];
    const outcomes: Outcome[] = [];
    const actions: (() => void)[] = [];
    try {
      this.db.transactionSync(() => this.runJobs(waiting, { jobs, outcomes, actions }));
    } catch (error) {
      this.afterRollback();
      this.recover(jobs, error);
      return;
    }
    for (const action of actions) action();
    for (const outcome of outcomes) {
      if ('refusal' in outcome) outcome.job.reject(outcome.refusal);
      else outcome.job.resolve(outcome.value);
    }
  }

  private runJobs(
    waiting: QueuedJob[],
    done: { jobs: QueuedJob[]; outcomes: Outcome[]; actions: (() => void)[] },
  ): void {
    const transaction = this.transaction(done.actions);
    const limit = this.bytesWritten + MAX_BYTES_PER_COMMIT;
    while (done.jobs.length < MAX_JOBS_PER_COMMIT && this.bytesWritten < limit) {
      const job = waiting.shift();
      if (!job) break;
      done.jobs.push(job);
      done.outcomes.push(this.runJob(job, transaction));
    }
    this.beforeCommit(transaction);
  }

  private runJob(job: QueuedJob, transaction: WriteTransaction): Outcome {
    const writesBefore = this.writes;
    try {
      return { job, value: job.run(transaction) };
    } catch (refusal) {
      if (this.writes !== writesBefore || !(refusal instanceof StoreError))
        throw new BrokenJobError(job, refusal);
      return { job, refusal };
    }
  }

  /** A broken job must not take its neighbours along: it is refused, the others run again without it. */
  private recover(jobs: readonly QueuedJob[], error: unknown): void {
    if (error instanceof BrokenJobError) {
      error.job.reject(error.cause);
      const others = jobs.filter((job) => job !== error.job);
      while (others.length > 0) this.commit(others);
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    for (const job of jobs)
      job.reject(new StoreError('InternalError', `The write could not be stored: ${message}`));
  }

  private transaction(actions: (() => void)[]): WriteTransaction {
    return {
      put: (key, value) => {
        this.writes++;
        this.bytesWritten += value.length;
        void this.db.put(key, Buffer.from(value.buffer, value.byteOffset, value.length));
      },
      remove: (key) => {
        this.writes++;
        void this.db.remove(key);
      },
      afterCommit: (action) => {
        actions.push(action);
      },
    };
  }
}

function shuttingDown(): StoreError {
  return new StoreError('ShutdownInProgress', 'The embedded store is shutting down');
}

function numberProperty(value: unknown, property: string): number {
  if (typeof value !== 'object' || value === null) return 0;
  const found: unknown = Object.getOwnPropertyDescriptor(value, property)?.value;
  return typeof found === 'number' ? found : 0;
}
