// Owns when files are looked after: now and then, at once where some were just removed, and never twice at the same time in a process.
import { inTime } from '../../platform/in-time.js';
import type { Logger } from '../../platform/logger.js';

interface CollectorParts {
  readonly everyMs: number;
  readonly log: Logger;
  /** One run; whether there may be more to do at once. */
  collect(): Promise<boolean>;
}

export class Collector {
  readonly #parts: CollectorParts;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
  }

  /** Begins, with what an earlier process has left. */
  start(): void {
    this.#timer = setInterval(() => this.soon(), this.#parts.everyMs);
    this.#timer.unref();
    this.soon();
  }

  /** There is something to do; it waits until this has started. */
  soon(): void {
    if (this.#timer === null) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Resolves once nothing is under way. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again && this.#timer !== null) {
      this.#again = false;
      try {
        if (await inTime(this.#parts.collect())) this.#again = true;
      } catch (error) {
        this.#parts.log.warn({ err: error }, 'files could not be looked after; it is tried again');
      }
    }
  }
}
