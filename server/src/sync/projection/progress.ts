// Owns noting in the store how far each document's history has come: now and then, for all that moved meanwhile in one write.
// A note may be late: whoever loads a document then carries out a little again, which changes nothing.
import type { EngineLog } from '../ports.js';

export interface ProgressOptions {
  readonly log: EngineLog;
  /** Keeps the position of each document. */
  readonly record: (reached: ReadonlyMap<string, number>) => Promise<void>;
  /** How late a note may be, ms. */
  readonly everyMs: number;
}

export class Progress {
  readonly #options: ProgressOptions;
  #reached = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;
  #recording: Promise<void> = Promise.resolve();

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** History of the document holds everything up to the position. */
  note(documentId: string, position: number): void {
    this.#reached.set(documentId, position);
    this.#timer ??= setTimeout(() => this.#record(), this.#options.everyMs);
    this.#timer.unref();
  }

  /** Resolves once what was noted is recorded, or could not be. */
  async close(): Promise<void> {
    if (this.#timer !== null) this.#record();
    await this.#recording;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #record(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const reached = this.#reached;
    this.#reached = new Map();
    this.#recording = this.#options.record(reached).catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'how far history has come could not be noted');
      for (const [documentId, position] of reached) {
        if (!this.#reached.has(documentId)) this.note(documentId, position);
      }
    });
  }
}
