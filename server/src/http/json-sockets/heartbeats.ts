// Owns noticing peers that are gone without a word, or that read nothing for too long.
import { limits } from '@parley/shared';
import type { WebSocket } from 'ws';

interface Pulse {
  /** Whether it has said anything since it was last asked. */
  hasAnswered: boolean;
  /** Since when what was last asked waits to leave; null once it has. */
  waitsSince: number | null;
}

export class Heartbeats {
  readonly #sockets = new Map<WebSocket, Pulse>();
  readonly #timer: NodeJS.Timeout;
  readonly #behindMs: number;

  /** `behindMs`: how long one who reads nothing is waited for. */
  constructor(everyMs: number, behindMs = limits.outboundBehindMs.value) {
    this.#behindMs = behindMs;
    this.#timer = setInterval(() => this.#beat(), everyMs);
    this.#timer.unref();
  }

  /** From now on until it closes. */
  watch(socket: WebSocket): void {
    const pulse: Pulse = { hasAnswered: true, waitsSince: null };
    const alive = (): void => {
      pulse.hasAnswered = true;
    };
    this.#sockets.set(socket, pulse);
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
    for (const [socket, pulse] of this.#sockets) {
      const { hasAnswered, waitsSince } = pulse;
      if (waitsSince !== null) {
        if (performance.now() - waitsSince > this.#behindMs) socket.terminate();
        continue;
      }
      // One that is held cannot be heard.
      if (socket.isPaused) continue;
      // A ping waits behind what a slow reader does not take: once that has left, they have read, and are asked anew.
      const isBehind = socket.bufferedAmount > 0;
      if (!hasAnswered && !isBehind) {
        socket.terminate();
        continue;
      }
      pulse.hasAnswered = isBehind;
      pulse.waitsSince = performance.now();
      socket.ping(undefined, undefined, () => {
        pulse.waitsSince = null;
      });
    }
  }
}
