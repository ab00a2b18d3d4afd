import { Watchers } from '@parley/server/internal/features/presence/watchers';
import { createLogger } from '@parley/server/internal/platform/logger';
import type { Presence } from '@parley/shared';
import { expect } from 'chai';

/** A world in which everybody is as `status` says, and that can fail. */
const createWorld = () => {
  const status = new Map<string, Presence['status']>();
  const looks: number[] = [];
  let isBroken = false;
  const watchers = new Watchers({
    log: createLogger('silent', 2),
    look: async (pairs) => {
      looks.push(pairs.length);
      await Promise.resolve();
      if (isBroken) throw new Error('the store is away');
      return pairs.map(([, userId]) => ({
        userId,
        status: status.get(userId) ?? 'offline',
        lastSeenAt: null,
      }));
    },
  });
  const set = (userId: string, next: Presence['status']): void => {
    status.set(userId, next);
    watchers.changed([userId]);
  };
  return {
    watchers,
    looks,
    set,
    status,
    break: (now: boolean) => {
      isBroken = now;
    },
  };
};

const heardBy = async (watch: AsyncGenerator<Presence[], void>): Promise<Presence[]> =>
  (await watch.next()).value ?? [];

const brief = (items: Presence[]): string[] => items.map(({ userId, status }) => `${userId} ${status}`);

describe('those who watch people', () => {
  it('hear of all first, then of whoever is another way, and of nobody else', async () => {
    const { watchers, set } = createWorld();
    const end = new AbortController();
    const watch = watchers.watch('me', ['ada', 'bob'], end.signal);
    expect(brief(await heardBy(watch))).to.deep.equal(['ada offline', 'bob offline']);
    const next = watch.next();
    watchers.changed(['ada', 'bob', 'eve']);
    set('eve', 'available');
    set('bob', 'away');
    expect(brief((await next).value ?? [])).to.deep.equal(['bob away']);
    end.abort();
    expect(await watch.next()).to.deep.equal({ done: true, value: undefined });
  });

  it('get the newest of each and nothing older when they are slow, however much happened', async () => {
    const { watchers, set, looks } = createWorld();
    const end = new AbortController();
    const watch = watchers.watch('me', ['ada', 'bob'], end.signal);
    await watch.next();
    for (let round = 0; round < 1_000; round += 1) {
      set('ada', round % 2 === 0 ? 'available' : 'away');
      if (round % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    set('bob', 'available');
    const heard: string[] = [];
    while (!heard.includes('bob available')) heard.push(...brief(await heardBy(watch)));
    expect(heard.filter((line) => line.startsWith('ada'))).to.have.length.at.most(2);
    expect(heard.filter((line) => line.startsWith('ada')).at(-1)).to.equal('ada away');
    expect(looks.length, 'changes of one moment are looked at together').to.be.lessThan(250);
    end.abort();
    await watch.next();
  });

  it('are looked at together, a thousand pairs at a time', async () => {
    const { watchers, looks } = createWorld();
    const ends: AbortController[] = [];
    const people = Array.from({ length: 100 }, (_, index) => `person-${index}`);
    const many = Array.from({ length: 25 }, (_, index) => {
      const end = new AbortController();
      ends.push(end);
      return watchers.watch(`viewer-${index}`, people, end.signal);
    });
    const firsts = await Promise.all(many.map(heardBy));
    for (const first of firsts) expect(first).to.have.length(100);
    expect(looks.length).to.be.at.most(5);
    expect(Math.max(...looks)).to.be.at.most(1_000);
    for (const end of ends) end.abort();
    await Promise.all(many.map((watch) => watch.next()));
  });

  it('hear of what changed while the store was away', async () => {
    const world = createWorld();
    const end = new AbortController();
    const watch = world.watchers.watch('me', ['ada'], end.signal);
    await watch.next();
    world.break(true);
    world.set('ada', 'available');
    await new Promise((resolve) => setImmediate(resolve));
    world.break(false);
    expect(brief(await heardBy(watch))).to.deep.equal(['ada available']);
    end.abort();
    await watch.next();
  });

  it('are forgotten with all they asked for', async () => {
    const { watchers, set, looks } = createWorld();
    const end = new AbortController();
    const watch = watchers.watch('me', ['ada'], end.signal);
    await watch.next();
    end.abort();
    await watch.next();
    const before = looks.length;
    set('ada', 'available');
    await new Promise((resolve) => setImmediate(resolve));
    expect(looks.length).to.equal(before);
  });
});
