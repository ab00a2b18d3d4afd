import type { CompleteKind } from '@parley/server/internal/sync/complete-kind';
import type { StoredChanges } from '@parley/server/internal/sync/ports';
import { Progress } from '@parley/server/internal/sync/projection/progress';
import { Projector } from '@parley/server/internal/sync/projection/projector';
import { expect } from 'chai';

const silent = {
  debug: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A kind whose history fails as often as it is told to. */
const makeKind = (): {
  kind: CompleteKind;
  steps: StoredChanges<unknown>[][];
  failures: { left: number };
} => {
  const steps: StoredChanges<unknown>[][] = [];
  const failures = { left: 0 };
  const unused = (): never => {
    throw new Error('not reached here');
  };
  const kind: CompleteKind = {
    name: 'test',
    renewsWhileOpen: false,
    ruledBy: unused,
    authorize: unused,
    mayBegin: unused,
    create: unused,
    renew: unused,
    open: unused,
    idsIn: unused,
    flush: unused,
    project: (batches) => {
      if (failures.left > 0) {
        failures.left -= 1;
        return Promise.reject(new Error('history is away'));
      }
      steps.push([...batches]);
      return Promise.resolve([]);
    },
  };
  return { kind, steps, failures };
};

const stored = (
  documentId: string,
  position: number,
  changes: unknown[] = ['change'],
): StoredChanges<unknown> => ({
  documentId,
  position,
  at: new Date(),
  changes,
});

describe('the projector', () => {
  it('[O7] hands on in log order, many documents in one step, and records how far each came', async () => {
    const { kind, steps } = makeKind();
    const recorded: Map<string, number>[] = [];
    const projector = new Projector({
      log: silent,
      flush: () => Promise.resolve(),
      record: (reached) => {
        recorded.push(new Map(reached));
        return Promise.resolve();
      },
      onProjected: () => undefined,
    });
    await Promise.all([
      projector.project(kind, stored('a', 1)),
      projector.project(kind, stored('b', 1)),
      projector.project(kind, stored('a', 2)),
      projector.project(kind, stored('a', 3, [])),
    ]);
    expect(
      steps.map((step) => step.map(({ documentId, position }) => `${documentId}${position}`)),
    ).to.deep.equal([['a1', 'b1', 'a2']]);
    await projector.close();
    expect(recorded, 'one note for all').to.deep.equal([
      new Map([
        ['a', 3],
        ['b', 1],
      ]),
    ]);
  });

  it('[O7] brings the same batches again until they hold, and records nothing before', async () => {
    const { kind, steps, failures } = makeKind();
    failures.left = 2;
    let recordings = 0;
    const projector = new Projector({
      log: silent,
      flush: () => Promise.resolve(),
      record: () => {
        recordings += 1;
        return Promise.resolve();
      },
      onProjected: () => undefined,
    });
    await projector.project(kind, stored('a', 1));
    expect(steps).to.have.length(1);
    await projector.close();
    expect(recordings).to.equal(1);
  });

  it('lets other documents go on when the history of one never holds', async () => {
    const { kind, steps } = makeKind();
    const project = kind.project.bind(kind);
    kind.project = (batches) =>
      batches.some(({ documentId }) => documentId === 'bad')
        ? Promise.reject(new Error('this one never holds'))
        : project(batches);
    const projector = new Projector({
      log: silent,
      flush: () => Promise.resolve(),
      record: () => Promise.resolve(),
      onProjected: () => undefined,
    });
    const bad = projector.project(kind, stored('bad', 1)).catch((error: unknown) => error);
    await Promise.all([
      projector.project(kind, stored('good', 1)),
      projector.project(kind, stored('good', 2)),
    ]);
    expect(steps.flat().map(({ position }) => position)).to.deep.equal([1, 2]);
    await projector.close();
    expect(await bad).to.be.instanceOf(Error);
  });

  it('ends when it is closed while history is away, and says so to whoever waits', async () => {
    const { kind, failures } = makeKind();
    failures.left = 1_000;
    const projector = new Projector({
      log: silent,
      flush: () => Promise.resolve(),
      record: () => Promise.resolve(),
      onProjected: () => undefined,
    });
    const waiting = projector.project(kind, stored('a', 1)).catch((error: unknown) => error);
    await projector.close();
    expect(await waiting).to.be.instanceOf(Error);
  });

  it('[O8] notes how far history has come only with what was put off', async () => {
    const { kind } = makeKind();
    const order: string[] = [];
    let failures = 1;
    const projector = new Projector({
      log: silent,
      flush: () => {
        order.push('flush');
        failures -= 1;
        return failures >= 0 ? Promise.reject(new Error('not now')) : Promise.resolve();
      },
      record: () => {
        order.push('record');
        return Promise.resolve();
      },
      onProjected: () => undefined,
    });
    await projector.project(kind, stored('a', 1));
    await projector.close();
    expect(order).to.deep.equal(['flush']);
    await projector.project(kind, stored('a', 2));
    await projector.close();
    expect(order).to.deep.equal(['flush', 'flush', 'record']);
  });

  it('takes what comes within a moment into one step, and hurries for whoever waits', async () => {
    const { kind, steps } = makeKind();
    const projector = new Projector({
      log: silent,
      flush: () => Promise.resolve(),
      record: () => Promise.resolve(),
      onProjected: () => undefined,
    });
    const first = projector.project(kind, stored('a', 1));
    await new Promise(setImmediate);
    await Promise.all([first, projector.project(kind, stored('a', 2))]);
    expect(steps.map((step) => step.length)).to.deep.equal([2]);
    const alone = projector.project(kind, stored('a', 3));
    projector.hurry();
    const later = new Promise<string>((resolve) => setTimeout(() => resolve('later'), 0));
    expect(await Promise.race([alone.then(() => 'at once'), later])).to.equal('at once');
  });

  it('takes large batches in small steps, and says when there is room for more', async () => {
    const { kind, steps } = makeKind();
    const projector = new Projector({
      log: silent,
      flush: () => Promise.resolve(),
      record: () => Promise.resolve(),
      onProjected: () => undefined,
    });
    const large = Array.from({ length: 600 }, () => 'change');
    const all = Array.from({ length: 10 }, (_, index) =>
      projector.project(kind, stored('a', index + 1, large)),
    );
    let hasRoom = false;
    const room = projector.room('a').then(() => {
      hasRoom = true;
    });
    await Promise.resolve();
    expect(hasRoom).to.equal(false);
    await Promise.all([...all, room]);
    expect(steps.map((step) => step.length)).to.deep.equal(Array.from({ length: 10 }, () => 1));
    expect(steps.flat().map(({ position }) => position)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await projector.room('a');
    await projector.close();
  });

  it('makes a document whose history never holds wait alone, however much of it there is', async () => {
    const { kind } = makeKind();
    kind.project = (batches) =>
      batches.some(({ documentId }) => documentId === 'bad')
        ? Promise.reject(new Error('this one never holds'))
        : Promise.resolve([]);
    const projector = new Projector({
      log: silent,
      flush: () => Promise.resolve(),
      record: () => Promise.resolve(),
      onProjected: () => undefined,
    });
    const large = Array.from({ length: 25_000 }, () => 'change');
    const bad = projector.project(kind, stored('bad', 1, large)).catch((error: unknown) => error);
    await projector.room('good');
    let hasRoom = false;
    void projector.room('bad').then(() => {
      hasRoom = true;
    });
    await projector.project(kind, stored('good', 1));
    await projector.room('good');
    expect(hasRoom).to.equal(false);
    await projector.close();
    expect(await bad).to.be.instanceOf(Error);
  });

  it('[O7] notes again what could not be noted, unless history has come further', async () => {
    const notes: Map<string, number>[] = [];
    const progress = new Progress({
      log: silent,
      everyMs: 1,
      record: (reached) => {
        notes.push(new Map(reached));
        return notes.length === 1 ? Promise.reject(new Error('not now')) : Promise.resolve();
      },
    });
    progress.note('a', 1);
    progress.note('b', 1);
    while (notes.length === 0) await new Promise(setImmediate);
    progress.note('a', 2);
    while (notes.length === 1) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(Object.fromEntries(notes[1] ?? [])).to.deep.equal({ a: 2, b: 1 });
    await progress.close();
    expect(notes).to.have.length(2);
  });
});
