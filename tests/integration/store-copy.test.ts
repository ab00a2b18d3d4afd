import { once } from 'node:events';
import { expect } from 'chai';
import { Binary, type Document } from 'mongodb';
import { type CopyBench, openCopyBench, rows } from '../harness/copy-bench.js';
import { documentsOfKinds, everyKind } from '../harness/every-kind.js';
import { type Fate, startMeddlingProxy } from '../harness/meddling-proxy.js';
import { contentOf, spawnCli, withStore } from '../harness/store-cli.js';

const MEGABYTE = 1024 * 1024;
/** What an `_id` and a binary value add to the bytes of the value. */
const AROUND_BINARY = 22;
interface Numbered extends Document {
  readonly _id: number;
}
/** MongoDB allows no array and no regular expression as an `_id`, and no dollar sign in the names inside one. */
const NEVER_IDS: readonly unknown[] = [
  everyKind.regex,
  everyKind.listsInLists,
  everyKind.reference,
  everyKind.namesWithSigns,
];

describe('parley store copy', () => {
  let bench: CopyBench;
  beforeEach(async () => {
    bench = await openCopyBench();
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  const held = (...databases: string[]) => withStore(bench.dataDir, (client) => contentOf(client, databases));

  it('brings every BSON type, as value and as _id, byte for byte', async () => {
    const ids = Object.values(everyKind).filter((value) => !NEVER_IDS.includes(value));
    await bench.fill({ 'parley.values': documentsOfKinds(), 'parley.ids': ids.map((_id) => ({ _id })) });
    const { code, out, err } = await bench.copy();
    expect([code, err]).to.deep.equal([0, '']);
    const store = await held('parley');
    expect(store['parley.values']?.documents).to.have.length(Object.keys(everyKind).length);
    expect(store['parley.ids']?.documents).to.have.length(ids.length);
    expect(await contentOf(bench.target.client, ['parley'])).to.deep.equal(store);
    expect(out).to.match(/^ok {6}parley\.values: \d+ documents, \d+ bytes, 0 indexes, sha256 [0-9a-f]{64}$/m);
  });

  it('brings indexes with their options, empty collections, files of many chunks and documents of 16 MB', async () => {
    await withStore(bench.dataDir, async (client) => {
      const db = client.db('parley');
      await db.createCollection('empty');
      const people = db.collection<Document>('people');
      await people.insertMany(rows(2500));
      await people.createIndex({ n: 1 }, { unique: true });
      await people.createIndex({ n: -1, _id: 1 }, { sparse: true, name: 'backwards' });
      await people.createIndex({ n: 1, z: 1 }, { partialFilterExpression: { n: { $gt: 5 } } });
      await people.createIndex(
        new Map([
          ['b', 1],
          ['10', -1],
        ]),
      );
      await people.createIndex({ at: 1 }, { expireAfterSeconds: 3600 });
      const value = new Binary(Buffer.alloc(16 * MEGABYTE - AROUND_BINARY));
      await db.collection<Numbered>('large').insertOne({ _id: 1, v: value });
      const chunks = rows(90).map((row) => ({ ...row, data: new Binary(Buffer.alloc(255 * 1024)) }));
      await client.db('media').collection<Document>('fs.chunks').insertMany(chunks);
    });
    const sizes: number[] = [];
    const { code, err } = await bench.copyThrough((command, name) => {
      if (name === 'insert') sizes.push(command.documents.length);
      return 'pass';
    });
    expect(code, err).to.equal(0);
    const store = await held('parley', 'media');
    expect(store['parley.people']?.indexes).to.have.length(6);
    expect(store['parley.empty']?.documents).to.deep.equal([]);
    expect(store['parley.large']?.documents[0]).to.have.length(2 * 16 * MEGABYTE);
    expect(await contentOf(bench.target.client, ['parley', 'media'])).to.deep.equal(store);
    // 8 MB hold 32 chunks; a thousand documents are the other bound.
    expect(Math.max(...sizes)).to.equal(1000);
    expect(sizes.filter((size) => size === 32)).to.have.length(2);
  });

  it('brings the collations of indexes, and leaves the edition of their rules to the target', async () => {
    const collation = { locale: 'en', strength: 2 };
    await withStore(bench.dataDir, async (client) => {
      await client.db('parley').collection('a').createIndex({ name: 1 }, { unique: true, collation });
    });
    const asked: Document[] = [];
    const { code, err } = await bench.copyThrough((command, name) => {
      if (name === 'createIndexes') asked.push(...command.indexes);
      return 'pass';
    });
    expect([code, err]).to.deep.equal([0, '']);
    for (const index of asked)
      expect(index.collation).to.include({ locale: 'en' }).and.not.have.property('version');
    expect(await contentOf(bench.target.client, ['parley'])).to.deep.equal(await held('parley'));
    const lost = await bench.targetDb.dropCollection('a');
    const other = await bench.copyThrough((command, name): Fate => {
      if (name !== 'createIndexes') return 'pass';
      const indexes = command.indexes.map((index: Document) => ({
        ...index,
        collation: { ...collation, strength: 1 },
      }));
      return { instead: { ...command, indexes } };
    });
    expect([lost, other.err]).to.deep.equal([
      true,
      'parley.a: the target keeps these indexes differently: name_1.\n',
    ]);
  });

  it('says every few seconds how far it is', async () => {
    await bench.fill({ 'parley.a': rows(1500) });
    let told = '';
    let tell: () => void = () => undefined;
    const saidSomething = new Promise<void>((resolve) => {
      tell = resolve;
    });
    await using proxy = await startMeddlingProxy(bench.target.uri, async (_, name): Promise<Fate> => {
      if (name === 'insert') await saidSomething;
      return 'pass';
    });
    const child = spawnCli(['store', 'copy', '--data-dir', bench.dataDir, '--to', proxy.uri]);
    child.stderr?.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      tell();
    });
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
    expect(told).to.match(/^Copying parley\.a: 1000 of 1500 documents\n/);
  });

  it('tells MongoDB to leave timestamps of zero alone, and only where there are any', async () => {
    await bench.fill({
      'parley.some': [{ at: everyKind.timestampOfZero }],
      'parley.none': [{ at: everyKind.timestamp }],
    });
    const told: unknown[] = [];
    const { code } = await bench.copyThrough((command, name) => {
      if (name === 'insert') told.push([command.insert, command.bypassEmptyTsReplacement]);
      return 'pass';
    });
    expect(code).to.equal(0);
    expect(told).to.deep.equal([
      ['none', undefined],
      ['some', true],
    ]);
  });

  it('asks for the disks of a majority, and a lone server that knows none for its own', async () => {
    await bench.fill({ 'parley.a': rows(1200) });
    const concerns: unknown[] = [];
    const { code, err } = await bench.copyThrough((command, name) => {
      if (name === 'insert') concerns.push(command.writeConcern.w.valueOf());
      const strong = command.writeConcern?.j !== undefined;
      const reply = { ok: 0, code: 2, codeName: 'BadValue', errmsg: 'no replication here' };
      return strong ? { reply } : 'pass';
    });
    expect([code, err]).to.deep.equal([0, '']);
    expect(concerns).to.deep.equal([1, 1]);
    const safely: unknown[] = [];
    await bench.targetDb.dropDatabase();
    await bench.copyThrough((command, name) => {
      if (name === 'insert' || name === 'update')
        safely.push([command.writeConcern.w, command.writeConcern.j]);
      return 'pass';
    });
    expect(safely).to.have.length.greaterThan(4);
    for (const concern of safely) expect(concern).to.deep.equal(['majority', true]);
  });

  it('copies what has expired, and makes the index that removes it after everything is compared', async () => {
    await using quick = await openCopyBench({ ttlSweepMs: 10 });
    await withStore(quick.dataDir, async (client) => {
      const sessions = client.db('parley').collection<Numbered>('sessions');
      await sessions.insertMany([
        { _id: 1, at: new Date(0) },
        { _id: 2, at: new Date(Date.now() + 1e9) },
      ]);
      await sessions.createIndex({ at: 1 }, { expireAfterSeconds: 0 });
      await client.db('parley').collection<Document>('users').insertMany(rows(10));
    });
    const commands: string[] = [];
    const { code, out } = await quick.copyThrough((command, name) => {
      commands.push(`${name} ${command[name]}`);
      return 'pass';
    });
    expect(code).to.equal(0);
    expect(out).to.include('parley.sessions: 2 documents');
    const built = commands.indexOf('createIndexes sessions');
    expect(built).to.be.greaterThan(commands.lastIndexOf('find users'));
    expect(built).to.be.greaterThan(commands.lastIndexOf('find sessions'));
    const sessions = quick.targetDb.collection('sessions');
    while ((await sessions.countDocuments()) > 1); // Until the target has swept.
  });

  it('takes only the databases it is told, and never those of the server', async () => {
    await bench.fill({ 'parley.a': rows(3), 'other.b': rows(3), 'third.c': rows(3), 'admin.d': rows(3) });
    const some = await bench.copy('--database', 'other', '--database', 'third');
    expect(some.code, some.err).to.equal(0);
    const { databases } = await bench.target.client.db().admin().listDatabases();
    expect(databases.map(({ name }) => name)).to.have.members(['other', 'third']);
    const all = await bench.copy();
    expect(all.code, all.err).to.equal(0);
    expect(all.out).to.include('skipped admin').and.to.include('3 collections, 9 documents');
    const copied = await contentOf(bench.target.client, ['admin', 'parley', 'other', 'third']);
    expect(Object.keys(copied)).to.have.length(3);
    const wrong = await bench.copy('--database', 'perley');
    expect([wrong.code, wrong.err]).to.deep.equal([
      1,
      'The store has no database perley; it has: other, parley, third.\n',
    ]);
  });

  it('leaves no note in the target, and run again finds everything the same', async () => {
    await bench.fill({ 'parley.a': rows(1500) });
    expect((await bench.copy()).code).to.equal(0);
    const first = await contentOf(bench.target.client, ['parley']);
    expect(Object.keys(first)).to.deep.equal(['parley.a']);
    const again = await bench.copy();
    expect([again.code, again.err]).to.deep.equal([0, '']);
    expect(await contentOf(bench.target.client, ['parley'])).to.deep.equal(first);
  });
});
