/** Calls `leave` once, when what was let in is done. */
type Entrant = (leave: () => void) => void;

export interface TurnstileOptions {
  /** So many are inside at a time. */
  readonly atOnce: number;
  /** So many wait at most. */
  readonly maxWaiting: number;
}

/**
 * Lets so many in at a time, the others in the order they came; who comes often waits in a line of their own, and lines take turns.
 * Freed places are filled in the next turn of the event loop, so that a thousand short visits do not hold it up.
 */
export class Turnstile {
  readonly #options: TurnstileOptions;
  readonly #lines = new Map<string, Set<Entrant>>();
  #waiting = 0;
  #inside = 0;

  constructor(options: TurnstileOptions) {
    this.#options = options;
  }

  /** Calls `entrant` when it is its turn, at once where there is room. Returns what gives up waiting, or null when too many wait. */
  enter(line: string, entrant: Entrant): (() => void) | null {
    if (this.#inside < this.#options.atOnce && this.#waiting === 0) {
      this.#letIn(entrant);
      return () => undefined;
    }
    if (this.#waiting >= this.#options.maxWaiting) return null;
    const others = this.#lines.get(line) ?? new Set();
    this.#lines.set(line, others.add(entrant));
    this.#waiting += 1;
    return () => {
      if (!others.delete(entrant)) return;
      this.#waiting -= 1;
      if (others.size === 0) this.#lines.delete(line);
    };
  }

  #letIn(entrant: Entrant): void {
    this.#inside += 1;
    let isInside = true;
    entrant(() => {
      if (!isInside) return;
      isInside = false;
      this.#inside -= 1;
      setImmediate(() => this.#fill());
    });
  }

  #fill(): void {
    for (const [line, entrants] of this.#lines) {
      if (this.#inside >= this.#options.atOnce) return;
      const [entrant] = entrants;
      if (entrant === undefined) return;
      // To the end: its others wait until every line had its turn.
      this.#lines.delete(line);
      entrants.delete(entrant);
      if (entrants.size > 0) this.#lines.set(line, entrants);
      this.#waiting -= 1;
      this.#letIn(entrant);
    }
  }
}
