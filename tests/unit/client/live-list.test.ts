// A live list against answers of the test's own: what is asked when, and what stands in it meanwhile.
import { ParleyError } from '@parley/client';
import { LiveItems } from '@parley/client/internal/live/live-list';
import { by, up } from '@parley/client/internal/live/order';
import type { ParleyEvent } from '@parley/shared';
import { expect } from 'chai';
import { FakeTiming, settle } from './fake-timing.js';

interface Item {
  readonly id: string;
  readonly rank: number;
  readonly tags: readonly string[];
}

const inOrder = by<Item>(
  up(({ rank }) => rank),
  up(({ id }) => id),
);

/** A server with items of a rank each, all of which belong to the list, and an event for each change. */
const bench = ({ isReady = true, pageSize = 3, everyMs = undefined as number | undefined } = {}) => {
  const timing = new FakeTiming();
  const rows = new Map<string, Item>();
  const asked: string[] = [];
  let hear = (_event: ParleyEvent): void => undefined;
  const events = {
    isReady,
    onAny: (listener: (event: ParleyEvent) => void) => {
      hear = listener;
      return () => {
        hear = () => undefined;
      };
    },
  };
  const server = {
    failure: null as ParleyError | null,
    /** What the next answer is, once it is given. */
    late: null as ParleyError | null,
    /** Answers wait until it is called, while it is set. */
    release: null as (() => void) | null,
  };
  const answer = async <T>(value: T): Promise<T> => {
    const { failure, late } = server;
    if (failure !== null) throw failure;
    if (server.release !== null)
      await new Promise<void>((resolve) => {
        server.release = resolve;
      });
    if (late !== null) throw late;
    return value;
  };
  const put = (id: string, rank: number, tags: string[] = []): void => void rows.set(id, { id, rank, tags });
  const copy = (item: Item): Item => structuredClone(item);
  const open = () => {
    let changes = 0;
    const list = new LiveItems<Item>({
      ...{ events, timing, pageSize, keyOf: ({ id }: Item) => id, order: inOrder, onClose: () => undefined },
      ...(everyMs !== undefined && { everyMs }),
      fetchPage: ({ cursor, limit }) => {
        asked.push(`page ${cursor ?? ''}`.trim());
        const place: { rank: number; id: string } = JSON.parse(cursor ?? '{"rank":-1,"id":""}');
        const after = [...rows.values()]
          .sort(inOrder)
          .filter((item) => inOrder(item, { ...place, tags: [] }) > 0);
        const items = after.slice(0, limit).map(copy);
        const last = items.at(-1);
        const hasMore = after.length > limit && last !== undefined;
        return answer({
          items,
          nextCursor: hasMore ? JSON.stringify({ rank: last.rank, id: last.id }) : null,
        });
      },
      fetchSome: (keys) => {
        asked.push(keys.join(' '));
        return answer(keys.flatMap((key) => [rows.get(key)].filter((row) => row !== undefined).map(copy)));
      },
      keysIn: (event) => {
        if (event.type === 'project.deleted') return 'all';
        return event.type === 'task.deleted' ? [event.taskId] : [];
      },
    });
    list.onChange(() => {
      changes += 1;
    });
    return { list, changes: () => changes, ids: () => list.items.map(({ id }) => id).join(' ') };
  };
  const tell = (...ids: readonly string[]): void => {
    for (const taskId of ids) hear({ type: 'task.deleted', projectId: 'p', by: null, taskId });
  };
  const run = async (ms = 50): Promise<void> => {
    timing.advance(ms);
    await settle();
  };
  const say = (event: ParleyEvent): void => hear(event);
  return { timing, rows, asked, events, server, put, open, tell, say, run };
};

describe('a live list', () => {
  it('begins once whatever happens next is told, and says that it is loading until then', async () => {
    const { open, put, events, say, run, asked } = bench({ isReady: false });
    put('a', 1);
    const { list, ids } = open();
    await run();
    expect([list.isLoading, asked.length]).to.deep.equal([true, 0]);
    events.isReady = true;
    say({ type: 'stream.ready' });
    await run();
    expect([ids(), list.isLoading, list.hasMore, list.error]).to.deep.equal(['a', false, false, null]);
    say({ type: 'stream.ready' });
    await run();
    expect(asked, 'a stream that goes on has missed nothing').to.deep.equal(['page']);
  });

  it('fetches together what happens together, once, and puts it at its place', async () => {
    const { open, put, rows, tell, run, asked } = bench({ pageSize: 10 });
    for (const [id, rank] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      put(id, rank);
    const { ids } = open();
    await run();
    put('a', 9);
    put('d', 2);
    rows.delete('c');
    tell('a', 'd');
    tell('c', 'a', 'nobody');
    await run(49);
    expect(asked).to.deep.equal(['page']);
    await run(1);
    expect(asked).to.deep.equal(['page', 'a d c nobody']);
    expect(ids()).to.equal('b d a');
    await run();
    await run();
    expect(asked).to.have.length(2);
  });

  it('is another array only where something is another, with the same objects for what is not', async () => {
    const { open, put, tell, run } = bench();
    put('a', 1, ['x']);
    put('b', 2);
    const { list, changes } = open();
    await run();
    const [before, told] = [list.items, changes()];
    expect(before).to.be.frozen;
    tell('a');
    await run();
    expect(list.items).to.equal(before);
    expect(changes()).to.equal(told);
    put('a', 1, ['y']);
    tell('a');
    await run();
    expect(list.items).not.to.equal(before);
    expect([list.items[0] === before[0], list.items[1] === before[1]]).to.deep.equal([false, true]);
  });

  it('asks again for what happened while it was being asked for', async () => {
    const { open, put, tell, run, server, asked } = bench();
    put('a', 1);
    put('b', 2);
    const shown = open();
    await run();
    server.release = () => undefined;
    put('a', 3);
    tell('a');
    await run();
    // The answer that is under way is from before this.
    put('a', 0);
    tell('a');
    server.release();
    server.release = null;
    await settle();
    expect(shown.ids()).to.equal('b a');
    await run();
    expect(shown.ids()).to.equal('a b');
    expect(asked.slice(1)).to.deep.equal(['a', 'a']);
  });

  it('leaves out what lies behind what is loaded, and brings it with the next page, wherever the last item is by then', async () => {
    const { open, put, tell, run, asked } = bench();
    for (let rank = 1; rank <= 8; rank += 1) put(`${rank}`, rank);
    const { list, ids } = open();
    await run();
    expect([ids(), list.hasMore]).to.deep.equal(['1 2 3', true]);
    put('1', 7.5);
    put('9', 9);
    put('0', 0);
    put('3', 1.5);
    tell('1', '9', '0', '3');
    await run();
    expect(ids()).to.equal('0 3 2');
    const more = list.loadMore();
    expect(list.isLoading).to.equal(true);
    await run(0);
    await more;
    expect([ids(), list.isLoading, list.hasMore]).to.deep.equal(['0 3 2 4 5 6', false, true]);
    void list.loadMore();
    await run(0);
    expect([ids(), list.hasMore]).to.deep.equal(['0 3 2 4 5 6 7 1 8', true]);
    void list.loadMore();
    await run(0);
    expect([ids(), list.hasMore]).to.deep.equal(['0 3 2 4 5 6 7 1 8 9', false]);
    put('10', 10);
    tell('10');
    await run();
    expect(ids()).to.equal('0 3 2 4 5 6 7 1 8 9 10');
    expect(asked.filter((what) => what.startsWith('page'))).to.have.length(4);
  });

  it('fetches all that is loaded anew after a gap', async () => {
    const { open, put, rows, say, run, asked } = bench({ pageSize: 2 });
    for (let rank = 1; rank <= 6; rank += 1) put(`${rank}`, rank);
    const { list, ids } = open();
    await run();
    void list.loadMore();
    await run(0);
    expect(ids()).to.equal('1 2 3 4');
    rows.delete('2');
    put('0', 0);
    say({ type: 'stream.gap' });
    await run();
    expect([ids(), list.hasMore]).to.deep.equal(['0 1 3 4', true]);
    expect(asked).to.have.length(3);
  });

  it('fetches some twenty at once, and pages where that is less to ask for', async () => {
    const { open, put, tell, run, asked } = bench({ pageSize: 200 });
    const keys = Array.from({ length: 200 }, (_, index) => `${index}`);
    for (const key of keys) put(key, Number(key));
    open();
    await run();
    tell(...keys.slice(0, 50));
    for (let turn = 0; turn < 4; turn += 1) await run();
    expect(asked.slice(2).map((what) => what.split(' ').length)).to.deep.equal([20, 20, 10]);
    tell(...keys.slice(0, 61));
    for (let turn = 0; turn < 3; turn += 1) await run();
    expect(asked.slice(5).map((what) => what.split(' ')[0])).to.deep.equal(['page', 'page']);
  });

  it('tries again what failed for the moment, longer apart each time, and says so meanwhile', async () => {
    const { open, put, tell, run, server, asked } = bench();
    put('a', 1);
    const { list, ids } = open();
    await run();
    server.failure = new ParleyError('NETWORK');
    put('a', 2);
    put('b', 1);
    tell('a');
    await run();
    expect([list.error?.code, ids()]).to.deep.equal(['NETWORK', 'a']);
    await run(50);
    tell('b');
    await run(99);
    expect(asked.slice(1)).to.deep.equal(['a', 'a']);
    await run(1);
    expect(asked.slice(3)).to.deep.equal(['a b']);
    server.failure = null;
    await run(200);
    expect([list.error, ids()]).to.deep.equal([null, 'b a']);
  });

  it('is empty where one may not see it any more, and asks for nothing until that may be another way', async () => {
    const { open, put, tell, say, run, server, asked } = bench();
    put('a', 1);
    const { list, ids } = open();
    await run();
    server.failure = new ParleyError('NOT_FOUND');
    const gone = { type: 'project.deleted', projectId: 'p', by: null } as const;
    say(gone);
    await run();
    expect([ids(), list.error?.code, list.isLoading, list.hasMore]).to.deep.equal([
      '',
      'NOT_FOUND',
      false,
      false,
    ]);
    tell('a');
    await run(60_000);
    expect(asked).to.have.length(2);
    server.failure = null;
    say(gone);
    await run();
    expect([ids(), list.error]).to.deep.equal(['a', null]);
  });

  it('asks again where that may be another way by the time it is refused', async () => {
    const { open, put, say, run, server } = bench();
    put('a', 1);
    const { list, ids } = open();
    await run();
    server.release = () => undefined;
    server.late = new ParleyError('NOT_FOUND');
    say({ type: 'project.deleted', projectId: 'p', by: null });
    await run();
    server.late = null;
    say({ type: 'project.deleted', projectId: 'p', by: null });
    server.release();
    server.release = null;
    await settle();
    expect([ids(), list.error?.code]).to.deep.equal(['', 'NOT_FOUND']);
    await run();
    expect([ids(), list.error]).to.deep.equal(['a', null]);
  });

  it('asks again for what happened while it was let in again', async () => {
    const { open, put, tell, say, run, server } = bench();
    const letInAgain = { type: 'project.deleted', projectId: 'p', by: null } as const;
    put('a', 1);
    put('b', 2);
    const { ids } = open();
    await run();
    server.failure = new ParleyError('NOT_FOUND');
    say(letInAgain);
    await run();
    server.failure = null;
    server.release = () => undefined;
    say(letInAgain);
    await run();
    // The answer that is under way is from before this.
    put('a', 3);
    tell('a');
    server.release();
    server.release = null;
    await settle();
    expect(ids()).to.equal('a b');
    await run();
    expect(ids()).to.equal('b a');
  });

  it('fetches anew every so often what time alone changes', async () => {
    const { open, put, run, timing } = bench({ everyMs: 60_000 });
    put('a', 1);
    const { list, ids } = open();
    await run();
    put('b', 2);
    await run(60_000);
    await run(0);
    expect(ids()).to.equal('a b');
    list.close();
    expect(timing.pending).to.equal(0);
  });

  it('hears nothing once it is closed, not even answers that are under way', async () => {
    const { open, put, tell, run, server, timing, asked } = bench({ pageSize: 1 });
    put('a', 1);
    put('b', 2);
    const { list, ids, changes } = open();
    await run();
    server.release = () => undefined;
    const more = list.loadMore();
    await run(0);
    list.close(new ParleyError('SESSION_ENDED'));
    const told = changes();
    server.release();
    server.release = null;
    tell('a');
    await run(60_000);
    expect([ids(), list.isLoading, list.error?.code, changes()]).to.deep.equal([
      'a',
      false,
      'SESSION_ENDED',
      told,
    ]);
    expect([asked.length, timing.pending]).to.deep.equal([2, 0]);
    for (const promise of [more, list.loadMore()])
      expect(await promise.catch(({ code }: ParleyError) => code)).to.equal('SESSION_ENDED');
  });
});
