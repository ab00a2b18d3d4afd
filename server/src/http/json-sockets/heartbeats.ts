// Owns noticing peers that are gone without a word.
import type { WebSocket } from 'ws';

export class Heartbeats {
  /** Sockets, and whether they have said anything since they were last asked. */
  readonly #sockets = new Map<WebSocket, boolean>();
  readonly #timer: NodeJS.Timeout;

  constructor(everyMs: number) {
    this.#timer = setInterval(() => this.#beat(), everyMs);
    this.#timer.unref();
  }

  /** From now on until it closes. */
  watch(socket: WebSocket): void {
    const alive = (): void => void this.#sockets.set(socket, true);
    alive();
    socket.on('pong', alive);
    socket.on('message', alive);
    socket.once('close', () => {
      socket.off('pong', alive).off('message', alive);
      this.#sockets.delete(socket);
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    for (const [socket, hasAnswered] of this.#sockets) {
      // One that is held cannot be heard, and a ping would wait behind what a slow reader does not take: that has a deadline of its own.
      if (socket.isPaused || socket.bufferedAmount > 0) continue;
      if (!hasAnswered) {
        socket.terminate();
        continue;
      }
      this.#sockets.set(socket, false);
      socket.ping();
    }
  }
}
