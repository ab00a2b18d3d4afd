import { appendMessage, reactionKey, readMessages } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { ADA, attempt, BOB, edit, reaction } from '../../harness/guard-attempts.js';
import { GuardBench, segmentOf, updateOf } from '../../harness/guard-bench.js';

describe('the guard and honest clients', () => {
  let bench: GuardBench;

  beforeEach(() => {
    bench = new GuardBench();
  });

  describe('what honest clients send', () => {
    it('takes a message and tells what it means', () => {
      const outcome = attempt(bench, ADA, (copy) => appendMessage(copy, { author: ADA, text: 'hello' }));
      expect(outcome.rule).to.equal(null);
      expect(outcome.changes).to.have.length(1);
      expect(readMessages(bench.doc).map(({ text }) => text)).to.deep.equal(['hello']);
    });

    it('takes an empty answer to a state vector without relaying anything', () => {
      const copy = bench.copy();
      expect(bench.send(ADA, bench.missing(copy))).to.deep.equal({ rule: null, changes: [], bytes: null });
    });

    it('takes the same update twice and relays it once', () => {
      const copy = bench.copy();
      const bytes = updateOf(copy, () => appendMessage(copy, { author: ADA, text: 'once' }));
      expect(bench.send(ADA, bytes).bytes).not.to.equal(null);
      expect(bench.send(ADA, bytes)).to.deep.equal({ rule: null, changes: [], bytes: null });
    });

    it('takes an update of which it has the first half', () => {
      const copy = bench.copy();
      const first = updateOf(copy, () => appendMessage(copy, { author: ADA, text: 'one' }));
      updateOf(copy, () => appendMessage(copy, { author: ADA, text: 'two' }));
      bench.send(ADA, first);
      const whole = Y.encodeStateAsUpdate(copy, Y.encodeStateVector(bench.copy(1)));
      const both = Y.mergeUpdates([first, whole]);
      expect(bench.send(ADA, both).changes).to.have.length(1);
      expect(readMessages(bench.doc).map(({ text }) => text)).to.deep.equal(['one', 'two']);
    });

    it('takes what was written and taken back before it was sent', () => {
      const copy = bench.copy();
      appendMessage(copy, { author: ADA, text: 'no' });
      segmentOf(copy).messages.delete(0, 1);
      appendMessage(copy, { author: ADA, text: 'yes' });
      const outcome = bench.send(ADA, bench.missing(copy));
      expect(outcome.rule).to.equal(null);
      expect(readMessages(bench.doc).map(({ text }) => text)).to.deep.equal(['yes']);
    });

    it('takes updates that were merged before they were sent, a deletion among them', () => {
      const copy = bench.copy();
      const said = updateOf(copy, () => appendMessage(copy, { author: ADA, text: 'oops' }));
      const taken = updateOf(copy, () => segmentOf(copy).messages.delete(0, 1));
      const outcome = bench.send(ADA, Y.mergeUpdates([said, taken]));
      expect(outcome).to.include({ rule: null });
      expect(outcome.changes).to.deep.equal([]);
      expect(readMessages(bench.doc)).to.deep.equal([]);
    });

    it('takes an edit, a reaction, its end and a deletion', () => {
      const { id } = bench.say(ADA, 'helo');
      const edited = attempt(bench, ADA, (copy) => segmentOf(copy).edits.set(id, edit(id, ADA, 'hello')));
      expect(edited.changes).to.deep.equal([{ type: 'edit', value: edit(id, ADA, 'hello') }]);
      const again = attempt(bench, ADA, (copy) => segmentOf(copy).edits.set(id, edit(id, ADA, 'hello!')));
      expect(again.rule).to.equal(null);
      const value = reaction(id, BOB);
      const reacted = attempt(bench, BOB, (copy) => segmentOf(copy).reactions.set(reactionKey(value), value));
      expect(reacted.changes).to.deep.equal([{ type: 'react', value }]);
      expect(readMessages(bench.doc)[0]).to.deep.include({ text: 'hello!', reactions: { '👍': [BOB] } });
      const ended = attempt(bench, BOB, (copy) => segmentOf(copy).reactions.delete(reactionKey(value)));
      expect(ended.changes).to.deep.equal([{ type: 'unreact', value }]);
      const deleted = attempt(bench, ADA, (copy) => segmentOf(copy).messages.delete(0, 1));
      expect(deleted.changes).to.deep.equal([{ type: 'delete', message: id, by: ADA }]);
    });

    it('takes messages of two clients that wrote at the same moment, and all copies agree', () => {
      const [left, right] = [bench.copy(), bench.copy()];
      appendMessage(left, { author: ADA, text: 'left' });
      appendMessage(right, { author: BOB, text: 'right' });
      bench.send(ADA, bench.missing(left));
      bench.send(BOB, bench.missing(right));
      bench.pull(left);
      bench.pull(right);
      expect(readMessages(left)).to.deep.equal(readMessages(right)).and.to.have.length(2);
    });

    it('takes an edit and a reaction of a message that was deleted meanwhile, and leaves nothing of them', () => {
      const { id } = bench.say(ADA, 'going');
      const [author, reader] = [bench.copy(), bench.copy()];
      expect(attempt(bench, BOB, (copy) => segmentOf(copy).messages.delete(0, 1), 'admin').rule).to.equal(
        null,
      );
      segmentOf(author).edits.set(id, edit(id, ADA, 'staying'));
      expect(bench.send(ADA, bench.missing(author)).rule).to.equal(null);
      const value = reaction(id, BOB);
      segmentOf(reader).reactions.set(reactionKey(value), value);
      expect(bench.send(BOB, bench.missing(reader)).rule).to.equal(null);
      bench.pull(author);
      for (const doc of [bench.doc, author]) {
        expect([...segmentOf(doc).edits.keys(), ...segmentOf(doc).reactions.keys()]).to.deep.equal([]);
      }
      // its clock has no gap: the author goes on writing
      appendMessage(author, { author: ADA, text: 'and on' });
      expect(bench.send(ADA, bench.missing(author)).rule).to.equal(null);
    });

    it('takes many edits and reactions that were replaced before they were sent', () => {
      const { id } = bench.say(ADA, 'mine');
      const copy = bench.copy();
      for (const text of ['one', 'two', 'three', 'four']) segmentOf(copy).edits.set(id, edit(id, ADA, text));
      const value = reaction(id, ADA);
      for (let count = 0; count < 3; count += 1) {
        segmentOf(copy).reactions.set(reactionKey(value), value);
        segmentOf(copy).reactions.delete(reactionKey(value));
      }
      const outcome = bench.send(ADA, bench.missing(copy));
      expect(outcome.rule).to.equal(null);
      expect(outcome.changes.at(-1)).to.deep.equal({ type: 'unreact', value });
      expect(readMessages(bench.doc)[0]).to.deep.include({ text: 'four', reactions: {} });
    });

    it('takes what an undo manager undoes and does again, without effect, and all that follows', () => {
      const copy = bench.copy();
      const manager = new Y.UndoManager(segmentOf(copy).messages, { captureTimeout: 0 });
      const send = (change: () => void): void => {
        expect(bench.send(ADA, updateOf(copy, change)).rule).to.equal(null);
        bench.pull(copy);
      };
      send(() => appendMessage(copy, { author: ADA, text: 'oops' }));
      manager.undo();
      expect(bench.send(ADA, bench.missing(copy)).rule).to.equal(null);
      manager.redo();
      expect(bench.send(ADA, bench.missing(copy)).rule).to.equal(null);
      bench.pull(copy);
      send(() => appendMessage(copy, { author: ADA, text: 'and on' }));
      expect(readMessages(copy)).to.deep.equal(readMessages(bench.doc));
      expect(readMessages(copy).map(({ text }) => text)).to.deep.equal(['and on']);
      manager.destroy();
    });

    it('takes what stays of several messages when one of them was taken back in the same update', () => {
      const copy = bench.copy();
      const said = updateOf(copy, () => {
        for (const text of ['one', 'two', 'three']) appendMessage(copy, { author: ADA, text });
      });
      const taken = updateOf(copy, () => segmentOf(copy).messages.delete(1, 1));
      const outcome = bench.send(ADA, Y.mergeUpdates([said, taken]));
      expect(outcome.rule).to.equal(null);
      expect(outcome.changes).to.have.length(2);
      expect(readMessages(bench.doc).map(({ text }) => text)).to.deep.equal(['one', 'three']);
    });

    it('takes two edits of one message made at the same moment; history follows the one that stays', () => {
      const { id } = bench.say(ADA, 'mine');
      const [phone, laptop] = [bench.copy(), bench.copy()];
      segmentOf(phone).edits.set(id, edit(id, ADA, 'by phone'));
      segmentOf(laptop).edits.set(id, edit(id, ADA, 'by laptop'));
      const changes = [bench.send(ADA, bench.missing(phone)), bench.send(ADA, bench.missing(laptop))].flatMap(
        (outcome) => outcome.changes,
      );
      const shown = readMessages(bench.doc)[0]?.text;
      expect(changes.at(-1)).to.have.nested.property('value.text', shown);
      for (const copy of [phone, laptop]) {
        bench.pull(copy);
        expect(readMessages(copy)[0]?.text).to.equal(shown);
      }
    });

    it('[C8] takes the edits and reactions along with a message that is deleted', () => {
      const { id } = bench.say(ADA, 'mine');
      attempt(bench, ADA, (copy) => segmentOf(copy).edits.set(id, edit(id, ADA, 'secret')));
      const value = reaction(id, BOB);
      attempt(bench, BOB, (copy) => segmentOf(copy).reactions.set(reactionKey(value), value));
      attempt(bench, ADA, (copy) => segmentOf(copy).messages.delete(0, 1));
      expect([...segmentOf(bench.doc).edits.keys(), ...segmentOf(bench.doc).reactions.keys()]).to.deep.equal(
        [],
      );
      expect(Buffer.from(Y.encodeStateAsUpdate(bench.doc)).includes('secret')).to.equal(false);
    });

    it('lets an admin delete what others wrote', () => {
      bench.say(ADA, 'rude');
      expect(attempt(bench, BOB, (copy) => segmentOf(copy).messages.delete(0, 1), 'admin').rule).to.equal(
        null,
      );
    });
  });
});
