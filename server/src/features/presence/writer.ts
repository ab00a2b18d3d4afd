// Owns bringing into the store who is connected to this node: many people in one write, the newest word of each, again until it holds.
import { inTime } from '../../platform/in-time.js';
import type { Logger } from '../../platform/logger.js';
import { uncast } from '../../platform/rows.js';
import { came, left } from './change-presence.js';
import type { PresenceModel } from './presence.model.js';

export interface WriterOptions {
  readonly presence: PresenceModel;
  readonly log: Logger;
  readonly graceMs: number;
  node(): string;
  /** Told of people whose row was written. */
  onWritten(userIds: readonly string[]): void;
}

/** People in one write. */
const MAX_TOGETHER = 200;
/** Until a write that failed is tried again. */
const RETRY_MS = 1_000;

export class PresenceWriter {
  readonly #options: WriterOptions;
  readonly #due = new Map<string, boolean>();
  /** Those of the write that is on its way. */
  #writing = new Set<string>();
  #running: Promise<void> | null = null;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  write(userId: string, isHere: boolean): void {
    this.#due.set(userId, isHere);
    this.#run();
  }

  /** Resolves once what was last said of somebody is written, or has failed and is to be tried again. */
  async written(userId: string): Promise<void> {
    const isPending = () => this.#due.has(userId) || this.#writing.has(userId);
    while (this.#running !== null && isPending()) await this.#running;
  }

  /** Nothing is written any more once it resolves. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#due.clear();
    await this.#running;
  }

  #run(): void {
    if (this.#isClosed || this.#retry !== undefined || this.#due.size === 0) return;
    this.#running ??= this.#writeSome().finally(() => {
      this.#running = null;
      this.#writing.clear();
      this.#run();
    });
  }

  async #writeSome(): Promise<void> {
    const some = [...this.#due].slice(0, MAX_TOGETHER);
    for (const [userId] of some) this.#due.delete(userId);
    this.#writing = new Set(some.map(([userId]) => userId));
    const { presence, graceMs, node, onWritten, log } = this.#options;
    const changes = some.map(([userId, isHere]) =>
      isHere ? came(userId, node()) : left(userId, node(), graceMs),
    );
    try {
      const write = changes.map((updateOne) => ({ updateOne }));
      await inTime(uncast(presence).bulkWrite(write, { ordered: false }));
      onWritten(some.map(([userId]) => userId));
    } catch (error) {
      log.warn({ err: error, people: some.length }, 'presence could not be written and is tried again');
      for (const [userId, isHere] of some) if (!this.#due.has(userId)) this.#due.set(userId, isHere);
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.#run();
      }, RETRY_MS).unref();
    }
  }
}
