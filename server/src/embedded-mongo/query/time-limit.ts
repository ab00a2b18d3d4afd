import { StoreError } from '../errors.js';

/**
 * The time a client gives an operation (`maxTimeMS`). It runs while the store works on the operation, not while an open cursor
 * waits for its client.
 */
export class TimeLimit {
  private usedMs = 0;
  private runningSince: number | undefined;

  constructor(
    private readonly maxMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.resume();
  }

  resume(): void {
    this.runningSince ??= this.now();
  }

  pause(): void {
    if (this.runningSince !== undefined) this.usedMs += this.now() - this.runningSince;
    this.runningSince = undefined;
  }

  /** Refuse to go on when the time is over. */
  check(): void {
    const runningMs = this.runningSince === undefined ? 0 : this.now() - this.runningSince;
    if (this.usedMs + runningMs <= this.maxMs) return;
    throw new StoreError('MaxTimeMSExpired', 'operation exceeded time limit');
  }
}
