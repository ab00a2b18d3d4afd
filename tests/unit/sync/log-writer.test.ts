import type { LogModels, LogRow } from '@parley/server/internal/sync/log/log.models';
import { LogWriter } from '@parley/server/internal/sync/log/log-writer';
import { newId } from '@parley/shared';
import { expect } from 'chai';

const silent = {
  debug: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

type Fault = 'before' | 'after' | null;

/** A collection with a unique key, that fails before or after it has written, as told. */
class FaultyCollection {
  readonly rows: LogRow[] = [];
  readonly groups: number[] = [];
  readonly faults: Fault[] = [];
  readsFail = 0;

  async insertMany(rows: LogRow[]): Promise<void> {
    this.groups.push(rows.length);
    const fault = this.faults.shift() ?? null;
    await new Promise(setImmediate);
    if (fault === 'before') throw new Error('no connection');
    let clash = false;
    for (const row of rows) {
      if (this.find(row) === undefined) this.rows.push(row);
      else clash = true;
    }
    if (fault === 'after') throw new Error('timed out, although it was written');
    if (clash) throw Object.assign(new Error('duplicate key'), { code: 11_000 });
  }

  findOne(key: Pick<LogRow, 'document' | 'generation' | 'position'>): Promise<LogRow | null> {
    if (this.readsFail > 0) {
      this.readsFail -= 1;
      return Promise.reject(new Error('no connection'));
    }
    return Promise.resolve(this.find(key) ?? null);
  }

  find({
    document,
    generation,
    position,
  }: Pick<LogRow, 'document' | 'generation' | 'position'>): LogRow | undefined {
    return this.rows.find(
      (row) => row.document === document && row.generation === generation && row.position === position,
    );
  }
}

const entry = (document: string, position = 1): LogRow => ({
  document,
  generation: 1,
  position,
  batch: newId(),
  at: new Date(),
  bytes: Buffer.from([0, 0]),
  bindings: [],
  changes: [],
});

describe('the log writer', () => {
  let collection: FaultyCollection;
  let writer: LogWriter;

  const writerWith = (patienceMs: number): LogWriter => {
    const models = { log: { collection } } as unknown as Pick<LogModels, 'log'>;
    return new LogWriter({ models, log: silent, patienceMs });
  };

  beforeEach(() => {
    collection = new FaultyCollection();
    writer = writerWith(10_000);
  });

  it('puts entries of many documents into one write', async () => {
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map((id) => writer.append(entry(id))));
    expect(outcomes).to.deep.equal(['stored', 'stored', 'stored', 'stored']);
    expect(collection.groups).to.deep.equal([4]);
  });

  it('forms the next group while one is written', async () => {
    const first = writer.append(entry('a'));
    await new Promise(setImmediate);
    const rest = Promise.all(['b', 'c'].map((id) => writer.append(entry(id))));
    await Promise.all([first, rest]);
    expect(collection.groups).to.deep.equal([1, 2]);
  });

  it('[O5] tells of a fence only the one who met it', async () => {
    await writer.append(entry('a'));
    expect(await Promise.all([writer.append(entry('a')), writer.append(entry('b'))])).to.deep.equal([
      'fenced',
      'stored',
    ]);
  });

  it('[O6] tries again after a write that failed', async () => {
    collection.faults.push('before', 'before');
    expect(await writer.append(entry('a'))).to.equal('stored');
    expect(collection.rows).to.have.length(1);
    expect(writer.healthy).to.equal(true);
  });

  it('[O6] counts a write once that succeeded and was reported as failed', async () => {
    collection.faults.push('after');
    expect(await writer.append(entry('a'))).to.equal('stored');
    expect(collection.rows).to.have.length(1);
    expect(collection.groups).to.deep.equal([1]);
  });

  it('[O6] finds out later when it cannot even look', async () => {
    collection.faults.push('after');
    collection.readsFail = 2;
    expect(await writer.append(entry('a'))).to.equal('stored');
    expect(collection.rows).to.have.length(1);
  });

  it('gives up when its patience ends, and says meanwhile that it is not healthy', async () => {
    writer = writerWith(0);
    collection.faults.push('before');
    expect(await writer.append(entry('a'))).to.equal('failed');
    expect(writer.healthy).to.equal(false);
    expect(await writer.append(entry('b'))).to.equal('stored');
    expect(writer.healthy).to.equal(true);
  });
});
