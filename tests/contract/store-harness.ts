import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedMongo } from '@parley/server/internal/embedded-mongo/index';
import { type Db, MongoClient } from 'mongodb';

/** A MongoDB to test against: the embedded store, or the server `PARLEY_TEST_MONGODB_URI` names. */
export interface TestMongo {
  readonly uri: string;
  readonly embedded: boolean;
  readonly client: MongoClient;
  /** A database nobody else uses. */
  newDatabase(): Db;
  close(): Promise<void>;
}

export async function openTestMongo(): Promise<TestMongo> {
  const external = process.env.PARLEY_TEST_MONGODB_URI;
  const dataDir = await mkdtemp(join(tmpdir(), 'store-'));
  const store = external === undefined ? await startEmbeddedMongo({ dataDir }) : undefined;
  const uri = store?.uri ?? external ?? '';
  const client = await new MongoClient(uri, { serverSelectionTimeoutMS: 5000 }).connect();
  const databases: Db[] = [];
  return {
    uri,
    embedded: store !== undefined,
    client,
    newDatabase: () => {
      const database = client.db(`contract_${randomBytes(6).toString('hex')}`);
      databases.push(database);
      return database;
    },
    close: async () => {
      for (const database of databases) await database.dropDatabase();
      await client.close();
      await store?.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The error a promise rejects with; fails when it does not reject. */
export async function rejection(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    if (typeof error !== 'object' || error === null) throw error;
    return Object.fromEntries(
      ['code', 'codeName', 'message', 'keyPattern', 'keyValue', 'writeErrors', 'result', 'name'].map(
        (key) => [key, Reflect.get(error, key)],
      ),
    );
  }
  throw new Error('expected a rejection');
}
