import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { type Document, MongoClient } from 'mongodb';
import { rows } from '../harness/copy-bench.js';
import { signUp, spawnTestServer } from '../harness/kit.js';
import { createFailingDisk, runCli, spawnCli, TemporaryFolders, withStore } from '../harness/store-cli.js';

/** The first line that it prints. Rejects when it ends without one. */
const addressOf = async (child: ChildProcess): Promise<string> => {
  if (child.stdout === null) throw new TypeError('the child has no pipes');
  const ended = once(child, 'exit').then(([code]: unknown[]) => {
    throw new Error(`it ended with ${code} before it listened`);
  });
  const [line]: unknown[] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended,
  ]);
  return String(line);
};

const serve = (dataDir: string, environment = {}): ChildProcess =>
  spawnCli(['store', 'serve', '--port', '0', '--data-dir', dataDir], environment);

const withClient = async <T>(uri: string, use: (client: MongoClient) => Promise<T>): Promise<T> => {
  const client = await new MongoClient(uri).connect();
  try {
    return await use(client);
  } finally {
    await client.close();
  }
};

describe('parley store serve', () => {
  const folders = new TemporaryFolders();
  const children: ChildProcess[] = [];
  let dataDir: string;

  const started = async (child: ChildProcess): Promise<string> => {
    children.push(child);
    return addressOf(child);
  };
  const refusal = async (...more: string[]): Promise<string> => {
    const { code, out, err } = await runCli([
      'store',
      'serve',
      '--data-dir',
      dataDir,
      '--port',
      '0',
      ...more,
    ]);
    expect([code, out]).to.deep.equal([1, '']);
    expect(err.trim().split('\n')).to.have.length(1);
    return err;
  };

  beforeEach(async () => {
    dataDir = await folders.make();
    await withStore(dataDir, (client) => client.db('parley').collection<Document>('a').insertMany(rows(3)));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await folders[Symbol.asyncDispose]();
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`prints where it listens, serves, and ends on ${signal} with everything on disk`, async () => {
      const first = serve(dataDir);
      const uri = await started(first);
      expect(uri).to.match(/^mongodb:\/\/127\.0\.0\.1:\d+\/\?directConnection=true$/);
      await withClient(uri, async (client) => {
        const collection = client.db('parley').collection<Document>('a');
        expect(await collection.countDocuments()).to.equal(3);
        await collection.insertMany(rows(2, 3));
        first.kill(signal);
        expect(await once(first, 'exit')).to.deep.equal([0, null]);
      });
      const again = await started(serve(dataDir));
      const documents = await withClient(again, (client) =>
        client.db('parley').collection('a').find().toArray(),
      );
      expect(documents).to.deep.equal(rows(5));
    });
  }

  it('serves what Parley stored, from the folder that the environment names', async () => {
    const own = await folders.make();
    const server = await spawnTestServer(own, { MONGODB_URI: '' });
    const { username } = await signUp(server);
    await server.stop();
    const uri = await started(spawnCli(['store', 'serve', '--port', '0'], { DATA_DIR: own }));
    const users = await withClient(uri, (client) => client.db('parley').collection('users').find().toArray());
    expect(users.map((user) => user.username)).to.deep.equal([username]);
  });

  it('listens on the port it is told', async () => {
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await refusal('--port', `${port}`)).to.equal(
      `Cannot listen on 127.0.0.1:${port}: something else listens there. Give another --port, or 0 for any free one.\n`,
    );
    listener.close();
    await once(listener, 'close');
    const child = spawnCli(['store', 'serve', '--data-dir', dataDir, '--port', `${port}`]);
    expect(await started(child)).to.include(`127.0.0.1:${port}/`);
  });

  it('refuses a store that another process has open, and says which and what to do', async () => {
    const first = serve(dataDir);
    await started(first);
    expect(await refusal()).to.match(new RegExp(`in use .*pid ${first.pid}\\)\\. Stop that Parley first`));
  });

  it('refuses a folder without a store, and makes none', async () => {
    dataDir = await folders.make();
    const message = `There is no embedded store in ${dataDir}/store. --data-dir takes the folder that Parley calls DATA_DIR.\n`;
    expect(await refusal()).to.equal(message);
    expect(await refusal()).to.equal(message);
  });

  it('refuses a damaged file, and one of a newer format', async () => {
    const file = join(dataDir, 'store', 'data.mdb');
    const whole = await readFile(file);
    await truncate(file, 5000);
    expect(await refusal()).to.match(/is damaged: data\.mdb.*\. Nothing was changed/);
    await rm(file);
    expect(await refusal()).to.match(/is damaged: data\.mdb is missing/);
    await writeFile(file, whole);
    await writeFile(join(dataDir, 'store', 'store.json'), '{"format":99,"storeId":"x"}');
    expect(await refusal()).to.match(/newer version.*\. Use the Parley that wrote it/);
  });

  it('says so and ends with 1 when the store stops by itself', async () => {
    const disk = await createFailingDisk(dataDir);
    const child = serve(dataDir, disk.environment);
    const said = text(child.stderr ?? Readable.from([]));
    await started(child);
    await disk.fail();
    expect(await once(child, 'exit')).to.deep.equal([1, null]);
    expect(await said).to.include('The embedded store stopped by itself: the disk is gone\n');
  });
});
