import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedMongo } from '@parley/server/internal/embedded-mongo/index';
import { type Db, type Document, MongoClient } from 'mongodb';

/** Keep every BSON type as it came, so that an int64 that came back as a double is noticed. */
const EXACT = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true } as const;

/** A server of the protocol, with a database of its own for this run. */
export class Server {
  private constructor(
    readonly name: string,
    private readonly client: MongoClient,
    private readonly database: Db,
  ) {}

  static async connect(name: string, uri: string): Promise<Server> {
    const client = await new MongoClient(uri, { serverSelectionTimeoutMS: 10_000 }).connect();
    return new Server(name, client, client.db(`differential_${randomBytes(5).toString('hex')}`));
  }

  run(command: Document): Promise<Document> {
    return this.database.command(command, EXACT);
  }

  async close(): Promise<void> {
    await this.database.dropDatabase();
    await this.client.close();
  }
}

/** The embedded store and whatever independent servers the environment names. */
export interface Bench {
  readonly store: Server;
  readonly witnesses: readonly Server[];
  close(): Promise<void>;
}

export const WITNESSES = {
  ferretdb: process.env.PARLEY_WITNESS_FERRETDB,
  'mongo-java-server': process.env.PARLEY_WITNESS_JAVA,
} as const;
export type WitnessName = keyof typeof WITNESSES;

export async function openBench(): Promise<Bench> {
  const dataDir = await mkdtemp(join(tmpdir(), 'differential-'));
  const embedded = await startEmbeddedMongo({ dataDir });
  const store = await Server.connect('store', embedded.uri);
  const witnesses: Server[] = [];
  for (const [name, uri] of Object.entries(WITNESSES)) {
    if (uri !== undefined) witnesses.push(await Server.connect(name, uri));
  }
  return {
    store,
    witnesses,
    close: async () => {
      for (const server of [store, ...witnesses]) await server.close();
      await embedded.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
