import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createConnection } from 'mongoose';

/** A place for one server's data, which outlives the server: restart on it, then discard it. */
export interface DataDir extends AsyncDisposable {
  readonly path: string;
  /** The database that belongs to it, when the tests run on a MongoDB; undefined: the embedded store. */
  readonly mongodbUri: string | undefined;
  discard(): Promise<void>;
}

export const createDataDir = async (): Promise<DataDir> => {
  const path = await mkdtemp(join(tmpdir(), 'parley-test-'));
  const mongodbUri = databaseOf(path);
  const discard = async (): Promise<void> => {
    if (mongodbUri !== undefined) await dropDatabase(mongodbUri);
    await rm(path, { recursive: true, force: true });
  };
  return { path, mongodbUri, discard, [Symbol.asyncDispose]: discard };
};

/** The database of a data folder on the MongoDB that PARLEY_TEST_MONGODB_URI names, by the folder's name. */
export const databaseOf = (dataDir: string): string | undefined => {
  const base = process.env.PARLEY_TEST_MONGODB_URI;
  if (base === undefined || base === '') return undefined;
  const uri = new URL(base);
  uri.pathname = `/${basename(dataDir)}`;
  return uri.href;
};

const dropDatabase = async (uri: string): Promise<void> => {
  const connection = await createConnection(uri).asPromise();
  await connection.dropDatabase();
  await connection.close();
};
