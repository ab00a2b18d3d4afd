import { HistoryPager } from '@parley/client/internal/conversation/history';
import { Timeline } from '@parley/client/internal/conversation/timeline';
import type { Message } from '@parley/shared';
import { expect } from 'chai';
import { messageInHistory, messageInWindow, nothingUnsent } from './messages.js';

const rows: Message[] = Array.from({ length: 250 }, (_, index) =>
  messageInHistory({ id: String(index + 1).padStart(26, '0'), seq: index + 1, text: `message ${index + 1}` }),
);

const bench = (startSeq: number | null) => {
  const timeline = new Timeline();
  if (startSeq !== null) timeline.setWindow(rows.slice(startSeq - 1).map(messageInWindow), startSeq);
  let fetches = 0;
  const timers: (() => void)[] = [];
  const history = new HistoryPager({
    fetch: ({ fromSeq, limit }) => {
      fetches += 1;
      const end = fromSeq === undefined ? rows.length : fromSeq - 1;
      const items = rows.slice(Math.max(0, end - limit), end);
      const first = items[0]?.seq ?? 1;
      return Promise.resolve({ items, nextCursor: first > 1 ? String(first) : null });
    },
    lowestSeq: () => timeline.lowestSeq,
    add: (items) => timeline.addHistory(items),
    rowOf: (id) => timeline.rowBehind(id),
    change: (item) => timeline.changeHistory(item),
    timing: {
      after: (_ms, run) => {
        timers.push(run);
        return () => timers.splice(timers.indexOf(run), 1);
      },
    },
  });
  const texts = () => timeline.list(nothingUnsent).map(({ text }) => text);
  return { timeline, history, fetches: () => fetches, texts, timers };
};

describe('history', () => {
  it('is not asked while the window holds everything', async () => {
    const { history, fetches } = bench(1);
    expect(await history.loadOlder(50)).to.equal(false);
    expect(fetches()).to.equal(0);
  });

  it('goes back from the start of the window to the first message', async () => {
    const { history, timeline, fetches } = bench(121);
    let previous = timeline.lowestSeq ?? 0;
    while (await history.loadOlder(30)) {
      const lowest = timeline.lowestSeq ?? 0;
      expect(previous - lowest).to.equal(30);
      previous = lowest;
    }
    expect(timeline.lowestSeq).to.equal(1);
    expect(fetches(), 'one a page').to.equal(4);
  });

  it('begins with the newest where there is no window', async () => {
    const { history, timeline } = bench(null);
    expect(await history.loadOlder(20)).to.equal(true);
    expect(timeline.lowestSeq).to.equal(231);
  });

  it('shares one fetch between calls made at the same time', async () => {
    const { history, fetches } = bench(null);
    await Promise.all([history.loadOlder(20), history.loadOlder(20)]);
    expect(fetches()).to.equal(1);
  });

  it('reads again what has changed behind the window, neighbours together, nothing that is not here, at no great pace', async () => {
    const { history, timeline, fetches, texts, timers } = bench(201);
    await history.loadOlder(20);
    const [row, neighbour, other] = [rows[189], rows[185], rows[10]];
    if (row === undefined || neighbour === undefined || other === undefined) throw new Error('there are 250');
    const before = fetches();
    row.text = 'other words';
    neighbour.text = 'more of them';
    history.changed([row.id, neighbour.id, other.id, 'nobody knows this one']);
    while (timers.length === 0) await new Promise(setImmediate);
    expect(texts()).to.include.members(['other words', 'more of them']);
    expect(fetches() - before).to.equal(1);
    // as often as somebody changes it, once until the time has passed
    row.text = 'message 190';
    neighbour.text = 'message 186';
    for (let count = 0; count < 50; count += 1) history.changed([row.id, neighbour.id]);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    expect(fetches() - before).to.equal(1);
    timers.shift()?.();
    while (timers.length === 0) await new Promise(setImmediate);
    expect(texts()).to.include.members(['message 190', 'message 186']);
    expect(fetches() - before).to.equal(2);
    expect(timeline.lowestSeq).to.equal(181);
    history.changed([row.id]);
    history.close();
    expect(timers).to.have.length(0);
  });
});
