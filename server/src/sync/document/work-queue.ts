// Owns the work that waits for one document, in order of arrival, and how much of it makes a batch.
import { AppError } from '@parley/shared';
import type { Work } from './batch.js';

/** Bounds how long a batch holds the event loop and how large its entry in the log grows. */
const MAX_BATCH_WORKS = 500;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

type RejectCode = 'UNAVAILABLE' | 'NOT_FOUND';

export class WorkQueue {
  #works: Work[] = [];

  get isEmpty(): boolean {
    return this.#works.length === 0;
  }

  add(work: Work): void {
    this.#works.push(work);
  }

  /** What makes the next batch; at least one piece of work where there is one. */
  take(): Work[] {
    let bytes = 0;
    let count = 0;
    for (const work of this.#works) {
      bytes += work.type === 'update' ? work.bytes.length : 0;
      if (count > 0 && (count === MAX_BATCH_WORKS || bytes > MAX_BATCH_BYTES)) break;
      count += 1;
    }
    return this.#works.splice(0, count);
  }

  /** Puts work back in front, in its order. */
  giveBack(works: readonly Work[]): void {
    this.#works.unshift(...works);
  }

  /** Forgets updates: they are of a copy that is no more. */
  dropUpdates(): void {
    this.#works = this.#works.filter(({ type }) => type === 'command');
  }

  /** Forgets everything; whoever waits for a command is told that it was not carried out. */
  rejectAll(code: RejectCode = 'UNAVAILABLE'): void {
    for (const work of this.#works.splice(0)) rejectWork(work, code);
  }
}

export const rejectWork = (work: Work, code: RejectCode = 'UNAVAILABLE'): void => {
  if (work.type === 'command') work.done.reject(new AppError(code));
};
