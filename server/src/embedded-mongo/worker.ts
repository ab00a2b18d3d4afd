import { parentPort, workerData } from 'node:worker_threads';
import { keepMemoryLow } from '../quiet-memory.js';
import { StoreOpenError } from './errors.js';
import { createStoreServer } from './server.js';
import { CLOSE_REQUEST, type WorkerInput, type WorkerMessage } from './worker-messages.js';

/** The thread the embedded store lives in, so that flushing and scanning never hold up the loop that serves sockets. */
async function main(input: WorkerInput, say: (message: WorkerMessage) => void): Promise<void> {
  try {
    const server = await createStoreServer(input);
    parentPort?.on('message', (message: unknown) => {
      if (message !== CLOSE_REQUEST) return;
      void server.close().then(() => parentPort?.close());
    });
    say({ kind: 'ready', port: server.port });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say({ kind: 'failed', reason: error instanceof StoreOpenError ? error.reason : 'unusable', message });
    parentPort?.close();
  }
}

function isInput(value: unknown): value is WorkerInput {
  return typeof value === 'object' && value !== null && 'dataDir' in value && 'port' in value;
}

if (parentPort && isInput(workerData)) {
  const port = parentPort;
  keepMemoryLow();
  await main(workerData, (message) => port.postMessage(message));
}
