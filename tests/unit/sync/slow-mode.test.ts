import { SlowMode } from '@parley/server/internal/features/messages/document/slow-mode';
import { expect } from 'chai';

describe('slow mode', () => {
  const slow = (waitMs: number): SlowMode => {
    const mode = new SlowMode();
    mode.set(waitMs, 0);
    return mode;
  };

  it('[C16] lets everybody say something, and then wait for the rest of the time', () => {
    const mode = slow(10_000);
    expect(mode.waitFor('ada', 1, 5_000)).to.equal(0);
    mode.note('ada', 5_000);
    expect(mode.waitFor('ada', 1, 6_000)).to.equal(9_000);
    expect(mode.waitFor('bob', 1, 6_000)).to.equal(0);
    expect(mode.waitFor('ada', 1, 15_000)).to.equal(0);
  });

  it('[C16] has the second of several at once come too soon, and nothing at all never', () => {
    const mode = slow(10_000);
    expect(mode.waitFor('ada', 2, 0)).to.equal(10_000);
    expect(mode.waitFor('ada', 0, 0)).to.equal(0);
  });

  it('[C16] makes nobody wait for longer because a clock was set back, nor once it is off', () => {
    const mode = slow(10_000);
    mode.note('ada', 50_000);
    expect(mode.waitFor('ada', 1, 1_000)).to.equal(10_000);
    mode.set(0, 1_000);
    expect(mode.waitFor('ada', 5, 1_000)).to.equal(0);
  });

  it('[C16] remembers those who still wait, however many others there were', () => {
    const mode = slow(10_000);
    mode.note('ada', 1_000_000);
    for (let count = 0; count < 5_000; count += 1) mode.note(`p${count}`, count);
    expect(mode.waitFor('ada', 1, 1_000_001)).to.equal(9_999);
  });
});
