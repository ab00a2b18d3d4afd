import { startEmbeddedMongo } from '@parley/server/internal/embedded-mongo/index';
import { connectMongo } from '@parley/server/internal/platform/mongo';
import type { Connection } from 'mongoose';
import { createDataDir } from './data-dir.js';

/** A store without a server before it: the MongoDB the tests were pointed at, or an embedded one. */
export interface TestStore {
  readonly connection: Connection;
  close(): Promise<void>;
}

export const startTestStore = async (): Promise<TestStore> => {
  const dataDir = await createDataDir();
  const embedded =
    dataDir.mongodbUri === undefined ? await startEmbeddedMongo({ dataDir: dataDir.path }) : null;
  const connection = await connectMongo(embedded?.uri ?? dataDir.mongodbUri ?? '');
  return {
    connection,
    close: async () => {
      await connection.close();
      await embedded?.close();
      await dataDir.discard();
    },
  };
};
