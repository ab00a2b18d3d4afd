import type { ParleyOptions } from '@parley/server';
import type { Connection } from 'mongoose';
import { startTestServer, type TestServer } from './test-server.js';
import { startTestStore } from './test-store.js';

/** A server whose store can be looked into, and changed behind its back. */
export interface ServerOnStore {
  readonly server: TestServer;
  /** Of its store, for another server on it. */
  readonly uri: string;
  readonly database: Connection;
  /** Gives somebody the role that only the command line can give to the first. */
  makeAdmin(userId: string): Promise<void>;
  close(): Promise<void>;
}

/** `name`: of a database of its own. */
export const startServerOnStore = async (
  name: string,
  options: ParleyOptions = {},
): Promise<ServerOnStore> => {
  const store = await startTestStore();
  const uri = new URL(store.uri);
  uri.pathname = `/${name}`;
  const server = await startTestServer({ ...options, mongodbUri: uri.href });
  const database = store.connection.useDb(name);
  return {
    server,
    uri: uri.href,
    database,
    makeAdmin: async (userId) => {
      const users = database.collection<{ _id: string }>('users');
      await users.updateOne({ _id: userId }, { $set: { role: 'admin' } });
    },
    close: async () => {
      await server.close();
      await database.dropDatabase();
      await store.close();
    },
  };
};
