// Owns how fast refused clients are answered, so that one which retries on every close cannot loop hot.

const STEP_MS = 250;
const MAX_DELAY_MS = 5_000;
const FORGET_AFTER_MS = 30_000;
const MAX_ADDRESSES = 10_000;

/** Counts refusals per address and says how long the next one should be held back. Bounded memory. */
export class RefusalPacer {
  readonly #seen = new Map<string, { count: number; at: number }>();

  /** Milliseconds to wait before closing; 0 for the first refusal in a while. */
  delayFor(address: string, nowMs: number): number {
    const before = this.#seen.get(address);
    const count = before !== undefined && nowMs - before.at < FORGET_AFTER_MS ? before.count + 1 : 0;
    this.#seen.delete(address);
    this.#seen.set(address, { count, at: nowMs });
    if (this.#seen.size > MAX_ADDRESSES) {
      const oldest = this.#seen.keys().next().value;
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    return Math.min(count * STEP_MS, MAX_DELAY_MS);
  }
}
