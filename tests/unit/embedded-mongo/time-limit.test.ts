import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '@parley/server/internal/embedded-mongo/commands/dispatch';
import { QueryRun } from '@parley/server/internal/embedded-mongo/query/query-run';
import { TimeLimit } from '@parley/server/internal/embedded-mongo/query/time-limit';
import { openStore, type Store } from '@parley/server/internal/embedded-mongo/storage/store';
import { serialize } from 'bson';
import { expect } from 'chai';
import { commandContext } from './command-context.js';

const DOCUMENTS = 2000;

describe('store time limit', () => {
  let dataDir: string;
  let store: Store;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'store-time-'));
    store = await openStore(dataDir);
    const documents = Array.from({ length: DOCUMENTS }, (_, n) => ({ n }));
    const body = Buffer.from(serialize({ insert: 'c', documents, $db: 't' }));
    await runCommand({ body, sequences: new Map() }, commandContext(store));
  });
  after(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const runWith = (timeLimit: TimeLimit): QueryRun => {
    const collection = store.catalogue.find('t', 'c');
    if (!collection) throw new Error('no collection');
    return new QueryRun(store.engine, collection, { filter: { n: { $gte: 0 } }, timeLimit });
  };
  const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (refusal) => refusal,
    );

  it('does not run while an open cursor waits for its client', async () => {
    let ms = 0;
    const run = runWith(new TimeLimit(100, () => ms));
    expect(await run.nextBatch(1, 1e6)).to.have.length(1);
    ms += 1000;
    expect(await run.nextBatch(DOCUMENTS, 1e6)).to.have.length(DOCUMENTS - 1);
  });

  it('adds up over the batches of a cursor, and ends the one that goes beyond it', async () => {
    let ms = 0;
    const run = runWith(new TimeLimit(100, () => (ms += 12)));
    expect(await run.nextBatch(600, 1e6)).to.have.length(600);
    expect(await refusalOf(run.nextBatch(DOCUMENTS, 1e6))).to.equal(undefined);
    const late = runWith(new TimeLimit(40, () => (ms += 12)));
    expect(await late.nextBatch(10, 1e6)).to.have.length(10);
    expect(await refusalOf(late.nextBatch(DOCUMENTS, 1e6))).to.deep.include({ code: 50 });
  });
});
