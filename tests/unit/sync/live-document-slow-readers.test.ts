import { appendMessage, readMessages } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { DocumentBench, type TestPeer, turns } from '../../harness/document-bench.js';

describe('a live document and its slow readers', () => {
  let bench: DocumentBench;

  beforeEach(async () => {
    bench = await DocumentBench.open();
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  /** A peer that has just been sent more than it takes: `number 1`, and nothing since. */
  const joinSlowly = async (writer: TestPeer): Promise<TestPeer> => {
    const slow = await bench.join('slow');
    slow.takesMore = false;
    bench.say(writer, 1, 'number 1');
    await turns();
    slow.frames.length = 0;
    return slow;
  };

  /** The rest of twenty messages, each in a batch of its own. */
  const sayUpTo20 = async (writer: TestPeer): Promise<void> => {
    for (let nth = 2; nth <= 20; nth += 1) {
      bench.say(writer, nth, `number ${nth}`);
      await turns();
    }
  };

  /** The reader has taken what waited for it, and takes more. */
  const readOn = async (slow: TestPeer): Promise<void> => {
    slow.takesMore = true;
    bench.document.drained(slow);
    await turns();
  };

  it('[K10] sends a reader that is behind nothing more of the document', async () => {
    const ada = await bench.join('ada');
    const slow = await joinSlowly(ada);
    await sayUpTo20(ada);
    expect(ada.texts).to.have.length(20);
    expect(slow.count('update')).to.equal(0);
    bench.document.answer(slow, Y.encodeStateVector(slow.doc));
    await turns();
    expect(slow.count('reply'), 'not even when it asks').to.equal(0);
  });

  it('[K12] catches a slow reader up with one answer, then access, numbers and presence, and goes on live', async () => {
    const ada = await bench.join('ada');
    const slow = await joinSlowly(ada);
    await sayUpTo20(ada);
    slow.frames.length = 0;
    await readOn(slow);
    expect(slow.frames.map(({ type }) => type)).to.deep.equal(['reply', 'notice', 'notice', 'awareness']);
    expect(slow.caughtUpAt, 'right after the answer').to.equal(1);
    const [answer] = slow.frames;
    const before = new Y.Doc();
    if (answer?.type === 'reply') Y.applyUpdate(before, answer.bytes);
    expect(before.store.pendingStructs, 'only what it missed').to.not.equal(null);
    expect(Y.encodeStateAsUpdate(slow.doc)).to.deep.equal(Y.encodeStateAsUpdate(ada.doc));
    bench.say(ada, 21, 'live');
    await turns();
    expect(slow.texts.at(-1)).to.equal('live');
    expect(slow.count('reply')).to.equal(1);
  });

  it('[K12] [O2] catches a slow reader up only with what is stored', async () => {
    const ada = await bench.join('ada');
    const slow = await joinSlowly(ada);
    bench.log.holding = true;
    bench.say(ada, 2, 'number 2');
    await bench.log.waiting();
    await readOn(slow);
    expect(slow.count('reply')).to.equal(0);
    bench.log.release();
    await turns();
    expect(slow.texts).to.deep.equal(['number 1', 'number 2']);
  });

  it('[K12] misses nothing for a reader that is behind again at once', async () => {
    const ada = await bench.join('ada');
    const slow = await joinSlowly(ada);
    bench.say(ada, 2, 'number 2');
    await turns();
    bench.document.drained(slow);
    await turns();
    expect(slow.caughtUpAt, 'the answer was more than it takes').to.equal(null);
    bench.say(ada, 3, 'number 3');
    await turns();
    expect(slow.texts).to.deep.equal(['number 1', 'number 2']);
    await readOn(slow);
    expect(slow.texts).to.deep.equal(['number 1', 'number 2', 'number 3']);
    expect(slow.count('reply')).to.equal(2);
  });

  it('[K10] sends nothing to a reader that is behind again before its turn to be caught up came', async () => {
    const ada = await bench.join('ada');
    const slow = await bench.join('slow');
    bench.log.holding = true;
    bench.say(ada, 1, 'number 1');
    await bench.log.waiting();
    // of presence only, so far
    bench.document.drained(slow);
    slow.takesMore = false;
    bench.log.release();
    await turns();
    expect(slow.texts).to.deep.equal(['number 1']);
    expect(slow.count('reply'), 'that of joining').to.equal(1);
    expect(slow.caughtUpAt).to.equal(null);
    await readOn(slow);
    expect(slow.count('reply')).to.equal(2);
    expect(slow.caughtUpAt).to.not.equal(null);
  });

  it('[K12] catches a slow reader up from what it has asked with meanwhile', async () => {
    const ada = await bench.join('ada');
    const slow = await joinSlowly(ada);
    bench.document.answer(slow, Y.encodeStateVector(new Y.Doc()));
    await turns();
    await readOn(slow);
    const fresh = new Y.Doc();
    if (slow.firstAnswer !== undefined) Y.applyUpdate(fresh, slow.firstAnswer);
    expect(readMessages(fresh).map(({ text }) => text)).to.deep.equal(['number 1']);
  });

  it('[K12] [K8] asks a slow reader again that may not have heard the question', async () => {
    const ada = await bench.join('ada');
    const slow = await joinSlowly(ada);
    appendMessage(slow.doc, { author: 'slow', text: 'kept back' });
    bench.say(slow, 1, 'too early');
    await turns();
    expect(slow.refusedRules).to.deep.equal(['G4']);
    slow.frames.length = 0;
    await readOn(slow);
    expect(slow.count('stateVector')).to.equal(1);
  });

  it('[K12] [O5] catches a slow reader up across another writer’s entry', async () => {
    const ada = await bench.join('ada');
    const slow = await joinSlowly(ada);
    await bench.sayElsewhere('of another');
    bench.say(ada, 2, 'number 2');
    await turns(20);
    expect(slow.frames).to.deep.equal([]);
    await readOn(slow);
    expect(Y.encodeStateAsUpdate(slow.doc)).to.deep.equal(Y.encodeStateAsUpdate(ada.doc));
    expect(slow.texts).to.have.length(3);
  });
});
