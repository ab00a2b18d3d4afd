// Owns group commit: entries of all documents that wait together go down in one journalled write.
// Does not own order within a document: a document hands in its next entry only after the last one's answer.
import type { EngineMeter } from '../meter.js';
import type { EngineLog } from '../ports.js';
import { NoAnswer, pause, within } from '../timing.js';
import type { LogModels, LogRow } from './log.models.js';

/** `fenced`: somebody else wrote at this position. `failed`: the store did not take it in all the time allowed. */
export type AppendOutcome = 'stored' | 'fenced' | 'failed';

interface Waiting {
  readonly entry: LogRow;
  readonly answer: (outcome: AppendOutcome) => void;
  readonly giveUpAt: number;
}

export interface LogWriterOptions {
  readonly models: Pick<LogModels, 'log'>;
  readonly log: EngineLog;
  readonly meter: Pick<EngineMeter, 'logWritten' | 'logWriteFailed'>;
  /** How long an entry is tried before it is given up, ms. */
  readonly patienceMs: number;
  /** How long one write may take before it counts as failed and is sorted out, ms; so long again for sorting out. */
  readonly writeTimeoutMs: number;
}

const MAX_ENTRIES = 1_000;
/** MongoDB takes messages of up to 48 MB. */
const MAX_BYTES = 16 * 1024 * 1024;
const DURABLE = { w: 'majority', journal: true } as const;
const GATHER_MS = 2;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;

/** Writes log entries, many documents at once, each answered on its own. The next write forms while one runs. */
export class LogWriter {
  readonly #options: LogWriterOptions;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;
  #failing = false;
  #closed = false;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  /** Whether the store takes writes, as far as the last try tells. */
  get healthy(): boolean {
    return !this.#failing;
  }

  /** To be called when nothing more is handed in: a store that is away is not asked after any more. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves once it is known what became of the entry. `failed`: it may still turn up, if the store was only slow. */
  append(entry: LogRow): Promise<AppendOutcome> {
    return new Promise((answer) => {
      this.#waiting.push({ entry, answer, giveUpAt: Date.now() + this.#options.patienceMs });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    // One turn of the loop, so that documents flushed in the same tick share the write.
    await new Promise(setImmediate);
    let retryMs = FIRST_RETRY_MS;
    let size = MAX_ENTRIES;
    let written = 0;
    // While nothing waits after a failure, somebody must find out that the store is back: clients may be kept away until it is.
    while (this.#waiting.length > 0 || (this.#failing && !this.#closed)) {
      if (this.#waiting.length === 0) {
        await this.#probe();
        if (this.#failing && this.#waiting.length === 0) {
          await pause(retryMs);
          retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
        }
        continue;
      }
      // Where several write at a time a moment makes fewer, larger writes; one who writes alone does not wait.
      if (written > 1) await pause(GATHER_MS);
      const group = this.#takeGroup(size);
      written = group.length;
      const retry = await this.#write(group);
      if (retry.length === 0) {
        retryMs = FIRST_RETRY_MS;
        size = Math.min(size * 2, MAX_ENTRIES);
        continue;
      }
      this.#failing = true;
      // At the back, and one by one from here: an entry that can never be written keeps no other waiting.
      this.#waiting.push(...retry);
      this.#giveUp();
      size = 1;
      await pause(retryMs);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
    this.#running = null;
  }

  /** Asks the store for a write that changes nothing. */
  async #probe(): Promise<void> {
    try {
      const { models, writeTimeoutMs } = this.#options;
      const nowhere = { document: '', generation: 0, position: 0 };
      const options = { writeConcern: DURABLE, timeoutMS: 2 * writeTimeoutMs };
      await within(writeTimeoutMs, models.log.collection.deleteOne(nowhere, options));
      this.#failing = false;
    } catch {
      // It is asked again; that the store is away was logged when a write failed.
    }
  }

  /** Answers all whose time is over, those too whose turn did not come: a store that never answers makes turns long. */
  #giveUp(): void {
    const now = Date.now();
    const over = this.#waiting.filter(({ giveUpAt }) => giveUpAt <= now);
    this.#waiting = this.#waiting.filter(({ giveUpAt }) => giveUpAt > now);
    for (const { answer } of over) answer('failed');
  }

  #takeGroup(size: number): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { entry } of this.#waiting) {
      bytes += entry.bytes.length;
      if (count > 0 && (count === size || bytes > MAX_BYTES)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** Writes the group and answers what is settled; returns what must be tried again. */
  async #write(group: readonly Waiting[]): Promise<Waiting[]> {
    const { log, meter, writeTimeoutMs } = this.#options;
    const startedAt = performance.now();
    const write = this.#insert(group);
    try {
      await within(writeTimeoutMs, write);
    } catch (error) {
      if (error instanceof NoAnswer) this.#noAnswer(write);
      meter.logWriteFailed();
      log.warn({ err: error, entries: group.length }, 'a write to the log failed; sorting it out');
      return this.#sortOut(group);
    }
    this.#failing = false;
    meter.logWritten(group.length, performance.now() - startedAt);
    for (const each of group) each.answer('stored');
    return [];
  }

  async #insert(group: readonly Waiting[]): Promise<void> {
    // The driver's own insertMany: entries are made here and need no casting.
    await this.#options.models.log.collection.insertMany(
      group.map(({ entry }) => ({ ...entry })),
      {
        ordered: false,
        writeConcern: DURABLE,
        // Later than ours: the driver frees what a lost write holds, and a late answer is heard until then.
        timeoutMS: 2 * this.#options.writeTimeoutMs,
      },
    );
  }

  /** The write may still succeed. Its batch ids tell the next try so; here it only shows that the store is back. */
  #noAnswer(write: Promise<void>): void {
    this.#failing = true;
    write.then(
      () => {
        this.#failing = false;
      },
      (error: unknown) =>
        this.#options.log.warn({ err: error }, 'a write to the log that had no answer in time failed'),
    );
  }

  /** After an error: each entry may be there all the same, or somebody else's may be in its place. */
  async #sortOut(group: readonly Waiting[]): Promise<Waiting[]> {
    const retry: Waiting[] = [];
    const until = Date.now() + this.#options.writeTimeoutMs;
    for (const [index, each] of group.entries()) {
      try {
        const batch = await within(Math.max(0, until - Date.now()), this.#batchAt(each.entry));
        if (batch === null) {
          retry.push(each);
          continue;
        }
        this.#failing = false;
        each.answer(batch === each.entry.batch ? 'stored' : 'fenced');
      } catch {
        // The store does not answer at all: the caller's backoff covers it, and the next try sorts the rest out.
        retry.push(...group.slice(index));
        break;
      }
    }
    return retry;
  }

  /** The id of the batch that stands in the entry's place, or null. */
  async #batchAt({ document, generation, position }: LogRow): Promise<string | null> {
    const there = await this.#options.models.log.collection.findOne(
      { document, generation, position },
      { projection: { batch: 1 }, readConcern: 'majority', timeoutMS: this.#options.writeTimeoutMs },
    );
    return there?.batch ?? null;
  }
}
