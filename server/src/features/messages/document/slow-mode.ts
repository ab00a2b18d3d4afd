// Owns who has just said something in a conversation that is slowed down, and how long they wait before the next.

export class SlowMode {
  readonly #lastSaid = new Map<string, number>();
  /** 0: nobody waits. */
  #waitMs = 0;

  /** From here on the wait is this. Who has waited for long enough is forgotten; what was said while there was none is not known. */
  set(waitMs: number, nowMs: number): void {
    this.#waitMs = waitMs;
    this.#forget(nowMs);
  }

  /** How long somebody has to wait who has so much to say now, ms; 0 for not at all. Of several at once the second comes too soon. */
  waitFor(author: string, count: number, nowMs: number): number {
    if (this.#waitMs === 0 || count === 0) return 0;
    if (count > 1) return this.#waitMs;
    const last = this.#lastSaid.get(author);
    // A clock that was set back makes nobody wait for longer.
    return last === undefined ? 0 : Math.min(this.#waitMs, Math.max(0, last + this.#waitMs - nowMs));
  }

  note(author: string, atMs: number): void {
    if (this.#waitMs === 0) return;
    this.#lastSaid.set(author, Math.max(atMs, this.#lastSaid.get(author) ?? 0));
    if (this.#lastSaid.size > MAX_REMEMBERED) this.#forget(atMs);
  }

  #forget(nowMs: number): void {
    for (const [author, at] of this.#lastSaid) if (at + this.#waitMs <= nowMs) this.#lastSaid.delete(author);
  }
}

/** People; beyond it those who need not wait any more are forgotten. */
const MAX_REMEMBERED = 1_000;
