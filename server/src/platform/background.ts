import type { Logger } from './logger.js';

/** How long closing waits for what is under way, ms: less than the process has to stop. */
const PATIENCE_MS = 5_000;

/** Work that nobody waits for; a failure is logged under its name. `close` resolves once all of it has ended, or after a while. */
export class Background {
  readonly #log: Logger;
  readonly #running = new Set<Promise<void>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  run(name: string, work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => this.#log.error({ err: error, work: name }, 'work in the background failed'))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async close(): Promise<void> {
    const given = AbortSignal.timeout(PATIENCE_MS);
    const over = new Promise<void>((resolve) => given.addEventListener('abort', () => resolve()));
    while (this.#running.size > 0 && !given.aborted) await Promise.race([Promise.all(this.#running), over]);
    if (this.#running.size > 0)
      this.#log.warn({ works: this.#running.size }, 'work in the background was left undone');
  }
}
