import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedMongo } from '@parley/server/internal/embedded-mongo/index';
import { type Db, type Document, MongoClient, MongoServerError } from 'mongodb';

/** Keep every BSON type as it came, so that an int64 that came back as a double is noticed. */
const EXACT = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true } as const;

/** A server of the protocol, with a database of its own for this run. */
export class Server {
  private constructor(
    readonly name: string,
    private readonly client: MongoClient,
    private db: Db,
  ) {}

  static async connect(name: string, uri: string): Promise<Server> {
    const client = await new MongoClient(uri, { serverSelectionTimeoutMS: 10_000 }).connect();
    return new Server(name, client, newDatabase(client));
  }

  get database(): string {
    return this.db.databaseName;
  }

  run(command: Document): Promise<Document> {
    return this.db.command(command, EXACT);
  }

  /** Go on in a new database, for an operation after which a witness cannot clear the one it has. */
  async moveOn(): Promise<void> {
    await this.db.dropDatabase().catch((error: unknown) => {
      if (!(error instanceof MongoServerError)) throw error;
    });
    this.db = newDatabase(this.client);
  }

  async close(): Promise<void> {
    await this.moveOn();
    await this.client.close();
  }
}

const newDatabase = (client: MongoClient): Db => client.db(`differential_${randomBytes(5).toString('hex')}`);

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

export const openBench = (): Promise<Bench> => openBenchBeside(() => WITNESSES);

/** For what must come to the same in two ways: the store's only witness is the store, which another way is tried on. */
export const openBenchBesideItself = (): Promise<Bench> => openBenchBeside((itself) => ({ itself }));

async function openBenchBeside(
  others: (storeUri: string) => Readonly<Record<string, string | undefined>>,
): Promise<Bench> {
  const dataDir = await mkdtemp(join(tmpdir(), 'differential-'));
  const embedded = await startEmbeddedMongo({ dataDir });
  const store = await Server.connect('store', embedded.uri);
  const witnesses: Server[] = [];
  for (const [name, uri] of Object.entries(others(embedded.uri))) {
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
