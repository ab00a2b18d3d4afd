export interface LimiterOptions {
  /** How many in a row. */
  readonly burst: number;
  /** One more after each such stretch. */
  readonly refillMs: number;
  /** Keys remembered at once; past it the one longest unused is forgotten. */
  readonly maxKeys: number;
  readonly now?: () => number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets by key, in memory of bounded size. A key that was forgotten starts full: limits err towards letting in. */
export class Limiter {
  readonly #burst: number;
  readonly #refillMs: number;
  readonly #maxKeys: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: LimiterOptions) {
    this.#burst = options.burst;
    this.#refillMs = options.refillMs;
    this.#maxKeys = options.maxKeys;
    this.#now = options.now ?? Date.now;
  }

  /** Takes a token; returns 0, or the seconds to wait when there is none. */
  take(key: string): number {
    const bucket = this.#touch(key);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil(((1 - bucket.tokens) * this.#refillMs) / 1000));
  }

  /** Gives a token back: what it was taken for turned out to be harmless. */
  giveBack(key: string): void {
    const bucket = this.#touch(key);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + 1);
  }

  #touch(key: string): Bucket {
    const now = this.#now();
    const known = this.#buckets.get(key);
    const bucket = known ?? { tokens: this.#burst, at: now };
    bucket.tokens = Math.min(this.#burst, bucket.tokens + Math.max(0, now - bucket.at) / this.#refillMs);
    bucket.at = now;
    // Set anew so that the map's order is the order of last use.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#maxKeys) this.#forgetOldest();
    return bucket;
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}
