// What the sync engine writes for every batch of a document: an entry of its log, through its own writer.
import { LogWriter } from '../../../server/dist/sync/log/log-writer.js';
import { idOf } from './messages.mjs';

const updateBytes = 300;
const message = 'It always rains on bridges. See you there!';

/** An empty log with its unique key, and the engine's own writer on it, which groups what waits. */
const createLog = async (db) => {
  const collection = db.collection('document_log');
  await collection.createIndex({ document: 1, generation: 1, position: 1 }, { unique: true });
  return new LogWriter({
    models: { log: { collection } },
    log: { warn: () => {} },
    meter: { logWritten: () => {}, logWriteFailed: () => {} },
    patienceMs: 30_000,
    writeTimeoutMs: 10_000,
  });
};

/**
 * Appends as live documents do: each hands in its next entry once it knows that the last one is stored. An entry carries
 * one message, as update bytes and as the change it means. Resolves with a function that appends for document `number`.
 */
export const logWork = async (db) => {
  const writer = await createLog(db);
  const positions = new Map();
  const run = Date.now();
  const bytes = Buffer.alloc(updateBytes, 7);
  return async (number) => {
    const document = idOf(run + number);
    const position = (positions.get(number) ?? 0) + 1;
    positions.set(number, position);
    const id = idOf(run + position);
    const value = { id, author: idOf(number), text: message, at: new Date().toISOString() };
    const outcome = await writer.append({
      document,
      generation: 1,
      position,
      batch: id,
      at: new Date(),
      bytes,
      bindings: [{ user: value.author, clients: [number] }],
      changes: [{ type: 'message', value }],
    });
    if (outcome !== 'stored') throw new Error(`an entry of the log was ${outcome}`);
  };
};
