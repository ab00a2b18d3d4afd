import { Worker } from 'node:worker_threads';
import { StoreOpenError } from './errors.js';
import { CLOSE_REQUEST, type WorkerInput, type WorkerMessage } from './worker-messages.js';

export { StoreOpenError } from './errors.js';

/** A running embedded store. It has no authentication, so it listens on 127.0.0.1 and nowhere else. */
export interface EmbeddedMongo {
  /** Connection string for any MongoDB driver, including `directConnection=true`. */
  readonly uri: string;
  /** Settles when the store has stopped, after `close` as well; what it acknowledged is on disk. Never rejects. */
  readonly stopped: Promise<Error>;
  /** Ends all connections, finishes running writes and releases the directory. Safe to call twice. */
  close(): Promise<void>;
}

/** Where a store keeps its data, and where it listens. */
export interface EmbeddedMongoOptions {
  /** Created when absent. One process at a time. */
  readonly dataDir: string;
  /** A free one where it is 0 or absent. */
  readonly port?: number;
  /** How often documents with a TTL index are looked at; a minute by default, as in MongoDB. */
  readonly ttlSweepMs?: number;
}

/**
 * Start the embedded store in a thread of its own. Rejects with StoreOpenError when the directory is in use, damaged or
 * written by a newer version.
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const input: WorkerInput = {
    dataDir: options.dataDir,
    port: options.port ?? 0,
    ...(options.ttlSweepMs === undefined ? {} : { ttlSweepMs: options.ttlSweepMs }),
  };
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: input,
    name: 'embedded-mongo',
  });
  const exited = new Promise<Error>((resolve) => {
    worker.once('error', (error: Error) => resolve(error));
    worker.once('exit', (code) =>
      resolve(new StoreOpenError('unusable', `The embedded store ended (${code})`)),
    );
  });
  const port = await started(worker, exited);
  let closing: Promise<void> | undefined;
  return {
    uri: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    stopped: exited,
    close: () => {
      closing ??= stop(worker, exited);
      return closing;
    },
  };
}

function started(worker: Worker, exited: Promise<Error>): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') resolve(message.port);
      else reject(new StoreOpenError(message.reason, message.message));
    });
    void exited.then(reject);
  });
}

async function stop(worker: Worker, exited: Promise<Error>): Promise<void> {
  worker.postMessage(CLOSE_REQUEST);
  await exited;
}
