import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startEmbeddedMongo } from '@parley/server/internal/embedded-mongo/index';
import { type Document, MongoClient } from 'mongodb';

const cli = createRequire(import.meta.url).resolve('@parley/server/internal/cli');

type Environment = Readonly<Record<string, string>>;

/** Starts `parley` with this environment and nothing else. */
export const spawnCli = (args: readonly string[], environment: Environment = {}): ChildProcess =>
  spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...environment },
  });

/** How a run of `parley` ended. */
export interface CliEnd {
  readonly out: string;
  /** Without the lines that a copy writes every few seconds, which a slow machine sees and a quick one does not. */
  readonly err: string;
  readonly progress: readonly string[];
  readonly code: number | null;
}

export const endOf = async (child: ChildProcess): Promise<CliEnd> => {
  if (child.stdout === null || child.stderr === null) throw new TypeError('the child has no pipes');
  const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const lines = err.split(/(?<=\n)/);
  return {
    out,
    err: lines.filter((line) => !PROGRESS.test(line)).join(''),
    progress: lines.filter((line) => PROGRESS.test(line)),
    code: child.exitCode,
  };
};

const PROGRESS = /^(Looking at|Copying|Building|Reading back) /;

export const runCli = (args: readonly string[], environment: Environment = {}): Promise<CliEnd> =>
  endOf(spawnCli(args, environment));

/** Folders that go when the test is over. */
export class TemporaryFolders implements AsyncDisposable {
  readonly #paths: string[] = [];

  async make(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'parley-store-'));
    this.#paths.push(path);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#paths.splice(0)) await rm(path, { recursive: true, force: true });
  }
}

/** Opens the embedded store that this very folder holds, for a moment, making it when it is not there. */
export const withClient = async <T>(
  dataDir: string,
  use: (client: MongoClient) => Promise<T>,
): Promise<T> => {
  const store = await startEmbeddedMongo({ dataDir });
  const client = await new MongoClient(store.uri).connect();
  try {
    return await use(client);
  } finally {
    await client.close();
    await store.close();
  }
};

/** The same for the store of a Parley data folder. */
export const withStore = <T>(dataDir: string, use: (client: MongoClient) => Promise<T>): Promise<T> =>
  withClient(join(dataDir, 'store'), use);

/** An embedded store that is the target of a copy. */
export interface TargetStore extends AsyncDisposable {
  readonly uri: string;
  readonly client: MongoClient;
}

export const startTargetStore = async (
  options: { readonly ttlSweepMs?: number } = {},
): Promise<TargetStore> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-target-'));
  const store = await startEmbeddedMongo({ dataDir, ...options });
  const client = await new MongoClient(store.uri).connect();
  return {
    uri: store.uri,
    client,
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/**
 * Everything a server holds: by `database.collection` the bytes of every document in hex, sorted, and the indexes. Read
 * without an order of the server's, so that it says nothing of how the copy itself compares.
 */
export const contentOf = async (
  client: MongoClient,
  databases: readonly string[],
): Promise<Record<string, { documents: string[]; indexes: Document[] }>> => {
  const content: Record<string, { documents: string[]; indexes: Document[] }> = {};
  for (const database of databases) {
    const names = await client.db(database).listCollections({}, { nameOnly: true }).toArray();
    for (const { name } of names) {
      const collection = client.db(database).collection(name);
      const rows = await collection.find({}, { raw: true }).toArray();
      const documents = rows.map((row) =>
        row instanceof Uint8Array ? Buffer.from(row).toString('hex') : '',
      );
      const indexes = (await collection.listIndexes().toArray()).map(({ v: _, ...index }): Document => index);
      content[`${database}.${name}`] = {
        documents: documents.sort(),
        indexes: indexes.sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1)),
      };
    }
  }
  return content;
};

/** A disk that fails when it is told to: the thread of an embedded store that is started with `environment` throws. */
export interface FailingDisk {
  readonly environment: Environment;
  fail(): Promise<void>;
}

export const createFailingDisk = async (folder: string): Promise<FailingDisk> => {
  const script = join(folder, 'failing-disk.cjs');
  const trigger = join(folder, 'failing-disk.now');
  await writeFile(
    script,
    `const { isMainThread } = require('node:worker_threads');
    const { existsSync } = require('node:fs');
    const look = () => { if (existsSync(${JSON.stringify(trigger)})) throw new Error('the disk is gone'); };
    if (!isMainThread) setInterval(look, 10).unref();`,
  );
  return {
    environment: { NODE_OPTIONS: `--require ${script}` },
    fail: () => writeFile(trigger, ''),
  };
};
