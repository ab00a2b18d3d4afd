import { StoreError } from '../errors.js';
import { runInJob, writeErrorsOf } from './bulk.js';
import type { CommandHandler } from './command.js';
import { booleanField, collectionName } from './request.js';

/** MongoDB's limit for the statements of one command. */
export const MAX_WRITE_BATCH = 100_000;

/** All documents of one insert command are stored by one commit. */
export const insert: CommandHandler = async (request, context) => {
  const name = collectionName(request);
  const { documents, database } = request;
  const { catalogue, documents: store, engine } = context.store;
  assertBatchSize(documents.length);
  const ordered = booleanField(request.body, 'ordered', true);
  const writeErrors = await engine.write((transaction) => {
    const collection = catalogue.getOrCreate(transaction, database, name);
    return runInJob([...documents.keys()], ordered, (i) => {
      const bytes = documents[i];
      if (bytes) store.insert(transaction, collection, bytes);
    });
  });
  const [first] = writeErrors;
  const n = ordered && first ? Number(first.index) : documents.length - writeErrors.length;
  return { n, ...writeErrorsOf(writeErrors) };
};

/** Refuse an empty bulk and one that is too long. */
export function assertBatchSize(count: number): void {
  if (count >= 1 && count <= MAX_WRITE_BATCH) return;
  throw new StoreError(
    'InvalidLength',
    `Write batch sizes must be between 1 and ${MAX_WRITE_BATCH}. Got ${count} operations.`,
  );
}
