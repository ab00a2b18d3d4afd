import { createServer, type Server, type Socket } from 'node:net';
import { CursorRegistry } from './commands/cursors.js';
import { ServerState } from './commands/server-state.js';
import { Connection } from './connection.js';
import { StoreOpenError } from './errors.js';
import { openStore, type Store } from './storage/store.js';
import { TtlSweeper } from './storage/ttl-sweeper.js';

export interface StoreServerOptions {
  readonly dataDir: string;
  /** A free one where it is 0 or absent. */
  readonly port?: number;
  /** How often expired documents are looked for. */
  readonly ttlSweepMs?: number;
  /** The clock that decides what has expired. */
  readonly now?: () => number;
}

export interface StoreServer {
  readonly port: number;
  readonly store: Store;
  /** Look for expired documents now. */
  sweepExpired(): Promise<void>;
  /** Ends connections, finishes running writes and releases the directory. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const MAX_CONNECTIONS = 1000;
const DEFAULT_TTL_SWEEP_MS = 60_000;
const CURSOR_SWEEP_MS = 60_000;

/** Open a data directory and serve it on the loopback interface, in the calling thread. */
export async function createStoreServer(options: StoreServerOptions): Promise<StoreServer> {
  const store = await openStore(options.dataDir);
  const now = options.now ?? Date.now;
  const cursors = new CursorRegistry(now);
  const connections = new Set<Connection>();
  const state = new ServerState(MAX_CONNECTIONS);
  const server = createServer((socket: Socket) => {
    const client = `${socket.remoteAddress ?? HOST}:${socket.remotePort ?? 0}`;
    const connectionId = state.connected();
    const connection = new Connection(socket, { store, cursors, server: state, connectionId, client });
    connections.add(connection);
    void connection.finished.then(() => {
      connections.delete(connection);
      state.disconnected();
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  const port = await listen(server, options.port ?? 0).catch(async (error: unknown) => {
    await store.close();
    throw new StoreOpenError('unusable', `Cannot listen on ${HOST}:${options.port ?? 0}`, { cause: error });
  });
  state.port = port;
  const sweeper = new TtlSweeper(store, now);
  const ttlTimer = setInterval(() => sweeper.trigger(), options.ttlSweepMs ?? DEFAULT_TTL_SWEEP_MS);
  const cursorTimer = setInterval(() => cursors.expire(), CURSOR_SWEEP_MS);
  ttlTimer.unref();
  cursorTimer.unref();
  return {
    port,
    store,
    sweepExpired: () => sweeper.sweep(),
    close: async () => {
      clearInterval(ttlTimer);
      clearInterval(cursorTimer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.close();
      await Promise.all([...connections].map((connection) => connection.finished));
      await closed;
      await sweeper.idle();
      await store.close();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: HOST, port }, () => {
      // A connection that cannot be accepted, for want of file handles, is the client's to try again.
      server.on('error', () => {});
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
