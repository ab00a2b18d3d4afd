// Owns the frames that come in over one JSON socket: handled one after the other in their order, at a pace. Whoever is faster is not
// read for a while; nothing that was read is lost, not even when the client closes behind it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RawData, WebSocket } from 'ws';

export interface InboxOptions {
  readonly socket: WebSocket;
  /** Seconds to wait before the next frame; 0 for none. */
  readonly wait: () => number;
  /** Resolves, and never rejects, once the frame is done with and another may come. */
  readonly handle: (data: Buffer, isBinary: boolean) => Promise<void>;
  /** Nothing is handled any more after. */
  readonly closed: AbortSignal;
}

interface Frame {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

export class Inbox {
  readonly #options: InboxOptions;
  /** No more than was in one reading of the socket. */
  #frames: Frame[] = [];
  #handling: Promise<void> | null = null;

  constructor(options: InboxOptions) {
    this.#options = options;
    options.socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
  }

  /** Resolves once everything that has come in is handled. Never rejects. */
  async handled(): Promise<void> {
    await this.#handling;
  }

  #receive(data: RawData, isBinary: boolean): void {
    const { socket, closed } = this.#options;
    if (closed.aborted || !Buffer.isBuffer(data)) return;
    this.#frames.push({ data, isBinary });
    socket.pause();
    this.#handling ??= this.#handleAll().finally(() => {
      this.#handling = null;
    });
  }

  async #handleAll(): Promise<void> {
    const { socket, wait, handle, closed } = this.#options;
    while (this.#frames.length > 0) {
      const frames = this.#frames;
      this.#frames = [];
      for (const { data, isBinary } of frames) {
        await this.#inPace(wait);
        if (closed.aborted) return;
        await handle(data, isBinary);
      }
    }
    if (!closed.aborted) socket.resume();
  }

  async #inPace(wait: () => number): Promise<void> {
    const { closed } = this.#options;
    for (let seconds = wait(); seconds > 0 && !closed.aborted; seconds = wait()) {
      await sleep(seconds * 1_000, undefined, { ref: false, signal: closed }).catch(() => undefined);
    }
  }
}
