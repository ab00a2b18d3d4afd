import { appendMessage, ByteWriter, limits, reactionKey, readMessages, readWindow } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { ADA, BOB, edit, expectRefused, MALLORY, reaction } from '../../harness/guard-attempts.js';
import { GuardBench, segmentOf, updateOf } from '../../harness/guard-bench.js';

describe('the guard and the window', () => {
  let bench: GuardBench;

  beforeEach(() => {
    bench = new GuardBench();
  });

  describe('what comes late', () => {
    const small = () => new GuardBench({ windowMessages: 4, segmentMessages: 2 });
    const fill = (target: GuardBench, count: number): void => {
      for (let index = 0; index < count; index += 1) {
        target.say(ADA, `number ${index}`);
        target.projectAll();
        target.tidy();
      }
    };

    it('[O4] [C10] brings home a message whose segment has left, under its own id and author', () => {
      bench = small();
      bench.say(ADA, 'zero');
      const offline = bench.copy();
      const late = appendMessage(offline, { author: BOB, text: 'late' });
      fill(bench, 10);
      const onlooker = bench.copy();
      const outcome = bench.send(BOB, bench.missing(offline));
      expect(outcome.changes).to.deep.equal([{ type: 'message', value: late }]);
      if (outcome.bytes === null) throw new Error('nothing was relayed');
      Y.applyUpdate(onlooker, outcome.bytes);
      expect(readMessages(onlooker).at(-1), 'one update holds both').to.include({ id: late.id });
      bench.pull(offline);
      expect(readMessages(bench.doc).at(-1)).to.include({ id: late.id, author: BOB, text: 'late' });
      expect(readMessages(offline)).to.deep.equal(readMessages(bench.doc));
      // its clock has no gap: the client goes on writing
      appendMessage(offline, { author: BOB, text: 'and on' });
      expect(bench.send(BOB, bench.missing(offline)).rule).to.equal(null);
    });

    it('[C10] carries out a late edit and reaction against history', () => {
      bench = small();
      const { id } = bench.say(BOB, 'zero');
      const offline = bench.copy();
      segmentOf(offline).edits.set(id, edit(id, BOB, 'nought'));
      const value = reaction(id, BOB);
      segmentOf(offline).reactions.set(reactionKey(value), value);
      fill(bench, 10);
      const outcome = bench.send(BOB, bench.missing(offline));
      expect(outcome.changes).to.deep.equal([
        { type: 'edit', value: edit(id, BOB, 'nought') },
        { type: 'react', value },
      ]);
    });

    it('[C10] judges what comes late like everything else', () => {
      bench = small();
      bench.say(ADA, 'zero');
      const forger = bench.copy();
      appendMessage(forger, { author: ADA, text: 'forged' });
      const vague = bench.copy();
      segmentOf(vague).messages.push([{ anything: true }]);
      fill(bench, 10);
      bench.mark();
      expectRefused(bench, bench.send(MALLORY, bench.missing(forger)), 'C4');
      expectRefused(bench, bench.send(MALLORY, bench.missing(vague)), 'C10');
    });

    it('[C11] lets no segment go before history holds it, nor when too little would stay', () => {
      bench = small();
      for (let index = 0; index < 10; index += 1) bench.say(ADA, `number ${index}`);
      expect(readMessages(bench.doc), 'nothing is in history yet').to.have.length(10);
      bench.projectAll();
      bench.tidy();
      expect(readMessages(bench.doc).map(({ text }) => text)).to.deep.equal([
        'number 6',
        'number 7',
        'number 8',
        'number 9',
      ]);
    });

    it('[C11] lets long texts leave sooner, so that a document always loads', () => {
      bench = new GuardBench();
      const copy = bench.copy();
      const text = '鍵'.repeat(limits.textCharacters.value);
      for (let count = 0; count < 15; count += 1) {
        const bytes = updateOf(copy, () => {
          for (let each = 0; each < 10; each += 1) appendMessage(copy, { author: ADA, text });
        });
        expect(bench.send(ADA, bytes).rule).to.equal(null);
        bench.projectAll();
        bench.tidy();
        bench.pull(copy);
      }
      expect(Y.encodeStateAsUpdate(bench.doc).length).to.be.below(limits.windowBytes.value * 1.5);
    });

    it('[G5] takes what a client collected before it was let send it for nothing, and what it says next', () => {
      bench = small();
      bench.say(ADA, 'zero');
      const silenced = bench.copy();
      appendMessage(silenced, { author: BOB, text: 'not let' });
      fill(bench, 10);
      // its segment leaves, and its own copy collects what was never taken
      bench.pull(silenced);
      expect(bench.send(BOB, bench.missing(silenced)).rule).to.equal(null);
      const { id } = appendMessage(silenced, { author: BOB, text: 'may speak' });
      expect(bench.send(BOB, bench.missing(silenced)).rule).to.equal(null);
      bench.pull(silenced);
      expect(readMessages(bench.doc).at(-1)).to.include({ id, text: 'may speak' });
      expect(Y.encodeStateVector(bench.doc)).to.deep.equal(Y.encodeStateVector(silenced));
    });

    it('[G5] takes the rest of a collected run of which it knows the beginning', () => {
      const clientId = 5_000;
      const run = (length: number) => new Uint8Array([1, 1, ...[0x88, 0x27], 0, 0, length, 0]);
      expect(bench.send(BOB, run(2)).rule).to.equal(null);
      expect(bench.send(BOB, run(5)).rule).to.equal(null);
      expect(Y.getState(bench.doc.store, clientId)).to.equal(5);
      expect(bench.send(MALLORY, run(9)).rule).to.equal('G2');
    });

    it('[C11] keeps a segment while it holds the newest messages, and not for ever', () => {
      bench = small();
      const seqs: { id: string; seq: number }[] = [];
      const number = (id: string): void => {
        seqs.push({ id, seq: seqs.length + 1 });
        bench.view.learn({
          documentId: 'conversation-1',
          sequenced: seqs.slice(-1),
          repeated: [],
          changed: [],
        });
        bench.projectAll();
        bench.tidy();
      };
      number(bench.say(ADA, 'zero').id);
      const away = bench.copy();
      const late = appendMessage(away, { author: BOB, text: 'late' });
      for (let index = 1; index <= 3; index += 1) number(bench.say(ADA, `number ${index}`).id);
      bench.send(BOB, bench.missing(away));
      number(late.id);
      for (let index = 5; index <= 6; index += 1) number(bench.say(ADA, `number ${index}`).id);
      const shown = (): string[] => readMessages(bench.doc).map(({ text }) => text);
      expect(shown()).to.include('late');
      expect(readWindow(bench.doc)).to.include({ startSeq: 1 });
      for (let index = 7; index <= 8; index += 1) number(bench.say(ADA, `number ${index}`).id);
      expect(shown()).not.to.include('late');
      expect(readWindow(bench.doc)).to.include({ startSeq: 6 });
    });

    it('[C11] keeps no segment for ever, however often somebody writes into it', () => {
      bench = small();
      let seq = 0;
      const learn = (id: string): void => {
        seq += 1;
        bench.view.learn({
          documentId: 'conversation-1',
          sequenced: [{ id, seq }],
          repeated: [],
          changed: [],
        });
        bench.projectAll();
        bench.tidy();
      };
      learn(bench.say(ADA, 'zero').id);
      const tail = bench.copy();
      for (let index = 1; index <= 20; index += 1) {
        learn(bench.say(ADA, `number ${index}`).id);
        if (bench.doc.getArray('segments').length === 1) continue;
        const { id } = appendMessage(tail, { author: BOB, text: `again ${index}` });
        if (bench.send(BOB, bench.missing(tail)).rule === null) learn(id);
      }
      expect(readMessages(bench.doc).length).to.be.below(16);
    });

    it('[G4] asks again for an item whose first half was collected', () => {
      bench = small();
      bench.say(ADA, 'zero');
      const offline = bench.copy();
      const first = updateOf(offline, () => appendMessage(offline, { author: BOB, text: 'first half' }));
      fill(bench, 10);
      expect(bench.send(BOB, first).rule).to.equal(null);
      appendMessage(offline, { author: BOB, text: 'second half' });
      bench.mark();
      // everything its client id ever wrote, which Yjs keeps as one item of two
      const own = Y.encodeStateVector(bench.copy());
      const vector = Y.decodeStateVector(own);
      vector.delete(offline.clientID);
      const both = Y.encodeStateAsUpdate(offline, encodeVector(vector));
      expectRefused(bench, bench.send(BOB, both), 'G4');
      // asked again, it sends what is missing
      const outcome = bench.send(BOB, bench.missing(offline));
      expect(outcome.changes).to.have.length(1);
    });

    it('[C11] says in meta from which number on all is there', () => {
      bench = small();
      const ids = Array.from({ length: 10 }, (_, index) => bench.say(ADA, `number ${index}`).id);
      const sequenced = ids.map((id, index) => ({ id, seq: index + 1 }));
      bench.view.learn({ documentId: 'conversation-1', sequenced, repeated: [], changed: [] });
      bench.projectAll();
      bench.tidy();
      expect(readWindow(bench.doc)).to.include({ startSeq: 7 });
    });

    it('[C12] takes out of the document what history held before', () => {
      bench = small();
      const twice = bench.say(ADA, 'twice');
      bench.view.learn({ documentId: 'conversation-1', sequenced: [], repeated: [twice.id], changed: [] });
      expect(bench.view.isUntidy(0)).to.equal(true);
      bench.tidy();
      expect(readMessages(bench.doc)).to.deep.equal([]);
      expect(bench.view.isUntidy(0)).to.equal(false);
    });

    it('keeps the window and nothing more, whoever wrote', () => {
      bench = new GuardBench({ windowMessages: 20, segmentMessages: 5 });
      const authors = Array.from({ length: 10 }, (_, index) => ({ id: `user ${index}`, copy: bench.copy() }));
      const sizes: number[] = [];
      for (let round = 0; round < 200; round += 1) {
        const author = authors[round % authors.length];
        if (author === undefined) continue;
        bench.pull(author.copy);
        const bytes = updateOf(author.copy, () =>
          appendMessage(author.copy, { author: author.id, text: `number ${round}` }),
        );
        expect(bench.send(author.id, bytes).rule).to.equal(null);
        bench.projectAll();
        bench.tidy();
        if (round >= 100) sizes.push(Y.encodeStateAsUpdate(bench.doc).length);
      }
      const texts = readMessages(bench.doc).map(({ text }) => text);
      expect(texts.length).to.be.within(20, 30);
      expect(texts.at(-1)).to.equal('number 199');
      expect(Math.max(...sizes) / Math.min(...sizes), 'the document does not grow with history').to.be.below(
        1.5,
      );
    });
  });
});

const encodeVector = (vector: ReadonlyMap<number, number>): Uint8Array => {
  const writer = new ByteWriter().varUint(vector.size);
  for (const [client, clock] of vector) writer.varUint(client).varUint(clock);
  return writer.finish();
};
