// Owns the sockets that come without a good token, until they are gone: how many may be there, and that nothing they say is kept.
// Does not own when they are told, nor in which words (the acceptor).
import type { Duplex } from 'node:stream';
import { AppError, type ErrorCode } from '@parley/shared';
import { Places, type PlacesOptions } from '../platform/places.js';

/** Who comes with a token, or why nobody can tell. */
export type Bearer = { readonly userId: string } | { readonly fault: ErrorCode };

/** Reads a token with `whose`, which throws an AppError of the 401 family for one that is not good. */
export const bearerOf = (token: string | null, whose: (token: string) => string): Bearer => {
  if (token === null || token === '') return { fault: 'NOT_SIGNED_IN' };
  try {
    return { userId: whose(token) };
  } catch (error) {
    return { fault: error instanceof AppError ? error.code : 'INTERNAL' };
  }
};

export class RefusedSockets {
  readonly #places: Places;
  readonly #sockets = new Set<Duplex>();

  constructor(options: PlacesOptions) {
    this.#places = new Places(options);
  }

  /** Whether there is a place for the socket, which it then has until it is gone. */
  enter(socket: Duplex, address: string): boolean {
    const leave = this.#places.take(address);
    if (leave === null) return false;
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      leave();
    });
    return true;
  }

  /** It was told: nothing more is said, and what still comes is dropped unread. */
  hangUp(socket: Duplex): void {
    socket.removeAllListeners('data');
    socket.resume();
    socket.end();
  }

  /** Ends all that are still here, told or not. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
