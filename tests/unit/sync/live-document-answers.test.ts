import { Answers } from '@parley/server/internal/sync/document/answers';
import { appendMessage } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { DocumentBench, TestPeer, turns } from '../../harness/document-bench.js';

describe('a live document and those who join it', () => {
  let bench: DocumentBench;

  beforeEach(async () => {
    bench = await DocumentBench.open();
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  it('[O2] answers a joiner only with what is stored', async () => {
    const ada = await bench.join('ada');
    bench.log.holding = true;
    bench.say(ada, 1, 'not yet');
    await bench.log.waiting();
    const bob = await bench.join('bob');
    expect(bob.count('reply')).to.equal(0);
    bench.log.release();
    await turns();
    expect(bob.count('reply')).to.equal(1);
    expect(bob.texts).to.deep.equal(['not yet']);
  });

  it('[K3] asks what a newcomer has before it tells anything', async () => {
    const ada = await bench.join('ada');
    expect(ada.frames.map(({ type }) => type)).to.deep.equal(['notice', 'stateVector', 'reply', 'notice']);
  });

  it('[K8] asks again after a gap, and takes the whole answer', async () => {
    const ada = await bench.join('ada');
    const asked = ada.count('stateVector');
    appendMessage(ada.doc, { author: 'ada', text: 'kept back' });
    bench.say(ada, 1, 'too early');
    await turns();
    expect(ada.refusedRules).to.deep.equal(['G4']);
    expect(ada.count('stateVector')).to.equal(asked + 1);
    bench.say(ada, 2, 'and again');
    await turns();
    expect(ada.count('stateVector'), 'asked once until it answers').to.equal(asked + 1);
    const vector = ada.frames.findLast((frame) => frame.type === 'stateVector');
    if (vector?.type !== 'stateVector') throw new Error('not asked');
    bench.document.submit(ada, 3, Y.encodeStateAsUpdate(ada.doc, vector.bytes));
    await turns();
    expect(ada.handledUpTo).to.deep.equal([1, 2, 3]);
    expect(bench.log.projectedBatches.at(-1)?.changes).to.have.length(3);
  });

  it('encodes the whole document once for all that join at one moment', async () => {
    const ada = await bench.join('ada');
    bench.say(ada, 1, 'hello');
    await turns();
    const [first, second] = [await bench.join('bob'), await bench.join('eve')];
    expect(first.firstAnswer?.buffer).to.equal(second.firstAnswer?.buffer);
  });

  it('[K17] encodes one answer for all that come back with the same state, until the next batch', async () => {
    const ada = await bench.join('ada');
    bench.say(ada, 1, 'before');
    await turns();
    const stateVector = Y.encodeStateVector(ada.doc);
    bench.say(ada, 2, 'after');
    await turns();
    const back = async (): Promise<ArrayBufferLike | undefined> => {
      const peer = new TestPeer('bob');
      bench.document.attach(peer);
      bench.document.answer(peer, stateVector);
      await turns();
      expect(peer.frames.at(-2)?.type).to.equal('reply');
      return peer.firstAnswer?.buffer;
    };
    const first = await back();
    expect(await back()).to.equal(first);
    bench.say(ada, 3, 'later still');
    await turns();
    expect(await back()).not.to.equal(first);
  });

  it('[K17] lets other work between many different answers', async () => {
    const ada = await bench.join('ada');
    const peers = Array.from({ length: 100 }, (_, index) => {
      const peer = new TestPeer(`user-${index}`);
      bench.document.attach(peer);
      // Nobody has the same.
      peer.doc.clientID = 10_000 + index;
      peer.doc.getMap('own').set('key', index);
      bench.document.answer(peer, Y.encodeStateVector(peer.doc));
      return peer;
    });
    bench.say(ada, 1, 'in between');
    while (ada.handledUpTo.length === 0) await turns(1);
    const answered = peers.filter((peer) => peer.firstAnswer !== undefined).length;
    expect(answered).to.be.within(1, 50);
    while (peers.some((peer) => peer.firstAnswer === undefined)) await turns(1);
  });

  it('[K17] keeps no more answers than a few', () => {
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'x'.repeat(1_000));
    const answers = new Answers();
    const stateVectorOf = (client: number): Uint8Array => new Uint8Array([1, client, 1]);
    for (let round = 0; round < 2; round += 1) {
      for (let client = 1; client <= 100; client += 1) answers.frameFor(doc, 1, stateVectorOf(client));
    }
    expect(answers.encoded).to.equal(200);
    answers.frameFor(doc, 1, stateVectorOf(100));
    expect(answers.encoded).to.equal(200);
    const large = new Y.Doc();
    large.getText('text').insert(0, 'x'.repeat(3 * 1024 * 1024));
    for (const client of [1, 2, 2, 1]) answers.frameFor(large, 2, stateVectorOf(client));
    expect(answers.encoded).to.equal(203);
  });
});
