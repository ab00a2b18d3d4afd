import type { LogModels, LogRow } from '@parley/server/internal/sync/log/log.models';
import { LogWriter } from '@parley/server/internal/sync/log/log-writer';
import { expect } from 'chai';
import { logEntry } from '../../harness/log-entry.js';
import { silentLog } from '../../harness/silent-log.js';
import { unmetered } from '../../harness/unmetered.js';

/** `lost`: it never gets there and has no answer. `silent`: it is written and has no answer. `late`: it waits for `arrive`. */
type Fault = 'before' | 'after' | 'lost' | 'silent' | 'late' | null;

const NEVER = new Promise<never>(() => undefined);

/** A collection with a unique key, that fails before or after it has written, or does not answer, as told. */
class FaultyCollection {
  readonly rows: LogRow[] = [];
  readonly groups: number[] = [];
  readonly faults: Fault[] = [];
  readsFail = 0;
  /** No read has an answer. */
  isDeaf = false;
  /** Told before each write. */
  onWrite: () => void = () => undefined;
  readonly #late: { readonly rows: LogRow[]; readonly end: (error: Error | null) => void }[] = [];

  async insertMany(rows: LogRow[]): Promise<void> {
    this.onWrite();
    this.groups.push(rows.length);
    const fault = this.faults.shift() ?? null;
    if (fault === 'lost') return NEVER;
    if (fault === 'late') return this.#wait(rows);
    await new Promise(setImmediate);
    if (fault === 'before') throw new Error('no connection');
    this.#put(rows, fault === 'after');
    if (fault === 'silent') return NEVER;
  }

  /** The writes that are late get there and are answered: written, or failed with nothing written. */
  arrive(failure: Error | null = null): void {
    for (const { rows, end } of this.#late.splice(0)) {
      try {
        if (failure === null) this.#put(rows, false);
        end(failure);
      } catch (error) {
        end(error as Error);
      }
    }
  }

  #wait(rows: LogRow[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#late.push({ rows, end: (error) => (error === null ? resolve() : reject(error)) });
    });
  }

  #put(rows: LogRow[], fails: boolean): void {
    let clash = false;
    for (const row of rows) {
      if (this.find(row) === undefined) this.rows.push(row);
      else clash = true;
    }
    if (fails) throw new Error('timed out, although it was written');
    if (clash) throw Object.assign(new Error('duplicate key'), { code: 11_000 });
  }

  findOne(key: Pick<LogRow, 'document' | 'generation' | 'position'>): Promise<LogRow | null> {
    if (this.isDeaf) return NEVER;
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

describe('the log writer', () => {
  let collection: FaultyCollection;
  let writer: LogWriter;

  const writerWith = (patienceMs: number, writeTimeoutMs = 10_000): LogWriter => {
    const models = { log: { collection } } as unknown as Pick<LogModels, 'log'>;
    return new LogWriter({ models, log: silentLog, meter: unmetered, patienceMs, writeTimeoutMs });
  };

  beforeEach(() => {
    collection = new FaultyCollection();
    writer = writerWith(10_000);
  });

  it('puts entries of many documents into one write', async () => {
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map((id) => writer.append(logEntry(id))));
    expect(outcomes).to.deep.equal(['stored', 'stored', 'stored', 'stored']);
    expect(collection.groups).to.deep.equal([4]);
  });

  it('forms the next group while one is written', async () => {
    const first = writer.append(logEntry('a'));
    await new Promise(setImmediate);
    const rest = Promise.all(['b', 'c'].map((id) => writer.append(logEntry(id))));
    await Promise.all([first, rest]);
    expect(collection.groups).to.deep.equal([1, 2]);
  });

  it('[O5] tells of a fence only the one who met it', async () => {
    await writer.append(logEntry('a'));
    expect(await Promise.all([writer.append(logEntry('a')), writer.append(logEntry('b'))])).to.deep.equal([
      'fenced',
      'stored',
    ]);
  });

  it('[O6] tries again after a write that failed', async () => {
    collection.faults.push('before', 'before');
    expect(await writer.append(logEntry('a'))).to.equal('stored');
    expect(collection.rows).to.have.length(1);
    expect(writer.healthy).to.equal(true);
  });

  it('[O6] counts a write once that succeeded and was reported as failed', async () => {
    collection.faults.push('after');
    expect(await writer.append(logEntry('a'))).to.equal('stored');
    expect(collection.rows).to.have.length(1);
    expect(collection.groups).to.deep.equal([1]);
  });

  it('[O6] finds out later when it cannot even look', async () => {
    collection.faults.push('after');
    collection.readsFail = 2;
    expect(await writer.append(logEntry('a'))).to.equal('stored');
    expect(collection.rows).to.have.length(1);
  });

  it('gives up when its patience ends, and says meanwhile that it is not healthy', async () => {
    writer = writerWith(0);
    collection.faults.push('before');
    expect(await writer.append(logEntry('a'))).to.equal('failed');
    expect(writer.healthy).to.equal(false);
    expect(await writer.append(logEntry('b'))).to.equal('stored');
    expect(writer.healthy).to.equal(true);
  });

  describe('when writes have no answer', () => {
    /** What `healthy` was at each write. */
    let health: boolean[];

    beforeEach(() => {
      writer = writerWith(10_000, 40);
      health = [];
      collection.onWrite = () => health.push(writer.healthy);
    });

    it('[O6] tries one again that was lost, and says meanwhile that it is not healthy', async () => {
      collection.faults.push('lost');
      expect(await writer.append(logEntry('a'))).to.equal('stored');
      expect(collection.rows).to.have.length(1);
      expect(health).to.deep.equal([true, false]);
      expect(writer.healthy).to.equal(true);
    });

    it('[O6] finds one that was written, and does not write it again', async () => {
      collection.faults.push('silent');
      expect(await writer.append(logEntry('a'))).to.equal('stored');
      expect(collection.groups).to.deep.equal([1]);
      expect(writer.healthy).to.equal(true);
    });

    it('[O6] counts one once that gets there after it was taken for lost', async () => {
      collection.faults.push('late');
      collection.onWrite = () => {
        // right before the second try
        if (collection.groups.length === 1) collection.arrive();
      };
      expect(await writer.append(logEntry('a'))).to.equal('stored');
      expect(collection.groups).to.deep.equal([1, 1]);
      expect(collection.rows).to.have.length(1);
      expect(await writer.append(logEntry('a', 2))).to.equal('stored');
      expect(collection.rows.map(({ position }) => position)).to.deep.equal([1, 2]);
    });

    it('[O6] lets one be that fails after it was taken for lost', async () => {
      collection.faults.push('late');
      expect(await writer.append(logEntry('a'))).to.equal('stored');
      collection.arrive(new Error('no connection'));
      await new Promise(setImmediate);
      expect(collection.rows).to.have.length(1);
      expect(writer.healthy).to.equal(true);
    });

    it('[O6] outlasts several in a row, for all that wait', async () => {
      collection.faults.push('lost', 'silent', 'late', 'lost');
      const ids = ['a', 'b', 'c'];
      const outcomes = await Promise.all(ids.map((id) => writer.append(logEntry(id))));
      collection.arrive();
      expect(outcomes).to.deep.equal(['stored', 'stored', 'stored']);
      expect(collection.rows.map(({ document }) => document).toSorted()).to.deep.equal(ids);
      expect(writer.healthy).to.equal(true);
    });

    it('gives up all that wait when their patience ends, in one go, even if not even a look has an answer', async () => {
      writer = writerWith(100, 40);
      collection.isDeaf = true;
      collection.faults.push(...Array.from({ length: 100 }, () => 'lost' as const));
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, index) => writer.append(logEntry(`document ${index}`))),
      );
      expect(new Set(outcomes)).to.deep.equal(new Set(['failed']));
      expect(collection.groups.length, 'not each on its own').to.be.below(10);
      expect(writer.healthy).to.equal(false);
    });

    it('[O5] fences off who comes after one that got there when it was given up', async () => {
      writer = writerWith(0, 40);
      collection.faults.push('late');
      expect(await writer.append(logEntry('a'))).to.equal('failed');
      expect(writer.healthy).to.equal(false);
      collection.arrive();
      await new Promise(setImmediate);
      expect(writer.healthy, 'the store is back').to.equal(true);
      expect(await writer.append(logEntry('a'))).to.equal('fenced');
      expect(collection.rows).to.have.length(1);
    });
  });
});
