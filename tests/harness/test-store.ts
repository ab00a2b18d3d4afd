import { startEmbeddedMongo } from '@parley/server/internal/embedded-mongo/index';
import { connectMongo } from '@parley/server/internal/platform/mongo';
import type { Connection } from 'mongoose';
import { createDataDir } from './data-dir.js';

/** A store without a server before it: the MongoDB the tests were pointed at, or an embedded one. */
export interface TestStore {
  readonly connection: Connection;
  readonly uri: string;
  close(): Promise<void>;
}

export const startTestStore = async (): Promise<TestStore> => {
  const dataDir = await createDataDir();
  const embedded =
    dataDir.mongodbUri === undefined ? await startEmbeddedMongo({ dataDir: dataDir.path }) : null;
  const uri = embedded?.uri ?? dataDir.mongodbUri ?? '';
  const connection = await connectMongo(uri);
  return {
    connection,
    uri,
    close: async () => {
      await connection.close();
      await embedded?.close();
      await dataDir.discard();
    },
  };
};
