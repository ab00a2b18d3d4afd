import { createMemoryWatch } from '@parley/server/internal/quiet-memory';
import { expect } from 'chai';

const MB = 1024 * 1024;

/** A heap that a collection brings down to what is in use, and the watch over it. */
const createHeap = (): { look: (load: number, usedMb: number) => number; keep: (mb: number) => void } => {
  let used = 0;
  let inUse = 0;
  let collections = 0;
  const watch = createMemoryWatch(() => {
    collections += 1;
    used = inUse;
  });
  return {
    /** One reading of the heap as it is now; how many collections there have been by then. */
    look: (load, usedMb) => {
      used = usedMb * MB;
      watch({ load, usedBytes: () => used });
      return collections;
    },
    keep: (mb) => {
      inUse = mb * MB;
    },
  };
};

describe('memory of a server that falls quiet', () => {
  it('is given back in three rounds, and then left alone', () => {
    const { look, keep } = createHeap();
    keep(50);
    look(0, 50);
    expect([look(0, 90), look(0, 50), look(0, 50), look(0, 50), look(0, 50)]).to.deep.equal([1, 2, 3, 3, 3]);
  });

  it('is left alone while little has come, and while the server works or has only just fallen quiet', () => {
    const { look, keep } = createHeap();
    keep(50);
    look(0, 50);
    expect(look(0, 60), 'ten megabytes are not worth a pause').to.equal(0);
    expect([look(0.5, 90), look(0, 90), look(0, 90)]).to.deep.equal([0, 0, 1]);
  });

  it('is left alone where a collection would be felt, and where all of it is in use', () => {
    const { look, keep } = createHeap();
    keep(300);
    look(0, 50);
    expect(look(0, 300)).to.equal(0);
    keep(90);
    expect([look(0, 90), look(0, 90), look(0, 90), look(0, 90)]).to.deep.equal([1, 2, 3, 3]);
  });
});
