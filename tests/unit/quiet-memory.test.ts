import { keepMemoryLow } from '@parley/server/internal/quiet-memory';
import { expect } from 'chai';

/** About 40 MB of small things. */
const fill = (): object[] =>
  Array.from({ length: 400_000 }, (_, index) => ({ index, text: `thing ${index}` }));

describe('memory of a server that falls quiet', () => {
  it('is given back, with pauses in between, and then left alone', async () => {
    let left: object[] | null = [];
    const collected: number[] = [];
    const times = (count: number): Promise<void> =>
      new Promise((resolve) => {
        heard = () => (collected.length >= count ? resolve() : undefined);
      });
    let heard: () => void = () => undefined;
    const stop = keepMemoryLow({
      everyMs: 20,
      collect: () => {
        collected.push(performance.now());
        heard();
      },
    });
    try {
      await new Promise((resolve) => setTimeout(resolve, 100));
      collected.length = 0;
      left = fill();
      await times(3);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(collected, 'nothing new: nothing to collect').to.have.length(3);
      expect(left).to.have.length(400_000);
    } finally {
      left = null;
      stop();
    }
  });
});
