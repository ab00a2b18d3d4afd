import { connectMongo, ensureIndexes } from '@parley/server/internal/platform/mongo';
import { createLogModels, type LogModels } from '@parley/server/internal/sync/log/log.models';
import { LogWriter } from '@parley/server/internal/sync/log/log-writer';
import { expect } from 'chai';
import type { Connection } from 'mongoose';
import { logEntry } from '../harness/log-entry.js';
import { type Fate, type MeddlingProxy, startMeddlingProxy } from '../harness/meddling-proxy.js';
import { silentLog } from '../harness/silent-log.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';
import { unmetered } from '../harness/unmetered.js';

/** The driver and a store, with a line between them that keeps inserts for as long as a test wants. */
describe('the log writer on a store behind a bad line', () => {
  let store: TestStore;
  let proxy: MeddlingProxy;
  let connection: Connection;
  let direct: LogModels;
  let writer: LogWriter;
  /** How the next inserts fare; those after them pass. */
  const fates: Promise<Fate>[] = [];
  let inserts = 0;

  before(async () => {
    store = await startTestStore();
    direct = createLogModels(store.connection);
    await ensureIndexes(store.connection);
    proxy = await startMeddlingProxy(store.uri, (_command, name) => {
      if (name !== 'insert') return 'pass';
      inserts += 1;
      return fates.shift() ?? 'pass';
    });
    connection = await connectMongo(`${proxy.uri.replace('/?', `/${store.connection.name}?`)}`);
    const models = createLogModels(connection);
    writer = new LogWriter({
      models,
      log: silentLog,
      meter: unmetered,
      patienceMs: 20_000,
      writeTimeoutMs: 300,
    });
  });

  beforeEach(() => {
    inserts = 0;
  });

  after(async () => {
    await connection.close();
    await proxy[Symbol.asyncDispose]();
    await store.close();
  });

  it('[O6] outlasts writes that never arrive, and goes on', async () => {
    fates.push(...Array.from({ length: 3 }, () => new Promise<never>(() => undefined)));
    expect(await writer.append(logEntry('lost', 1))).to.equal('stored');
    expect(inserts).to.be.at.least(4);
    expect(await writer.append(logEntry('lost', 2))).to.equal('stored');
    expect(await direct.log.countDocuments({ document: 'lost' })).to.equal(2);
    expect(writer.healthy).to.equal(true);
  });

  it('[O6] counts a write once that arrives when it has been written again', async () => {
    let arrive: (fate: Fate) => void = () => undefined;
    fates.push(
      new Promise((resolve) => {
        arrive = resolve;
      }),
    );
    const first = logEntry('late', 1);
    expect(await writer.append(first)).to.equal('stored');
    arrive('pass');
    expect(await writer.append(logEntry('late', 2))).to.equal('stored');
    const rows = await direct.log.find({ document: 'late' }).sort({ position: 1 }).lean();
    expect(rows.map(({ position }) => position)).to.deep.equal([1, 2]);
    expect(rows[0]?.batch).to.equal(first.batch);
  });
});
