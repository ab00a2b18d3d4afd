// Owns the pace of one connection or user. Does not own what happens to one that is over it.

/** Tokens that come back steadily, up to a burst. The clock is the caller's. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = nowMs;
  }

  /** Takes one token, on credit if there is none; returns how long to hold until the credit is paid back, ms. */
  take(nowMs: number): number {
    this.#tokens = this.#tokensAt(nowMs) - 1;
    this.#at = nowMs;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1_000);
  }

  /** Whether it is as good as new. */
  isFull(nowMs: number): boolean {
    return this.#tokensAt(nowMs) >= this.#burst;
  }

  #tokensAt(nowMs: number): number {
    return Math.min(this.#burst, this.#tokens + ((nowMs - this.#at) / 1_000) * this.#perSecond);
  }
}
