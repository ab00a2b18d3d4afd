import { messageValue } from '@parley/shared';
import { expect } from 'chai';
import { DocumentBench, turns } from '../../harness/document-bench.js';

describe('a live document', () => {
  let bench: DocumentBench;

  beforeEach(async () => {
    bench = await DocumentBench.open();
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  it('[O1] neither acknowledges nor relays before the log holds it', async () => {
    const [ada, bob] = [await bench.join('ada'), await bench.join('bob')];
    bench.log.holding = true;
    bench.say(ada, 1, 'hello');
    await bench.log.waiting();
    await turns();
    expect(ada.handledUpTo).to.deep.equal([]);
    expect(bob.texts).to.deep.equal([]);
    bench.log.release();
    await turns();
    expect(ada.handledUpTo).to.deep.equal([1]);
    expect(bob.texts).to.deep.equal(['hello']);
  });

  it('[O2] forgets what was never stored when the log gives up, and sends everybody away to come back', async () => {
    const [ada, bob] = [await bench.join('ada'), await bench.join('bob')];
    bench.log.holding = true;
    bench.say(ada, 1, 'lost');
    await bench.log.waiting();
    bench.log.fail();
    await turns();
    expect([ada.closedWith, bob.closedWith]).to.deep.equal(['UNAVAILABLE', 'UNAVAILABLE']);
    expect(ada.handledUpTo).to.deep.equal([]);
    expect(bob.texts).to.deep.equal([]);
    expect(bench.left).to.deep.equal(['failed']);
  });

  it('[O3] relays the bytes of the log, one update for all that came in together', async () => {
    const [ada, bob] = [await bench.join('ada'), await bench.join('bob')];
    const before = bob.count('update');
    for (let nth = 1; nth <= 10; nth += 1) bench.say(ada, nth, `number ${nth}`);
    await turns();
    expect(bob.count('update') - before).to.equal(1);
    const relayed = bob.frames.findLast((frame) => frame.type === 'update');
    expect(relayed?.type === 'update' ? [...relayed.bytes] : null).to.deep.equal([
      ...(bench.log.entries.at(-1)?.bytes ?? []),
    ]);
    expect(ada.handledUpTo).to.deep.equal([10]);
    expect(bob.texts).to.have.length(10);
  });

  it('[O5] judges the same work anew when another writer was faster, and loses neither side’s', async () => {
    const ada = await bench.join('ada');
    await bench.sayElsewhere('first');
    bench.say(ada, 1, 'second');
    await turns(20);
    expect(ada.handledUpTo).to.deep.equal([1]);
    expect(ada.texts.toSorted()).to.deep.equal(['first', 'second']);
    expect(bench.log.entries.map(({ position }) => position)).to.deep.equal([1, 2, 3]);
  });

  it('[O5] tells the numbers of what another writer brought', async () => {
    const ada = await bench.join('ada');
    const told = (): number => ada.count('notice');
    const before = told();
    await bench.sayElsewhere('first');
    bench.say(ada, 1, 'second');
    await turns(20);
    // The bench has no history: nothing else tells a number here.
    expect(told()).to.equal(before + 1);
  });

  it('[O5] answers every piece of work once when another writer was faster, refused ones too', async () => {
    const ada = await bench.join('ada');
    await bench.sayElsewhere('first');
    bench.say(ada, 1, 'second');
    bench.document.submit(ada, 2, new Uint8Array([9, 9, 9]));
    await turns(20);
    expect(ada.refusedRules).to.deep.equal(['D1']);
    expect(ada.handledUpTo).to.deep.equal([2]);
  });

  it('carries out a command and tells everybody', async () => {
    const bob = await bench.join('bob');
    const value = messageValue({ author: 'ada', text: 'by procedure' });
    await bench.document.perform({ type: 'append', value });
    expect(bob.texts).to.deep.equal(['by procedure']);
  });

  it('tells of commands which of them changed anything, in one batch too', async () => {
    const value = messageValue({ author: 'ada', text: 'once' });
    const twice = () => [1, 2].map(() => bench.document.perform({ type: 'append', value }));
    expect(await Promise.all(twice())).to.deep.equal([true, false]);
    expect(await Promise.all(twice())).to.deep.equal([false, false]);
  });

  it('says to a command what went wrong and changes nothing', async () => {
    const value = messageValue({ author: 'ada', text: 'mine' });
    await bench.document.perform({ type: 'append', value });
    const stored = bench.log.entries.length;
    const failure = await bench.document
      .perform({ type: 'append', value: { ...value, author: 'mallory' } })
      .catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'MESSAGE_ID_TAKEN');
    expect(bench.log.entries).to.have.length(stored);
  });

  it('leaves a snapshot when it unloads, from which it opens again with its owners', async () => {
    const ada = await bench.join('ada');
    bench.say(ada, 1, 'kept');
    await turns();
    bench.document.detach(ada);
    await bench.document.unload();
    expect(bench.log.snapshots.at(-1)).to.include({ position: 2 });
    bench.log.entries.length = 0;
    await bench.reopen();
    const mallory = await bench.join('mallory');
    expect(mallory.texts).to.deep.equal(['kept']);
    mallory.doc.clientID = ada.doc.clientID;
    bench.say(mallory, 1, 'as Ada');
    await turns();
    expect(mallory.refusedRules).to.deep.equal(['G2']);
  });

  it('[O8] lets no entry go while something was put off that cannot be written', async () => {
    const ada = await bench.join('ada');
    bench.say(ada, 1, 'hello');
    await turns();
    bench.log.cannotFlush = true;
    await bench.document.unload();
    expect(bench.log.compactedUpTo).to.deep.equal([]);
    bench.log.cannotFlush = false;
    await bench.reopen();
    await bench.document.unload();
    expect(bench.log.compactedUpTo).to.have.length(1);
    await bench.reopen();
  });
});
