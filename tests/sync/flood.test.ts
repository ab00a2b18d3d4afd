import { UserPace } from '@parley/server/internal/sync/connection/user-pace';
import { appendMessage, limits } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { segmentOf } from '../harness/guard-bench.js';
import { LiveLine } from '../harness/live-line.js';
import { RawClient } from '../harness/raw-client.js';

describe('a user who floods a document', () => {
  it('[K14] slows only down what is theirs, on all their connections together', async () => {
    await using line = await LiveLine.open({ pace: new UserPace() });
    const join = (user: string): Promise<RawClient> =>
      new RawClient({ url: line.wsUrl, conversationId: 'c1', token: user, acks: true }).synced();
    const ada = await join('ada');
    const floods = await Promise.all(Array.from({ length: 40 }, () => join('mallory')));
    const first = floods[0];
    if (first === undefined) throw new Error('nobody floods');
    first.write((doc) => appendMessage(doc, { author: 'mallory', text: 'x'.repeat(2_000) }));
    await ada.until(() => segmentOf(ada.doc).messages.length === 1);
    const again = Y.encodeStateAsUpdate(ada.doc, Y.encodeStateVector(new Y.Doc()));
    // Each connection stays below its own burst; together they need a minute and more.
    const each = limits.framesBurst.value / 2;
    for (let count = 0; count < each; count += 1) for (const flood of floods) flood.update(again);
    for (let count = 1; count <= 30; count += 1) {
      ada.write((doc) => appendMessage(doc, { author: 'ada', text: `word ${count}` }));
      const upTo = ada.sent;
      await ada.next('stored', (frame) => frame.upTo >= upTo);
    }
    const handled = floods.map(({ frames }) =>
      frames.reduce((most, frame) => (frame.type === 'stored' ? Math.max(most, frame.upTo) : most), 0),
    );
    const all = handled.reduce((sum, count) => sum + count, 0);
    expect(all, 'the burst was spent').to.be.above(0);
    expect(all, 'the flood is held').to.be.below(floods.length * each);
    await ada.close();
  }).timeout(60_000);
});
