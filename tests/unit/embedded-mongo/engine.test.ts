import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CursorRegistry } from '@parley/server/internal/embedded-mongo/commands/cursors';
import { runCommand } from '@parley/server/internal/embedded-mongo/commands/dispatch';
import { StoreError } from '@parley/server/internal/embedded-mongo/errors';
import { openStore, type Store } from '@parley/server/internal/embedded-mongo/storage/store';
import { deserialize, serialize } from 'bson';
import { expect } from 'chai';
import { findDisagreements } from './check-store.js';
import { commandContext } from './command-context.js';

async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error instanceof Error ? error.message : error }),
  );
}

describe('store engine', () => {
  let dataDir: string;
  let store: Store;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'store-engine-'));
    store = await openStore(dataDir);
  });
  afterEach(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('lets jobs that arrive together share a commit', async () => {
    let commits = 0;
    const bookkeeping = store.engine.beforeCommit;
    store.engine.beforeCommit = (transaction) => {
      commits++;
      bookkeeping(transaction);
    };
    const key = (n: number): Buffer => Buffer.from([7, n]);
    await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        store.engine.write((transaction) => transaction.put(key(n), Buffer.of(n))),
      ),
    );
    expect(commits).to.be.at.most(3);
    expect(store.engine.get(key(99))).to.deep.equal(Buffer.of(99));
  });

  it('flushes once for a bulk of small updates', async () => {
    let commits = 0;
    const bookkeeping = store.engine.beforeCommit;
    store.engine.beforeCommit = (transaction) => {
      commits++;
      bookkeeping(transaction);
    };
    const context = commandContext(store);
    const updates = Array.from({ length: 300 }, (_, _id) => ({
      q: { _id },
      u: { $inc: { n: 1 } },
      upsert: true,
    }));
    const body = Buffer.from(serialize({ update: 'c', updates, $db: 'd' }));
    const reply = deserialize(await runCommand({ body, sequences: new Map() }, context));
    expect(reply).to.deep.include({ n: 300, nModified: 0, ok: 1 });
    expect(commits).to.equal(1);
  });

  it('divides a long bulk among commits, so that others get their turn', async () => {
    const updates = Array.from({ length: 2500 }, (_, n) => ({
      q: { _id: n },
      u: { $set: { n } },
      upsert: true,
    }));
    let commits = 0;
    const { beforeCommit } = store.engine;
    store.engine.beforeCommit = (transaction) => {
      commits++;
      beforeCommit(transaction);
    };
    const body = Buffer.from(serialize({ update: 'c', updates, $db: 'd' }));
    const reply = deserialize(await runCommand({ body, sequences: new Map() }, commandContext(store)));
    expect([reply.n, commits]).to.deep.equal([2500, 3]);
  });

  it('lets a job see what an earlier job of the same commit wrote', async () => {
    const counter = Buffer.from([7]);
    const increment = (): Promise<number> =>
      store.engine.write((transaction) => {
        const next = (store.engine.get(counter)?.readUInt8(0) ?? 0) + 1;
        transaction.put(counter, Buffer.of(next));
        return next;
      });
    const results = await Promise.all(Array.from({ length: 50 }, increment));
    expect(results).to.deep.equal(Array.from({ length: 50 }, (_, n) => n + 1));
  });

  it('undoes a job that breaks half-way, and keeps its neighbours', async () => {
    const insert = (n: number): Promise<unknown> =>
      store.engine.write((transaction) => {
        const collection = store.catalogue.getOrCreate(transaction, 'd', 'c');
        return store.documents.insert(transaction, collection, serialize({ _id: n }));
      });
    const broken = store.engine.write((transaction) => {
      const collection = store.catalogue.getOrCreate(transaction, 'd', 'c');
      store.documents.insert(transaction, collection, serialize({ _id: 99 }));
      throw new Error('power cut');
    });
    const refused = store.engine.write(() => {
      throw new StoreError('BadValue', 'no');
    });
    const all = await Promise.all([insert(1), broken, refused, insert(2), insert(1)].map(outcome));
    expect(all[1]).to.deep.equal({ error: 'power cut' });
    expect(all[2]).to.deep.equal({ error: 'no' });
    expect(all[4])
      .to.have.property('error')
      .that.matches(/E11000/);
    const collection = store.catalogue.find('d', 'c');
    expect(collection && store.catalogue.committedCounters(collection).count).to.equal(2);
    expect(findDisagreements(store)).to.deep.equal([]);
  });

  it('removes what was dropped, also when it is large and the program stops in between', async () => {
    await store.engine.write((transaction) => {
      const collection = store.catalogue.getOrCreate(transaction, 'd', 'big');
      for (let n = 0; n < 5000; n++) store.documents.insert(transaction, collection, serialize({ _id: n }));
    });
    await store.engine.write((transaction) => {
      const collection = store.catalogue.find('d', 'big');
      if (!collection) throw new StoreError('NamespaceNotFound', 'big');
      store.catalogue.remove(transaction, collection);
      store.purger.discard(transaction, 4, collection.id);
      for (const index of collection.indexes) store.purger.discard(transaction, 5, index.id);
    });
    await store.close();
    store = await openStore(dataDir);
    store.purger.start();
    await store.purger.stop();
    await store.close();
    store = await openStore(dataDir);
    const finished = async (): Promise<number> => {
      const rest = (): number => store.engine.range({ start: Buffer.of(3), end: Buffer.of(7) }).length;
      while (rest() > 0) await store.engine.write(() => undefined);
      return rest();
    };
    expect(await finished()).to.equal(0);
  });

  it('refuses writes once it is closing', async () => {
    const last = store.engine.write((transaction) => transaction.put(Buffer.of(7), Buffer.of(1)));
    const closing = store.engine.close();
    expect(await outcome(store.engine.write(() => 1))).to.deep.equal({
      error: 'The embedded store is shutting down',
    });
    await last;
    await closing;
    await store.close().catch(() => {});
    store = await openStore(dataDir);
    expect(store.engine.get(Buffer.of(7))).to.deep.equal(Buffer.of(1));
  });
});

describe('store cursors', () => {
  const source = { done: false, nextBatch: () => Promise.resolve([]) };

  it('expires idle cursors, never busy ones', async () => {
    let now = 0;
    const cursors = new CursorRegistry(() => now, { idleMs: 100, maxOpen: 10 });
    const idle = cursors.open(source, 'a.b');
    const busy = cursors.open(source, 'a.b');
    let finish: (rows: Uint8Array[]) => void = () => {};
    const reading = cursors.use(busy, 'a.b', () => new Promise((resolve) => (finish = resolve)));
    now = 500;
    cursors.expire();
    expect(cursors.size).to.equal(1);
    expect(await outcome(cursors.use(idle, 'a.b', source.nextBatch))).to.have.property('error');
    finish([]);
    expect((await reading).cursorId).to.equal(busy);
  });

  it('gives the place of the one unused longest to a new cursor, and keeps namespaces apart', async () => {
    let now = 0;
    const cursors = new CursorRegistry(() => now, { idleMs: 1000, maxOpen: 2 });
    const first = cursors.open(source, 'a.b');
    now = 1;
    const second = cursors.open(source, 'a.b');
    now = 2;
    const third = cursors.open(source, 'a.b');
    expect([cursors.kill(first), cursors.kill(second)]).to.deep.equal([false, true]);
    expect(await outcome(cursors.use(third, 'other.b', source.nextBatch))).to.have.property('error');
  });
});
