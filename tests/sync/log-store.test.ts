import { ensureIndexes } from '@parley/server/internal/platform/mongo';
import { createLogModels, type LogModels, type LogRow } from '@parley/server/internal/sync/log/log.models';
import { LogStore } from '@parley/server/internal/sync/log/log-store';
import { expect } from 'chai';
import { logEntry } from '../harness/log-entry.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';

const entry = (document: string, position: number): LogRow =>
  logEntry(document, position, {
    bytes: Buffer.from([1, 2, 3, position]),
    bindings: [{ user: 'ada', clients: [position] }],
    changes: [{ type: 'test', position }],
  });

describe('the log store', () => {
  let testStore: TestStore;
  let models: LogModels;
  let store: LogStore;

  before(async () => {
    testStore = await startTestStore();
    models = createLogModels(testStore.connection);
    await ensureIndexes(testStore.connection);
    store = new LogStore(models);
  });

  after(() => testStore.close());

  const fill = async (document: string, positions: number[]): Promise<void> => {
    await store.read(document, 'test');
    await models.log.collection.insertMany(positions.map((position) => entry(document, position)));
  };
  const positionsOf = async (document: string): Promise<number[]> =>
    (await store.read(document, 'test')).entries.map(({ position }) => position);

  it('gives back what was written, bytes and all', async () => {
    await fill('bytes', [1, 2]);
    const { entries } = await store.read('bytes', 'test');
    expect([...(entries[1]?.bytes ?? [])]).to.deep.equal([1, 2, 3, 2]);
    expect(entries[1]).to.deep.include({
      bindings: [{ user: 'ada', clients: [2] }],
      changes: [{ type: 'test', position: 2 }],
    });
  });

  it('[O5] takes one entry at a position', async () => {
    await fill('fence', [1]);
    const second = await models.log.collection.insertOne(entry('fence', 1)).catch((error: unknown) => error);
    expect(second).to.have.property('code', 11_000);
  });

  it('[O8] lets an entry go only when a snapshot holds it and history has it', async () => {
    await fill('keep', [1, 2, 3, 4, 5, 6, 7, 8]);
    const state = new Uint8Array([9, 9]);
    await store.recordProjected(new Map([['keep', 3]]));
    await store.snapshot({ document: 'keep', generation: 1, position: 6, state, bindings: [] });
    await store.compact({ document: 'keep', generation: 1, upTo: 3 });
    expect(await positionsOf('keep')).to.deep.equal([4, 5, 6, 7, 8]);
    await store.recordProjected(new Map([['keep', 8]]));
    await store.snapshot({ document: 'keep', generation: 1, position: 7, state, bindings: [] });
    await store.compact({ document: 'keep', generation: 1, upTo: 7 });
    const { snapshot, entries } = await store.read('keep', 'test');
    expect(snapshot?.position).to.equal(7);
    expect([...(snapshot?.state ?? [])]).to.deep.equal([9, 9]);
    expect(entries.map(({ position }) => position)).to.deep.equal([8]);
    expect(await models.snapshots.countDocuments({ document: 'keep' })).to.equal(1);
  });

  it('never lets the projected position go back', async () => {
    await fill('forward', [1, 2]);
    await store.recordProjected(new Map([['forward', 2]]));
    await store.recordProjected(new Map([['forward', 1]]));
    expect((await store.read('forward', 'test')).row.projectedPosition).to.equal(2);
  });

  it('refuses a log with a hole instead of showing a shorter document', async () => {
    await fill('hole', [1, 2, 4]);
    const error = await store.read('hole', 'test').catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'INTERNAL');
  });

  it('names the documents that a process left unfinished', async () => {
    await fill('open', [1]);
    expect(await store.unfinished()).to.deep.include({ id: 'open', kind: 'test' });
  });
});
