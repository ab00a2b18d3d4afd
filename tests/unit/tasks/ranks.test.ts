import { inOrder, ranksBetween } from '@parley/server/internal/features/tasks/ranks';
import { expect } from 'chai';

describe('ranks of the board', () => {
  it('stand between two others, as many as are wanted, at the ends too', () => {
    const [first = ''] = ranksBetween(null, null, 1) ?? [];
    const before = ranksBetween(null, first, 100) ?? [];
    const after = ranksBetween(first, null, 100) ?? [];
    const all = [...before, first, ...after];
    expect(all).to.have.length(201);
    expect([...all].sort(), 'by code unit, as the store compares them').to.deep.equal(all);
    expect(new Set(all).size).to.equal(201);
  });

  it('have no room between equal ones, nor where they would be too long', () => {
    expect(ranksBetween('a0', 'a0', 1)).to.equal(null);
    expect(ranksBetween('a1', 'a0', 1)).to.equal(null);
    let low = 'a0';
    const high = 'a1';
    let count = 0;
    for (;;) {
      const [next] = ranksBetween(low, high, 1) ?? [];
      if (next === undefined) break;
      expect(next.length).to.be.at.most(200);
      low = next;
      count += 1;
    }
    expect(count, 'one gap takes in many before that').to.be.above(500);
  });

  it('are in order by rank, of equal ones by id', () => {
    const row = (rank: string, _id: string) => ({ rank, _id });
    expect(inOrder([])).to.equal(true);
    expect(inOrder([row('a', '1'), row('a', '2'), row('b', '1')])).to.equal(true);
    expect(inOrder([row('a', '2'), row('a', '1')])).to.equal(false);
    expect(inOrder([row('b', '1'), row('a', '2')])).to.equal(false);
    expect(inOrder([row('a', '1'), row('a', '1')])).to.equal(false);
  });
});
