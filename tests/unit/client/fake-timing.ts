import type { Timing } from '@parley/client';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that stands still until told, and timers that can be counted. */
export class FakeTiming implements Timing {
  readonly #timers = new Set<Timer>();
  #now = Date.UTC(2030, 0, 1);

  /** What `random` answers. */
  chance = 0.5;

  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  random(): number {
    return this.chance;
  }

  /** Moves on, running what falls due in the order it does. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers]
        .filter(({ at }) => at <= end)
        .sort((left, right) => left.at - right.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
  }
}

/** Lets everything run that waits for nothing but its turn. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
};
