import type { Duplex } from 'node:stream';
import { Turnstile, type TurnstileOptions } from '../platform/turnstile.js';

/**
 * Where sockets wait for their turn, before they are upgraded: they can send nothing yet that would have to be kept, and that one
 * has gone is noticed, which gives its place to another.
 */
export class WaitingRoom {
  readonly #turnstile: Turnstile;
  readonly #waiting = new Set<Duplex>();

  constructor(options: TurnstileOptions) {
    this.#turnstile = new Turnstile(options);
  }

  /** Calls `go` when it is the socket's turn; the place inside is free again after `leave`. Returns false when too many wait. */
  enter(socket: Duplex, line: string, go: (leave: () => void) => void): boolean {
    let isWaiting = true;
    const gone = (): void => {
      this.#waiting.delete(socket);
      giveUp?.();
      socket.destroy();
    };
    const giveUp = this.#turnstile.enter(line, (leave) => {
      isWaiting = false;
      this.#waiting.delete(socket);
      socket.off('end', gone).off('close', gone);
      go(leave);
    });
    if (giveUp === null) return false;
    if (isWaiting) {
      this.#waiting.add(socket);
      socket.on('end', gone).on('close', gone);
    }
    return true;
  }

  /** How many wait now. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Everyone who waits now. */
  get sockets(): Duplex[] {
    return [...this.#waiting];
  }
}
