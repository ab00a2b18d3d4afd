// Owns the pace of each user over all of the user's connections. Does not own what happens to one that is over it.
import { limits } from '@parley/shared';
import { TokenBucket } from './token-bucket.js';

/** How many users are looked through at the least before those are forgotten of whom nothing needs to be known. */
const FIRST_SWEEP_USERS = 1_000;

/** A bucket for each user who has sent something lately. One that is full again is as good as none and is forgotten. */
export class UserPace {
  readonly #buckets = new Map<string, TokenBucket>();
  #sweepAt = FIRST_SWEEP_USERS;

  /** Users who are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Counts a frame of the user; returns how long the connection it came on is to be held, ms. */
  take(userId: string, nowMs: number): number {
    let bucket = this.#buckets.get(userId);
    if (bucket === undefined) {
      this.#sweep(nowMs);
      const burst = limits.framesBurstPerUser.value;
      bucket = new TokenBucket(limits.framesPerSecondPerUser.value, burst, nowMs);
      this.#buckets.set(userId, bucket);
    }
    return bucket.take(nowMs);
  }

  /** Looks at all users each time they have become twice as many: little work for each, and no timer. */
  #sweep(nowMs: number): void {
    if (this.#buckets.size < this.#sweepAt) return;
    for (const [userId, bucket] of this.#buckets) if (bucket.isFull(nowMs)) this.#buckets.delete(userId);
    this.#sweepAt = Math.max(FIRST_SWEEP_USERS, 2 * this.#buckets.size);
  }
}
