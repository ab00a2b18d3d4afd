import { Limiter } from '@parley/server/internal/platform/limiter';
import { expect } from 'chai';

describe('Limiter', () => {
  it('lets a burst through, then one for each stretch, and says how long to wait', () => {
    let now = 0;
    const limiter = new Limiter({ burst: 2, refillMs: 10_000, maxKeys: 10, now: () => now });
    expect([limiter.take('a'), limiter.take('a'), limiter.take('a')]).to.deep.equal([0, 0, 10]);
    now = 4_000;
    expect(limiter.take('a')).to.equal(6);
    now = 10_000;
    expect([limiter.take('a'), limiter.take('a')]).to.deep.equal([0, 10]);
    expect(limiter.take('b')).to.equal(0);
  });

  it('never holds more than its burst, however long nothing happens or however much is given back', () => {
    let now = 0;
    const limiter = new Limiter({ burst: 2, refillMs: 1_000, maxKeys: 10, now: () => now });
    limiter.giveBack('a');
    now = 1_000_000;
    expect([limiter.take('a'), limiter.take('a'), limiter.take('a')]).to.deep.equal([0, 0, 1]);
  });

  it('forgets the key that was not used for longest, beyond its bound', () => {
    const limiter = new Limiter({ burst: 1, refillMs: 60_000, maxKeys: 2, now: () => 0 });
    limiter.take('a');
    limiter.take('b');
    expect(limiter.take('a')).to.equal(60);
    limiter.take('c');
    expect(limiter.take('a')).to.equal(60);
    expect(limiter.take('b')).to.equal(0);
  });
});
