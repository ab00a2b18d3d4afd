import { SnapshotTurns } from '@parley/server/internal/sync/document/snapshots';
import { deferred } from '@parley/shared';
import { expect } from 'chai';

describe('turns for snapshots', () => {
  it('lets few documents keep one at a time; the others ask again', async () => {
    const turns = new SnapshotTurns();
    const [first, second] = [deferred<void>(), deferred<void>()];
    const begun: string[] = [];
    const ask = (name: string, work: Promise<void>): void =>
      turns.use(() => {
        begun.push(name);
        return work;
      });
    ask('a', first.promise);
    ask('b', second.promise);
    ask('c', first.promise);
    first.resolve();
    await first.promise;
    ask('c', second.promise);
    ask('d', second.promise);
    expect(begun).to.deep.equal(['a', 'b', 'c']);
  });

  it('leaves the turn to another where the work could not begin', () => {
    const turns = new SnapshotTurns();
    const broken = (): Promise<void> => {
      throw new Error('broken');
    };
    for (let nth = 0; nth < 3; nth += 1) expect(() => turns.use(broken)).to.throw('broken');
  });
});
