import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedMongo } from '@parley/server/internal/embedded-mongo/index';
import { createStoreServer } from '@parley/server/internal/embedded-mongo/server';
import { findDamage } from '@parley/server/internal/embedded-mongo/storage/file-check';
import { expect } from 'chai';
import { type Document, MongoClient } from 'mongodb';
import { withClient } from '../../harness/store-cli.js';

const run = promisify(execFile);
const SERVER_MODULE = new URL('../../../server/dist/embedded-mongo/server.js', import.meta.url).href;

async function refusal(promise: Promise<{ close(): Promise<void> }>): Promise<unknown> {
  try {
    const opened = await promise;
    await opened.close();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('store lifecycle', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'store-life-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('keeps documents, indexes and their options over a restart', async () => {
    await withClient(dataDir, async (client) => {
      const rows = client.db('a').collection<Document>('rows');
      await rows.createIndex({ n: 1 }, { unique: true });
      await rows.createIndex({ tags: 1 }, { sparse: true });
      await rows.insertMany(Array.from({ length: 100 }, (_, n) => ({ n, tags: [n % 3, 'x'] })));
      await rows.deleteOne({ n: 99 });
      await client.db('b').collection('other').insertOne({ here: true });
    });
    await withClient(dataDir, async (client) => {
      const rows = client.db('a').collection<Document>('rows');
      expect(await rows.estimatedDocumentCount()).to.equal(99);
      expect((await rows.indexes()).map(({ name, unique, sparse }) => [name, unique, sparse])).to.deep.equal([
        ['_id_', undefined, undefined],
        ['n_1', true, undefined],
        ['tags_1', undefined, true],
      ]);
      expect(await rows.countDocuments({ tags: 2 })).to.equal(33);
      await rows.insertOne({ n: 99 });
      const error: unknown = await rows.insertOne({ n: 5 }).catch((caught: unknown) => caught);
      expect(error).to.have.property('code', 11000);
      expect(await client.db('b').collection('other').countDocuments({ here: true })).to.equal(1);
    });
  });

  it('refuses a second owner, in this process or another, and says who has it', async () => {
    const first = await createStoreServer({ dataDir });
    const here = await refusal(createStoreServer({ dataDir }));
    expect(here).to.have.property('reason', 'in-use');
    expect(here).to.have.property('message').that.includes(`pid ${process.pid}`);
    const there = await refusal(startEmbeddedMongo({ dataDir }));
    expect(there).to.have.property('reason', 'in-use');
    const script = `import(${JSON.stringify(SERVER_MODULE)}).then((m) => m.createStoreServer({ dataDir: ${JSON.stringify(dataDir)} })).then(() => process.exit(0), (e) => { console.log(e.reason); process.exit(7); });`;
    const child: unknown = await run(process.execPath, ['-e', script]).catch((error: unknown) => error);
    expect(child).to.include({ code: 7, stdout: 'in-use\n' });
    await first.close();
    await withClient(dataDir, (client) => client.db('x').command({ ping: 1 }));
  });

  it('takes over what a killed owner left, whoever has its process number now', async () => {
    const script = `import(${JSON.stringify(SERVER_MODULE)}).then((m) => m.createStoreServer({ dataDir: ${JSON.stringify(dataDir)} })).then(() => process.kill(process.pid, 'SIGKILL'));`;
    const child: unknown = await run(process.execPath, ['-e', script]).catch((error: unknown) => error);
    expect(child).to.have.property('signal', 'SIGKILL');
    expect((await stat(join(dataDir, 'lock.sock'))).isSocket()).to.equal(true);
    await withClient(dataDir, (client) => client.db('x').command({ ping: 1 }));
  });

  it('serves a directory whose path is too long for a socket name', async () => {
    const deep = join(dataDir, 'd'.repeat(120));
    await mkdir(deep);
    const first = await createStoreServer({ dataDir: deep });
    expect(await refusal(createStoreServer({ dataDir: deep }))).to.have.property('reason', 'in-use');
    await first.close();
  });

  it('refuses a port that is taken and leaves the directory free', async () => {
    const first = await createStoreServer({ dataDir });
    const other = await mkdtemp(join(tmpdir(), 'store-life-'));
    expect(await refusal(createStoreServer({ dataDir: other, port: first.port }))).to.have.property(
      'reason',
      'unusable',
    );
    await (await createStoreServer({ dataDir: other })).close();
    await first.close();
    await rm(other, { recursive: true, force: true });
  });

  it('refuses a damaged directory instead of starting empty', async () => {
    await withClient(dataDir, (client) =>
      client
        .db('a')
        .collection('rows')
        .insertMany(Array.from({ length: 2000 }, (_, n) => ({ n, text: 'x'.repeat(200) }))),
    );
    const file = join(dataDir, 'data.mdb');
    const copy = join(dataDir, 'copy');
    await copyFile(file, copy);
    const size = (await stat(file)).size;
    const damages: [string, () => Promise<void>][] = [
      ['missing', () => rm(file)],
      ['empty', () => truncate(file, 0)],
      ['cut to its heads', () => truncate(file, 8192)],
      ['cut in half', () => truncate(file, Math.floor(size / 2))],
      ['not a data file', () => writeFile(file, 'x'.repeat(20_000))],
      ['half a head', () => truncate(file, 100)],
    ];
    for (const [what, damage] of damages) {
      await damage();
      expect(await refusal(createStoreServer({ dataDir })), what).to.have.property('reason', 'damaged');
      await copyFile(copy, file);
    }
    const marker = join(dataDir, 'store.json');
    const text = await readFile(marker, 'utf8');
    await writeFile(marker, text.replace(/"storeId":"./, '"storeId":"?'));
    expect(await refusal(createStoreServer({ dataDir }))).to.have.property('reason', 'damaged');
    await writeFile(marker, '{');
    expect(await refusal(createStoreServer({ dataDir }))).to.have.property('reason', 'damaged');
    await writeFile(marker, text.replace('"format":1', '"format":999'));
    expect(await refusal(createStoreServer({ dataDir }))).to.have.property('reason', 'newer-format');
    await rm(marker);
    await withClient(dataDir, async (client) => {
      expect(
        await client
          .db('a')
          .collection('rows')
          .countDocuments({ n: { $gte: 0 } }),
      ).to.equal(2000);
    });
  });

  it('makes no store where it cannot tell whether there is one', async () => {
    await mkdir(join(dataDir, 'store.json'));
    expect(await refusal(createStoreServer({ dataDir }))).to.have.property('reason', 'unusable');
    expect(await stat(join(dataDir, 'data.mdb')).catch(() => undefined)).to.equal(undefined);
  });

  it('looks into a data file whose heads promise more pages than it has', async () => {
    await withClient(dataDir, (client) =>
      client
        .db('a')
        .collection('rows')
        .insertMany([{ big: 'x'.repeat(50_000) }, ...Array.from({ length: 500 }, (_, n) => ({ n }))]),
    );
    const file = join(dataDir, 'data.mdb');
    const handle = await open(file, 'r+');
    const { size } = await handle.stat();
    expect(await findDamage(handle, size)).to.equal(undefined);
    // Both heads say there were a thousand pages more, all free: nothing that is in use is missing.
    for (const head of [0, 4096]) {
      const at = Buffer.alloc(8);
      at.writeBigUInt64LE(BigInt(size / 4096 + 1000));
      await handle.write(at, 0, 8, head + 24 + 120);
    }
    expect(await findDamage(handle, size)).to.equal(undefined);
    expect(await findDamage(handle, Math.floor(size / 8192) * 4096)).to.equal('it is cut off');
    await handle.close();
  });
});

describe('store expiry', () => {
  it('removes documents whose date is past, and only those', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'store-ttl-'));
    let now = 1_000_000_000_000;
    const server = await createStoreServer({ dataDir, now: () => now });
    const client = await new MongoClient(
      `mongodb://127.0.0.1:${server.port}/?directConnection=true`,
    ).connect();
    const rows = client.db('x').collection<Document>('rows');
    await rows.createIndex({ at: 1 }, { expireAfterSeconds: 10 });
    const down = client.db('x').collection<Document>('down');
    await down.createIndex({ at: -1 }, { expireAfterSeconds: 0 });
    const at = (seconds: number): Date => new Date(now + seconds * 1000);
    await rows.insertMany([
      { _id: 1 as never, at: at(-11) },
      { _id: 2 as never, at: at(-9) },
      { _id: 3 as never, at: 'no date' },
      { _id: 4 as never },
      { _id: 5 as never, at: [at(-50), at(50)] },
      { _id: 6 as never, at: at(-10) },
      ...Array.from({ length: 1200 }, (_, n) => ({ _id: `old${n}` as never, at: at(-100 - n) })),
    ]);
    await down.insertMany([
      { _id: 1 as never, at: at(-1) },
      { _id: 2 as never, at: at(1) },
    ]);
    await server.sweepExpired();
    const ids = async (of = rows): Promise<unknown[]> =>
      (await of.find().sort({ _id: 1 }).toArray()).map((row) => row._id);
    expect(await ids()).to.deep.equal([2, 3, 4]);
    expect(await ids(down)).to.deep.equal([2]);
    now += 5000;
    await server.sweepExpired();
    expect(await ids()).to.deep.equal([3, 4]);
    expect(await ids(down)).to.deep.equal([]);
    await client.close();
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  });
});
