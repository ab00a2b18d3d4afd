// Owns whether a copy holds edits that the server has not acknowledged. Does not own the copy.

export class Unstored {
  #isPending = false;
  /** The update frame of this connection that carries the newest edit; null while none does. */
  #carriedBy: number | null = null;

  get isPending(): boolean {
    return this.#isPending;
  }

  /** An edit was made here; it goes out in the `nth` frame, or with the next answer to the server where that is null. */
  edited(nth: number | null): void {
    this.#isPending = true;
    this.#carriedBy = nth;
  }

  /** A new connection, whose frames count from 1; or what was sent came to nothing for want of what is before it. */
  connecting(): void {
    this.#carriedBy = null;
  }

  /** Frame `nth` holds everything the server lacked. */
  answered(nth: number): void {
    this.#carriedBy = nth;
  }

  /** All frames up to this one are stored. */
  stored(upTo: number): void {
    if (this.#carriedBy === null || upTo < this.#carriedBy) return;
    this.#isPending = false;
  }

  /** The copy is another one now. */
  clear(): void {
    this.#isPending = false;
    this.#carriedBy = null;
  }
}
