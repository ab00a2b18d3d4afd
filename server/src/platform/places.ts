export interface PlacesOptions {
  /** So many for each holder. */
  readonly each: number;
  /** So many for all of them together. */
  readonly inAll: number;
}

/** Places that somebody may hold for a while: few for one holder, so that nobody takes those of all the others. */
export class Places {
  readonly #options: PlacesOptions;
  readonly #taken = new Map<string, number>();
  #inAll = 0;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** How many are held now. */
  get taken(): number {
    return this.#inAll;
  }

  /** Takes a place; returns what gives it back, or null when the holder has too many or all are taken. */
  take(holder: string): (() => void) | null {
    const taken = this.#taken.get(holder) ?? 0;
    if (taken >= this.#options.each || this.#inAll >= this.#options.inAll) return null;
    this.#taken.set(holder, taken + 1);
    this.#inAll += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#inAll -= 1;
      const left = (this.#taken.get(holder) ?? 1) - 1;
      if (left > 0) this.#taken.set(holder, left);
      else this.#taken.delete(holder);
    };
  }
}
