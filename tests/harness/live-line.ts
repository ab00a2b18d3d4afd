// One live document behind real sockets, without a store or accounts: what waits for a socket can be looked at.
import { once } from 'node:events';
import { Connection } from '@parley/server/internal/sync/connection/connection';
import type { UserPace } from '@parley/server/internal/sync/connection/user-pace';
import type { LiveDocument } from '@parley/server/internal/sync/document/live-document';
import { syncParams } from '@parley/shared';
import { type WebSocket, WebSocketServer } from 'ws';
import { openDocument } from './document-bench.js';
import { MemoryLog } from './memory-log.js';

/** What the server's end of a socket has seen. */
export interface Watched {
  /** The most that waited after a frame was handed to the socket, bytes. */
  peakBytes: number;
  frameBytes: number;
  largestFrameBytes: number;
  closedWith: number | null;
}

export interface LiveLineOptions {
  readonly behindMs?: number;
  readonly pace?: UserPace;
}

/** The token of a client is its user's name. */
export class LiveLine implements AsyncDisposable {
  readonly document: LiveDocument;
  readonly wsUrl: string;
  readonly #server: WebSocketServer;
  readonly #watched = new Map<string, Watched>();
  readonly #left = new Map<string, () => void>();

  private constructor(document: LiveDocument, server: WebSocketServer, options: LiveLineOptions) {
    this.document = document;
    this.#server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.wsUrl = `ws://127.0.0.1:${address.port}`;
    server.on('connection', (socket, request) => {
      const { searchParams } = new URL(request.url ?? '/', this.wsUrl);
      const user = searchParams.get(syncParams.token) ?? 'nobody';
      this.#watched.set(user, watch(socket));
      return new Connection({
        ...options,
        socket,
        actor: { userId: user, sessionId: user, name: user },
        access: 'write',
        acks: searchParams.get(syncParams.acks) === '1',
        document,
        pace: options.pace ?? null,
        onClose: () => this.#left.get(user)?.(),
        onFailure: (error) => {
          throw error;
        },
      });
    });
  }

  static async open(options: LiveLineOptions = {}): Promise<LiveLine> {
    const document = await openDocument(new MemoryLog(), { snapshotEvery: 1_000_000 });
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new LiveLine(document, server, options);
  }

  /** The newest socket of the user. */
  watched(user: string): Watched {
    const watched = this.#watched.get(user);
    if (watched === undefined) throw new Error(`${user} was never here`);
    return watched;
  }

  /** Resolves when the server is done with the user's connection. */
  left(user: string): Promise<void> {
    return new Promise((resolve) => this.#left.set(user, resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
    await this.document.unload();
  }
}

const watch = (socket: WebSocket): Watched => {
  const watched: Watched = { peakBytes: 0, frameBytes: 0, largestFrameBytes: 0, closedWith: null };
  const send = socket.send.bind(socket) as (data: Uint8Array, ...more: unknown[]) => void;
  const watchedSend = (data: Uint8Array, ...more: unknown[]): void => {
    send(data, ...more);
    watched.frameBytes += data.length;
    watched.largestFrameBytes = Math.max(watched.largestFrameBytes, data.length);
    watched.peakBytes = Math.max(watched.peakBytes, socket.bufferedAmount);
  };
  socket.send = watchedSend as typeof socket.send;
  const close = socket.close.bind(socket);
  socket.close = (code, reason) => {
    watched.closedWith ??= code ?? null;
    close(code, reason);
  };
  return watched;
};
