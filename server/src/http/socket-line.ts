// Owns what a subscription's answers go out over: a slow reader is waited for instead of written to.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, type ErrorCode, errorCatalogue, limits } from '@parley/shared';
import type { WebSocket } from 'ws';
import type { Line } from '../trpc/index.js';

const DRAIN_LOOK_MS = 25;

/** Closes a socket with the code of an error. */
export const hangUp = (socket: WebSocket, code: ErrorCode): void =>
  socket.close(errorCatalogue[code].close ?? undefined, code);

/** The line of one socket, for subscriptions alone. */
export const socketLine = (socket: WebSocket): Line => ({
  takes: 'subscriptions',
  drained: (ended) => drained(socket, ended),
  hangUp: (code) => {
    hangUp(socket, code);
    return true;
  },
  over: () => undefined,
});

/**
 * Resolves once so little waits for the reader that more may be sent, or the signal is aborted: what is sent to somebody who does not
 * read would be kept in memory. Rejects with TOO_SLOW.
 */
export const drained = async (
  socket: { readonly bufferedAmount: number },
  ended: AbortSignal,
): Promise<void> => {
  const patience = Date.now() + limits.outboundBehindMs.value;
  while (socket.bufferedAmount > limits.subscriptionBufferBytes.value && !ended.aborted) {
    if (Date.now() > patience) throw new AppError('TOO_SLOW');
    await sleep(DRAIN_LOOK_MS);
  }
};

/** For sockets whose failures are said by their closing. */
export function terminate(this: WebSocket): void {
  this.terminate();
}
