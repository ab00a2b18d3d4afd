import { join } from 'node:path';
import { openStore } from '@parley/server/internal/embedded-mongo/storage/store';
import { serialize } from 'bson';
import { expect } from 'chai';
import type { Document } from 'mongodb';
import { type CopyBench, openCopyBench, rows } from '../harness/copy-bench.js';
import { answerOnce, type Fate, startMeddlingProxy } from '../harness/meddling-proxy.js';
import { contentOf, createFailingDisk, runCli, withStore } from '../harness/store-cli.js';

const OUT_OF_ORDER = { ok: 0, code: 96, errmsg: 'out of order' };

describe('parley store copy, failing on the way', () => {
  let bench: CopyBench;
  beforeEach(async () => {
    bench = await openCopyBench();
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  it('says that a right is missing, and for which collection', async () => {
    await bench.fill({ 'parley.a': rows(3) });
    const errmsg = 'not authorized on parley to execute command { insert: "a" }';
    const { code, err } = await bench.copyThrough(answerOnce('insert', 'a', { ok: 0, code: 13, errmsg }));
    expect(code).to.equal(1);
    expect(err).to.match(/^parley\.a: The target does not permit this: not authorized.* role readWrite/);
  });

  it('names the document that is refused', async () => {
    await bench.fill({ 'parley.a': rows(3) });
    const writeErrors = [{ index: 1, code: 121, errmsg: 'Document failed validation' }];
    const { code, err } = await bench.copyThrough(answerOnce('insert', 'a', { n: 2, writeErrors }));
    expect(code).to.equal(1);
    expect(err).to.include(
      'refused the document {"_id":"row 000001"} of parley.a: Document failed validation',
    );
  });

  it('names the document that no driver can send as it is', async () => {
    await bench.fill({ 'parley.a': rows(1) });
    const twice = Buffer.from(serialize({ _id: 2, v: 1, w: 2 }));
    twice.write('v', twice.lastIndexOf('w'));
    const store = await openStore(join(bench.dataDir, 'store'));
    await store.engine.write((transaction) => {
      store.documents.insert(transaction, store.catalogue.getOrCreate(transaction, 'parley', 'a'), twice);
    });
    await store.close();
    const { code, err } = await bench.copy();
    expect([code, err]).to.deep.equal([
      1,
      'parley.a holds a document that no driver for Node writes as it is: {"_id":2}\n',
    ]);
  });

  it('refuses to go on past a duplicate of another unique key than _id', async () => {
    await bench.fill({ 'parley.a': rows(3) });
    const other = [{ index: 0, code: 11000, errmsg: 'E11000 n_1', keyPattern: { n: 1 } }];
    const { code, err } = await bench.copyThrough(answerOnce('insert', 'a', { n: 2, writeErrors: other }));
    expect([code, err]).to.deep.equal([
      1,
      'The target refused the document {"_id":"row 000000"} of parley.a: E11000 n_1\n',
    ]);
  });

  it('notices a promise to a majority that was not kept', async () => {
    await bench.fill({ 'parley.a': rows(3) });
    const writeConcernError = { code: 64, errmsg: 'waiting for replication timed out' };
    const { code, err } = await bench.copyThrough(answerOnce('insert', 'a', { n: 3, writeConcernError }));
    expect(code).to.equal(1);
    expect(err).to.match(
      /^parley\.a: The target did not store this safely: waiting for replication timed out/,
    );
  });

  const spoilers: [string, (command: Document) => Fate | Promise<Fate>, string][] = [
    ['loses', () => ({ reply: { n: 3 } }), 'the store has 3 documents, the target 0.'],
    [
      'doubles',
      (command) => ({
        instead: { ...command, documents: [...command.documents, { _id: 'row 5', n: 5 }] },
      }),
      'the store has 3 documents, the target 4.',
    ],
    [
      'changes the type of',
      (command) => ({
        instead: {
          ...command,
          documents: command.documents.map((row: Document) => ({ ...row, n: row.n + 0.5 - 0.5 })),
        },
      }),
      'both sides have 3 documents, but not the same.',
    ],
    [
      'is given others of the same _id in place of',
      async (): Promise<Fate> => {
        const stranger: Document = { _id: 'row 000001', by: 'a stranger' };
        await bench.targetDb.collection<Document>('a').insertMany([stranger]);
        return 'pass';
      },
      'both sides have 3 documents, but not the same.',
    ],
  ];
  for (const [does, fate, difference] of spoilers) {
    it(`fails when the target ${does} documents, looks at the rest, and says how to start over`, async () => {
      const minusZero = rows(3).map((row) => ({ ...row, n: -0 }));
      await bench.fill({ 'parley.a': minusZero, 'parley.b': rows(3) });
      const { code, out, err } = await bench.copyThrough((command, name) =>
        name === 'insert' && command.insert === 'a' ? fate(command) : 'pass',
      );
      expect([code, err]).to.deep.equal([1, 'The copy is not complete: 1 of 2 collections failed.\n']);
      expect(out).to.match(/^ok {6}parley\.b: 3 documents/m);
      expect(out).to.include(
        `FAILED  parley.a: ${difference} Drop parley.a in the target and run the same command again.\n`,
      );
      await bench.targetDb.collection('a').drop();
      expect((await bench.copy()).code).to.equal(0);
      const store = await withStore(bench.dataDir, (client) => contentOf(client, ['parley']));
      expect(await bench.inTarget()).to.deep.equal(store);
    });
  }

  it('fails when the target keeps an index in another way', async () => {
    await withStore(bench.dataDir, async (client) => {
      await client.db('parley').collection('a').createIndex({ n: 1 }, { sparse: true });
    });
    const { code, err } = await bench.copyThrough((command, name) =>
      name === 'createIndexes'
        ? { instead: { ...command, indexes: [{ key: { n: 1 }, name: 'n_1' }] } }
        : 'pass',
    );
    expect([code, err]).to.deep.equal([1, 'parley.a: the target keeps these indexes differently: n_1.\n']);
  });

  it('says that the store failed, while the target keeps it waiting', async () => {
    await bench.fill({ 'parley.a': rows(3) });
    const disk = await createFailingDisk(bench.dataDir);
    await using proxy = await startMeddlingProxy(bench.target.uri, async (_, name): Promise<Fate> => {
      if (name !== 'insert') return 'pass';
      await disk.fail();
      return await new Promise<Fate>(() => undefined);
    });
    const args = ['store', 'copy', '--data-dir', bench.dataDir, '--to', proxy.uri];
    const { code, err } = await runCli(args, disk.environment);
    expect([code, err]).to.deep.equal([1, 'The embedded store stopped by itself: the disk is gone\n']);
  });

  it('brings again what somebody dropped from the target between two runs', async () => {
    await bench.fill({ 'parley.a': rows(1500), 'parley.b': rows(10) });
    const half = await bench.copyThrough(answerOnce('insert', 'b', OUT_OF_ORDER));
    expect(half.out).to.match(/^ok {6}parley\.a: 1500 documents/m);
    await bench.targetDb.collection('a').drop();
    expect((await bench.copy()).code).to.equal(0);
    const store = await withStore(bench.dataDir, (client) => contentOf(client, ['parley']));
    expect(await bench.inTarget()).to.deep.equal(store);
  });

  it('goes on where it was killed among the indexes by which documents expire', async () => {
    await withStore(bench.dataDir, async (client) => {
      for (const name of ['a', 'b']) {
        const rowsOf = client.db('parley').collection<Document>(name);
        await rowsOf.insertMany(rows(5).map((row) => ({ ...row, at: new Date(0) })));
        await rowsOf.createIndex({ at: 1 }, { expireAfterSeconds: 0 });
      }
    });
    const half = await bench.copyThrough(answerOnce('createIndexes', 'b', OUT_OF_ORDER));
    expect(half.err).to.equal('parley.b, index at_1: The target refused: out of order\n');
    // What the target's own sweep does by now.
    await bench.targetDb.collection('a').deleteMany({});
    const again = await bench.copy();
    expect([again.code, again.err]).to.deep.equal([0, '']);
    const held = await bench.inTarget();
    expect([held['parley.a']?.documents.length, held['parley.b']?.documents.length]).to.deep.equal([0, 5]);
  });

  it('notices a store that has changed between two runs, and says how to start over', async () => {
    await bench.fill({ 'parley.a': rows(1500), 'parley.b': rows(1500), 'parley.c': rows(10) });
    const half = await bench.copyThrough(answerOnce('insert', 'c', OUT_OF_ORDER));
    expect(half.code).to.equal(1);
    await withStore(bench.dataDir, async (client) => {
      const db = client.db('parley');
      await db.collection<Document>('a').updateOne({ n: 3 }, { $set: { late: true } });
      await db.collection<Document>('b').insertMany(rows(5, 1500));
      await db.collection<Document>('c').insertMany(rows(5, 20));
    });
    const changed = await bench.copy();
    expect(changed.code).to.equal(1);
    expect(changed.out).to.include(
      'FAILED  parley.a: the store has changed since this copy was begun. Drop parley.a in the target',
    );
    // What only grew at its end is simply brought too.
    expect(changed.out).to.match(/^ok {6}parley\.b: 1505 documents/m);
    expect(changed.out).to.match(/^ok {6}parley\.c: 15 documents/m);
    expect((await bench.copy()).code).to.equal(1);
    await bench.targetDb.collection('a').drop();
    const mended = await bench.copy();
    expect([mended.code, mended.err]).to.deep.equal([0, '']);
    const store = await withStore(bench.dataDir, (client) => contentOf(client, ['parley']));
    expect(await bench.inTarget()).to.deep.equal(store);
  });
});
