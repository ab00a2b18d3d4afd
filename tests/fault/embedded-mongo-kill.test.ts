import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeTyped } from '@parley/server/internal/embedded-mongo/bson/raw';
import { CollectionScan } from '@parley/server/internal/embedded-mongo/storage/scans';
import { openStore, type Store } from '@parley/server/internal/embedded-mongo/storage/store';
import { expect } from 'chai';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { Random } from '../harness/random.js';
import { findDisagreements } from '../unit/embedded-mongo/check-store.js';

const ROUNDS = Number(process.env.PARLEY_KILL_ROUNDS ?? 20);
const WRITERS = 8;
const BATCH = 10;
const MODULE = new URL('../../server/dist/embedded-mongo/index.js', import.meta.url).href;

/** What the server has said yes to, and so may never be gone. */
interface Acknowledged {
  /** Documents by _id, with their last acknowledged version. */
  readonly documents: Map<string, number>;
  /** Documents with a change under way when the server died: either version is right. */
  readonly uncertain: Set<string>;
}

/** `fileBlocks`: how large a file the child may write, in the shell's blocks, as if the disk were full after that. */
async function startChild(
  dataDir: string,
  fileBlocks?: number,
): Promise<{ child: ChildProcess; uri: string }> {
  const script = `import(${JSON.stringify(MODULE)}).then((m) => m.startEmbeddedMongo({ dataDir: ${JSON.stringify(dataDir)} })).then((s) => console.log(s.uri), (e) => { console.error(e); process.exit(1); });`;
  const limit = fileBlocks === undefined ? '' : `ulimit -f ${fileBlocks}; `;
  const child = spawn('sh', ['-c', `${limit}exec "$0" -e "$1"`, process.execPath, script], {
    stdio: ['ignore', 'pipe', fileBlocks === undefined ? 'inherit' : 'ignore'],
  });
  const [first]: unknown[] = await once(child.stdout, 'data');
  return { child, uri: String(first).trim() };
}

/** One writer: batches of inserts, each followed by a change to one document and the removal of another. */
async function write(
  rows: Collection<Document>,
  name: string,
  acknowledged: Acknowledged,
  onAcknowledged: () => void,
): Promise<void> {
  const { documents, uncertain } = acknowledged;
  for (let batch = 0; ; batch++) {
    const ids = Array.from({ length: BATCH }, (_, n) => `${name}-${batch}-${n}`);
    for (const id of ids) uncertain.add(id);
    await rows.insertMany(
      ids.map((_id, n) => ({
        _id: _id as never,
        batch: `${name}-${batch}`,
        version: 0,
        unique: _id,
        tags: [`t${n % 3}`, name],
        text: 'x'.repeat(n * 50),
      })),
      { writeConcern: { w: 'majority', journal: true } },
    );
    for (const id of ids) {
      documents.set(id, 0);
      uncertain.delete(id);
    }
    onAcknowledged();
    const [changed = '', removed = ''] = ids;
    uncertain.add(changed);
    await rows.findOneAndUpdate(
      { unique: changed },
      { $inc: { version: 1 }, $push: { tags: 'changed' } as never },
    );
    documents.set(changed, 1);
    uncertain.delete(changed);
    uncertain.add(removed);
    await rows.deleteOne({ unique: removed });
    documents.delete(removed);
    uncertain.delete(removed);
    onAcknowledged();
  }
}

async function loadUntilKilled(
  dataDir: string,
  round: number,
  stopAfter: number,
  acknowledged: Acknowledged,
): Promise<void> {
  const { child, uri } = await startChild(dataDir);
  const client = await new MongoClient(uri, { retryWrites: false, serverSelectionTimeoutMS: 500 }).connect();
  const rows = client.db('kill').collection<Document>('rows');
  await rows.createIndex({ unique: 1 }, { unique: true });
  await rows.createIndex({ tags: 1, version: -1 });
  await rows.createIndex({ version: 1 }, { partialFilterExpression: { version: { $gt: 0 } } });
  const exited = once(child, 'exit');
  let left = stopAfter;
  const onAcknowledged = (): void => {
    if (--left === 0) child.kill('SIGKILL');
  };
  const writers = Array.from({ length: WRITERS }, (_, n) =>
    // Every writer ends with the connection error that the kill causes.
    write(rows, `r${round}w${n}`, acknowledged, onAcknowledged).catch(() => {}),
  );
  await exited;
  await Promise.all(writers);
  await client.close();
}

function readAll(store: Store): Map<string, Document> {
  const collection = store.catalogue.find('kill', 'rows');
  const found = new Map<string, Document>();
  if (!collection) return found;
  const scan = new CollectionScan(store.engine, collection, false);
  for (let candidate = scan.next(); candidate; candidate = scan.next()) {
    const document = decodeTyped(candidate.bytes);
    found.set(String(document._id), document);
  }
  return found;
}

function checkRound(found: ReadonlyMap<string, Document>, acknowledged: Acknowledged): void {
  for (const [id, version] of acknowledged.documents) {
    if (acknowledged.uncertain.has(id)) continue;
    expect(found.has(id), `${id} was acknowledged and is gone`).to.equal(true);
    expect(Number(found.get(id)?.version), id).to.equal(version);
  }
  const perBatch = new Map<string, number>();
  for (const [id, document] of found) {
    const batch = String(document.batch);
    perBatch.set(batch, (perBatch.get(batch) ?? 0) + 1);
    expect(acknowledged.documents.has(id) || acknowledged.uncertain.has(id), `${id} came back`).to.equal(
      true,
    );
  }
  for (const [batch, size] of perBatch)
    expect(size, `batch ${batch} is there in part`).to.be.at.least(BATCH - 1);
}

describe('embedded store: killed under load', () => {
  it(`loses nothing it acknowledged and keeps every index in step, ${ROUNDS} times`, async function () {
    this.timeout(20_000 + ROUNDS * 10_000);
    const seed = BigInt(process.env.PARLEY_KILL_SEED ?? Date.now());
    const random = new Random(seed);
    const dataDir = await mkdtemp(join(tmpdir(), 'store-kill-'));
    const acknowledged: Acknowledged = { documents: new Map(), uncertain: new Set() };
    for (let round = 0; round < ROUNDS; round++) {
      await loadUntilKilled(dataDir, round, 1 + random.below(120), acknowledged);
      const store = await openStore(dataDir);
      expect(findDisagreements(store), `seed ${seed} round ${round}`).to.deep.equal([]);
      const found = readAll(store);
      checkRound(found, acknowledged);
      // From here on what is there counts as acknowledged, whichever way an uncertain change went.
      acknowledged.uncertain.clear();
      acknowledged.documents.clear();
      for (const [id, document] of found) acknowledged.documents.set(id, Number(document.version));
      await store.close();
    }
    expect(acknowledged.documents.size).to.be.greaterThan(0);
    await rm(dataDir, { recursive: true, force: true });
  });
});

describe('embedded store: on a full disk', () => {
  it('refuses what it cannot store, keeps the rest and goes on', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'store-full-'));
    const { child, uri } = await startChild(dataDir, 8000);
    const client = await new MongoClient(uri).connect();
    const rows = client.db('full').collection<Document>('rows');
    await rows.createIndex({ n: 1 }, { unique: true });
    let stored = 0;
    let refused = 0;
    for (let n = 0; n < 600 && refused < 5; n++) {
      await rows.insertOne({ n, text: 'x'.repeat(20_000) }).then(
        () => stored++,
        (error: unknown) => {
          expect(error).to.have.property('code', 1);
          refused++;
        },
      );
    }
    expect(refused).to.equal(5);
    expect(await rows.countDocuments({ n: { $gte: 0 } })).to.equal(stored);
    expect(await rows.estimatedDocumentCount()).to.equal(stored);
    await client.close();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const store = await openStore(dataDir);
    expect(findDisagreements(store)).to.deep.equal([]);
    const collection = store.catalogue.find('full', 'rows');
    expect(collection && store.catalogue.committedCounters(collection).count).to.equal(stored);
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });
});
