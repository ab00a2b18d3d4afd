// Owns who is connected to this process, however often. Somebody is gone only once they have been so for a moment: a page that is
// loaded anew, or a line that breaks, makes nobody leave and come back.

export interface ConnectedOptions {
  readonly graceMs: number;
  /** Told when somebody has come, and when they have been gone for the grace. */
  onChange(userId: string, isHere: boolean): void;
}

export class Connected {
  readonly #options: ConnectedOptions;
  readonly #counts = new Map<string, number>();
  readonly #leaving = new Map<string, NodeJS.Timeout>();

  constructor(options: ConnectedOptions) {
    this.#options = options;
  }

  /** One more connection of theirs. */
  came(userId: string): void {
    const count = this.#counts.get(userId) ?? 0;
    this.#counts.set(userId, count + 1);
    if (count > 0) return;
    const leaving = this.#leaving.get(userId);
    this.#leaving.delete(userId);
    if (leaving === undefined) this.#options.onChange(userId, true);
    else clearTimeout(leaving);
  }

  /** One less. */
  left(userId: string): void {
    const count = this.#counts.get(userId) ?? 0;
    if (count > 1) {
      this.#counts.set(userId, count - 1);
      return;
    }
    this.#counts.delete(userId);
    const timer = setTimeout(() => {
      this.#leaving.delete(userId);
      this.#options.onChange(userId, false);
    }, this.#options.graceMs);
    timer.unref();
    this.#leaving.set(userId, timer);
  }

  /** Everybody who is here, those too who may only be gone for a moment. */
  all(): string[] {
    return [...this.#counts.keys(), ...this.#leaving.keys()];
  }

  /** Nobody is told of anything any more. */
  close(): void {
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    this.#leaving.clear();
    this.#counts.clear();
  }
}
