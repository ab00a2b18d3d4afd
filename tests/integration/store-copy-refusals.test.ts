import { expect } from 'chai';
import { type Document, Long } from 'mongodb';
import { type CopyBench, openCopyBench, rows } from '../harness/copy-bench.js';
import { spawnTestServer } from '../harness/kit.js';
import { answerOnce } from '../harness/meddling-proxy.js';
import { withStore } from '../harness/store-cli.js';

const MARKER = 'parley_store_copy';
const OUT_OF_ORDER = { ok: 0, code: 96, errmsg: 'out of order' };

describe('parley store copy, before it writes anything', () => {
  let bench: CopyBench;
  beforeEach(async () => {
    bench = await openCopyBench();
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  it('refuses a target with data that it did not bring, and names every collection', async () => {
    await bench.fill({ 'parley.a': rows(3), 'parley.b': rows(3), 'parley.c': rows(3), 'other.d': rows(3) });
    await bench.targetDb.collection<Document>('b').insertMany(rows(2));
    // As many, and yet not the same.
    await bench.targetDb.collection<Document>('c').insertMany(rows(3, 1));
    const before = await bench.inTarget();
    const { code, out, err } = await bench.copy();
    expect([code, out]).to.deep.equal([1, '']);
    expect(err).to.match(/^Nothing was written to the target\.\n/);
    expect(err).to.match(/^ {2}parley\.b holds 2 documents, and no note of an unfinished copy/m);
    expect(err).to.match(/^ {2}parley\.c holds 3 documents, and no note/m);
    expect(err.split('\n')).to.have.length(4);
    expect(await bench.inTarget()).to.deep.equal(before);
  });

  it('refuses a target collection that removes documents by itself, or is none', async () => {
    await bench.fill({ 'parley.sessions': rows(3), 'parley.view': rows(3) });
    await bench.targetDb.collection('sessions').createIndex({ at: 1 }, { expireAfterSeconds: 0 });
    const before = await bench.inTarget();
    const { code, err } = await bench.copyThrough((command, name) =>
      name === 'listCollections' && command.filter?.name === 'view'
        ? {
            reply: {
              cursor: { id: Long.ZERO, ns: 'parley.$cmd', firstBatch: [{ name: 'view', type: 'view' }] },
            },
          }
        : 'pass',
    );
    expect(code).to.equal(1);
    expect(err).to.include('parley.sessions has the index at_1').and.to.include('parley.view is a view');
    expect(await bench.inTarget()).to.deep.equal(before);
  });

  it('refuses the unfinished copy of another store, as target and as store', async () => {
    await bench.fill({ 'parley.b': rows(3) });
    const half = await bench.copyThrough(answerOnce('insert', 'b', OUT_OF_ORDER));
    expect(half.code).to.equal(1);
    await using other = await openCopyBench();
    await other.fill({ 'parley.a': rows(3) });
    const before = await bench.inTarget();
    const { code, err } = await other.copyTo(bench.target.uri);
    expect(code).to.equal(1);
    expect(err).to.include(`unfinished copy of another store (parley.${MARKER})`);
    expect(await bench.inTarget()).to.deep.equal(before);
    // And the target of an unfinished copy is no store to copy from.
    await bench.fill({ [`parley.${MARKER}`]: rows(1) });
    expect((await bench.copy()).err).to.include('itself the target of an unfinished copy');
  });

  it('refuses to go on with less than the unfinished copy covers', async () => {
    await bench.fill({ 'parley.b': rows(3), 'other.a': rows(3) });
    const half = await bench.copyThrough(answerOnce('insert', 'b', OUT_OF_ORDER));
    expect([half.code, half.err]).to.deep.equal([1, 'parley.b: The target refused: out of order\n']);
    const { code, err } = await bench.copy('--database', 'other');
    expect(code).to.equal(1);
    expect(err).to.include('parley.b is in the unfinished copy but would not be copied now');
    expect((await bench.copy()).code).to.equal(0);
  });

  it('refuses an address with a database that is none of the store', async () => {
    await bench.fill({ 'parley.a': rows(3) });
    const named = (name: string) => bench.copyTo(bench.target.uri.replace('/?', `/${name}?`));
    const wrong = await named('production');
    expect(wrong.code).to.equal(1);
    expect(wrong.err).to.include('names the database production').and.to.include('?authSource=production');
    expect((await named('parley')).code).to.equal(0);
  });

  it('refuses a store that a running Parley has open, and says what to do', async () => {
    await using server = await spawnTestServer(bench.dataDir, { MONGODB_URI: '' });
    const { code, err } = await bench.copy();
    expect(code).to.equal(1);
    expect(err).to.match(
      new RegExp(`in use by another process \\(pid ${server.pid}\\)\\. Stop that Parley first`),
    );
    expect(err.trim().split('\n')).to.have.length(1);
  });

  it('refuses a store that is not there, or holds nothing', async () => {
    const missing = await bench.copy();
    expect(missing.code).to.equal(1);
    expect(missing.err).to.equal(
      `There is no embedded store in ${bench.dataDir}/store. --data-dir takes the folder that Parley calls DATA_DIR.\n`,
    );
    await withStore(bench.dataDir, () => Promise.resolve());
    const empty = await bench.copy();
    expect([empty.code, empty.err]).to.deep.equal([
      1,
      'The store holds no collections; there is nothing to copy.\n',
    ]);
  });
});
