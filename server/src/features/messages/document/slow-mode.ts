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

  get isOn(): boolean {
    return this.#waitMs > 0;
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
    const before = this.#lastSaid.get(author) ?? 0;
    // Set anew, so that whoever spoke last stands last.
    this.#lastSaid.delete(author);
    this.#lastSaid.set(author, Math.max(atMs, before));
    this.#forget(atMs);
  }

  /** Whoever need not wait any more: they stand first. */
  #forget(nowMs: number): void {
    for (const [author, at] of this.#lastSaid) {
      if (at + this.#waitMs > nowMs) return;
      this.#lastSaid.delete(author);
    }
  }
}
