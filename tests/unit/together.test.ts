import { rowsTogether, together } from '@parley/server/internal/platform/together';
import { expect } from 'chai';

describe('questions asked together', () => {
  it('makes one query of what is asked in one turn, each asker with their own answer', async () => {
    const queries: string[][] = [];
    const find = rowsTogether((ids) => {
      queries.push(ids);
      return Promise.resolve(ids.filter((id) => id !== 'nobody').map((_id) => ({ _id, of: _id })));
    });
    const rows = await Promise.all(['ada', 'nobody', 'bob', 'ada'].map(find));
    expect(rows.map((row) => row?.of ?? null)).to.deep.equal(['ada', null, 'bob', 'ada']);
    expect(queries).to.deep.equal([['ada', 'nobody', 'bob']]);
  });

  it('remembers nothing: who asks later hears what is so by then', async () => {
    let now = 'before';
    const find = together((keys: readonly string[]) => Promise.resolve(keys.map(() => now)));
    expect(await find('state')).to.equal('before');
    now = 'after';
    expect(await find('state')).to.equal('after');
  });

  it('never gives an answer that was asked for earlier, even while that is on its way', async () => {
    const answers: (() => void)[] = [];
    let now = 'before';
    const find = together(async (keys: readonly string[]) => {
      const read = now;
      await new Promise<void>((resolve) => answers.push(resolve));
      return keys.map(() => read);
    });
    const early = find('state');
    while (answers.length < 1) await new Promise(setImmediate);
    now = 'after';
    const late = find('state');
    while (answers.length < 2) await new Promise(setImmediate);
    for (const answer of answers) answer();
    expect(await Promise.all([early, late])).to.deep.equal(['before', 'after']);
  });

  it('tells everybody who asked when the store does not answer, and nobody after', async () => {
    let fails = true;
    const find = together((keys: readonly string[]) =>
      fails ? Promise.reject(new Error('gone')) : Promise.resolve(keys),
    );
    const outcomes = await Promise.allSettled([find('a'), find('b')]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    fails = false;
    expect(await find('c')).to.equal('c');
  });

  it('gathers what is asked while two queries are on their way, also when one of them fails', async () => {
    const queries: { readonly keys: readonly string[]; readonly answer: (error?: Error) => void }[] = [];
    const find = together(async (keys: readonly string[]) => {
      await new Promise<void>((resolve, reject) => {
        queries.push({ keys, answer: (error) => (error === undefined ? resolve() : reject(error)) });
      });
      return keys;
    });
    const asked: Promise<string | null>[] = [];
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      asked.push(find(key));
      await new Promise(setImmediate);
    }
    expect(queries.map(({ keys }) => keys)).to.deep.equal([['a'], ['b']]);
    queries[0]?.answer(new Error('gone'));
    expect(await asked[0]?.catch((error: Error) => error.message)).to.equal('gone');
    while (queries.length < 3) await new Promise(setImmediate);
    expect(queries[2]?.keys).to.deep.equal(['c', 'd', 'e']);
    for (const { answer } of queries) answer();
    expect(await Promise.all(asked.slice(1))).to.deep.equal(['b', 'c', 'd', 'e']);
  });

  it('asks no more than a hundred at a time', async () => {
    const sizes: number[] = [];
    const find = together((keys: readonly number[]) => {
      sizes.push(keys.length);
      return Promise.resolve(keys);
    });
    await Promise.all(Array.from({ length: 250 }, (_, key) => find(key)));
    expect(sizes).to.deep.equal([100, 100, 50]);
  });
});
