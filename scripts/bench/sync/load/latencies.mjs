const bucketsPerMs = 10;
const longestMs = 30_000;

/** How long many things took, counted in tenths of a millisecond, however many there are. */
export class Latencies {
  #buckets = new Uint32Array(longestMs * bucketsPerMs + 1);
  count = 0;

  add(ms) {
    this.#buckets[Math.min(this.#buckets.length - 1, Math.max(0, Math.floor(ms * bucketsPerMs)))] += 1;
    this.count += 1;
  }

  /** The time within which this share of them lies, ms; NaN for none. */
  quantile(part) {
    if (this.count === 0) return Number.NaN;
    let left = Math.max(1, Math.ceil(this.count * part));
    const bucket = this.#buckets.findIndex((held) => {
      left -= held;
      return left <= 0;
    });
    return (bucket + 1) / bucketsPerMs;
  }
}
