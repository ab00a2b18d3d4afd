import type { Logger } from './logger.js';

interface Part {
  readonly name: string;
  close(): Promise<void> | void;
}

/**
 * Closes what was opened, last opened first, once, however often it is asked to. One part that fails to close is logged
 * and does not keep the others open.
 */
export class Lifecycle {
  readonly #log: Logger;
  readonly #parts: Part[] = [];
  #closing: Promise<void> | null = null;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Registers something that must be closed before everything registered so far. */
  opened(name: string, close: () => Promise<void> | void): void {
    this.#parts.push({ name, close });
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) {
      try {
        await part.close();
      } catch (error) {
        this.#log.error({ err: error, part: part.name }, 'a part failed to close');
      }
    }
  }
}
