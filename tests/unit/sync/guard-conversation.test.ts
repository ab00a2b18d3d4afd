import { appendMessage, limits, messageValue, newId, reactionKey, readMessages } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { ADA, attempt, edit, expectRefused, MALLORY, reaction } from '../../harness/guard-attempts.js';
import { GuardBench, segmentOf, updateOf } from '../../harness/guard-bench.js';

describe('the guard of conversations', () => {
  let bench: GuardBench;

  beforeEach(() => {
    bench = new GuardBench();
  });

  describe('rules of conversations', () => {
    it('[C1] refuses other roots, the server’s meta, and segments made by clients', () => {
      const aMessage = () => messageValue({ author: MALLORY, text: 'x' });
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => copy.getArray('own').push([aMessage()])),
        'C1',
      );
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => copy.getMap('meta').set('mine', 1)),
        'C1',
      );
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => copy.getMap('meta').set('window', 1)),
        'C1',
      );
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => copy.getArray('segments').push([new Y.Map()])),
        'C1',
      );
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) =>
          copy.getArray<Y.Map<unknown>>('segments').get(0).set('messages', 1),
        ),
        'C1',
      );
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => copy.getArray<Y.Map<unknown>>('segments').get(0).set('more', 1)),
        'C1',
      );
    });
    it('[C1] refuses a key in a list, a list in a map, and two values under one key', () => {
      const value = messageValue({ author: MALLORY, text: 'x' });
      const own = bench.say(MALLORY, 'hers').id;
      bench.mark();
      const keyed = attempt(bench, MALLORY, (copy) => {
        Y.Map.prototype.set.call(segmentOf(copy).messages, 'key', value);
      });
      expectRefused(bench, keyed, 'C1');
      const listed = attempt(bench, MALLORY, (copy) => {
        Y.Array.prototype.push.call(segmentOf(copy).edits, [edit(own, MALLORY, 'x')]);
      });
      expectRefused(bench, listed, 'C1');
      const doubled = attempt(bench, MALLORY, (copy) => {
        const content = new Y.ContentAny([edit(own, MALLORY, 'x'), edit(own, MALLORY, 'y')]);
        const id = Y.createID(copy.clientID, 0);
        const item = new Y.Item(id, null, null, null, null, segmentOf(copy).edits, own, content);
        copy.transact((transaction) => item.integrate(transaction, 0));
      });
      expectRefused(bench, doubled, 'C1');
    });
    it('[C6] [C7] refuses edits and reactions that lie in another segment than their message', () => {
      bench = new GuardBench({ segmentMessages: 2 });
      const { id } = bench.say(MALLORY, 'first segment');
      bench.say(MALLORY, 'first segment');
      bench.say(MALLORY, 'second segment');
      bench.mark();
      const edited = attempt(bench, MALLORY, (copy) =>
        segmentOf(copy, 1).edits.set(id, edit(id, MALLORY, 'x')),
      );
      expectRefused(bench, edited, 'C6');
      const value = reaction(id, MALLORY);
      const reacted = attempt(bench, MALLORY, (copy) =>
        segmentOf(copy, 1).reactions.set(reactionKey(value), value),
      );
      expectRefused(bench, reacted, 'C7');
    });
    it('[C6] refuses an edit of one’s own message in somebody else’s name', () => {
      const { id } = bench.say(MALLORY, 'hers');
      bench.mark();
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).edits.set(id, edit(id, ADA, 'x'))),
        'C6',
      );
    });
    it('[C8] refuses to delete what is no message, should one ever stand there', () => {
      segmentOf(bench.doc).messages.push([{ strange: true }]);
      bench.mark();
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.delete(0, 1), 'admin'),
        'C8',
      );
    });
    it('[C2] refuses a value under a key that is put before another', () => {
      const { id } = bench.say(MALLORY, 'hers');
      attempt(bench, MALLORY, (copy) => segmentOf(copy).edits.set(id, edit(id, MALLORY, 'one')));
      bench.mark();
      const before = attempt(bench, MALLORY, (copy) => {
        const { edits } = segmentOf(copy);
        const right = edits._map.get(id) ?? null;
        const content = new Y.ContentAny([edit(id, MALLORY, 'two')]);
        const item = new Y.Item(
          Y.createID(copy.clientID, 0),
          null,
          null,
          right,
          right?.id ?? null,
          edits,
          id,
          content,
        );
        copy.transact((transaction) => item.integrate(transaction, 0));
      });
      expectRefused(bench, before, 'C2');
    });
    it('[C2] refuses a message put before another', () => {
      bench.say(ADA, 'first');
      bench.mark();
      const value = messageValue({ author: MALLORY, text: 'I was here before' });
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.insert(0, [value])),
        'C2',
      );
    });
    it('[C3] refuses values that are no messages', () => {
      const good = messageValue({ author: MALLORY, text: 'x' });
      const bad: unknown[] = [
        'text',
        null,
        { ...good, more: 1 },
        { ...good, id: 'short' },
        { ...good, text: 7 },
        { ...good, text: '   ' },
        { ...good, text: 'x'.repeat(limits.textCharacters.value + 1) },
        { ...good, sentAt: -1 },
        { ...good, v: 2 },
        { ...good, mentions: Array.from({ length: limits.mentionsPerMessage.value + 1 }, () => 'u') },
      ];
      for (const value of bad) {
        expectRefused(
          bench,
          attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.push([value])),
          'C3',
        );
      }
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.push([new Y.Text('x')])),
        'C3',
      );
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.push([new Uint8Array(3)])),
        'C3',
      );
    });
    it('[C4] refuses a message in somebody else’s name', () => {
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => appendMessage(copy, { author: ADA, text: 'I quit' })),
        'C4',
      );
    });
    it('[C4] judges every value of an item, whichever of them is taken back beside it', () => {
      const forged = messageValue({ author: ADA, text: 'I quit' });
      const own = messageValue({ author: MALLORY, text: 'cover' });
      for (const [values, at] of [
        [[forged, own], 1],
        [[own, forged], 0],
      ] as const) {
        const copy = bench.copy();
        const said = updateOf(copy, () => segmentOf(copy).messages.push([...values]));
        const taken = updateOf(copy, () => segmentOf(copy).messages.delete(at, 1));
        expectRefused(bench, bench.send(MALLORY, Y.mergeUpdates([said, taken])), 'C4');
      }
    });
    it('[C5] refuses a message id that is taken', () => {
      const { id } = bench.say(ADA, 'original');
      bench.mark();
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => appendMessage(copy, { author: MALLORY, text: 'x', id })),
        'C5',
      );
    });
    it('[C5] refuses one id twice in one update', () => {
      const value = messageValue({ author: MALLORY, text: 'x' });
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.push([value, value])),
        'C5',
      );
    });
    it('[C5] takes its author’s own id again without effect: the first words stay, and so does a deletion', () => {
      const kept = bench.say(ADA, 'first words');
      const gone = bench.say(ADA, 'gone');
      attempt(bench, ADA, (copy) => segmentOf(copy).messages.delete(1, 1));
      for (const id of [kept.id, gone.id]) {
        const outcome = attempt(bench, ADA, (copy) =>
          appendMessage(copy, { author: ADA, text: 'other words', id }),
        );
        expect(outcome).to.deep.include({ rule: null, changes: [] });
      }
      expect(segmentOf(bench.doc).messages.toArray()).to.deep.equal([kept]);
    });
    it('[C7] refuses more different reactions of one person on one message than the limit', () => {
      const { id } = bench.say(MALLORY, 'hers');
      const emoji = [...'😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓😔'];
      const add = (list: readonly string[]) => (copy: Y.Doc) => {
        for (const each of list) {
          const value = reaction(id, MALLORY, each);
          segmentOf(copy).reactions.set(reactionKey(value), value);
        }
      };
      bench.mark();
      expect(emoji.length).to.equal(limits.reactionsPerPerson.value + 1);
      expectRefused(bench, attempt(bench, MALLORY, add(emoji)), 'C7');
      expect(attempt(bench, MALLORY, add(emoji.slice(1))).rule).to.equal(null);
      bench.mark();
      expectRefused(bench, attempt(bench, MALLORY, add(emoji.slice(0, 1))), 'C7');
      expect(attempt(bench, MALLORY, add(emoji.slice(1, 3))).rule, 'setting one again adds none').to.equal(
        null,
      );
    });
    it('takes an edit back when its author undoes it; history has the first words again', () => {
      const { id } = bench.say(ADA, 'first words');
      attempt(bench, ADA, (copy) => segmentOf(copy).edits.set(id, edit(id, ADA, 'other words')));
      const outcome = attempt(bench, ADA, (copy) => segmentOf(copy).edits.delete(id));
      expect(outcome.changes[0]).to.have.nested.property('value.text', 'first words');
      expect(readMessages(bench.doc)[0]?.text).to.equal('first words');
    });
    it('keeps one copy of a message that its author sends again under another client id', () => {
      const value = bench.say(ADA, 'again');
      const outcome = attempt(bench, ADA, (copy) => segmentOf(copy).messages.push([value]));
      expect(outcome).to.deep.include({ rule: null, changes: [] });
      expect(segmentOf(bench.doc).messages.toArray()).to.deep.equal([value]);
    });
    it('[C6] refuses edits by others, under a wrong key, of unknown messages, of a wrong shape', () => {
      const { id } = bench.say(ADA, 'mine');
      const other = bench.say(MALLORY, 'hers').id;
      bench.mark();
      const set = (key: string, value: unknown) =>
        attempt(bench, MALLORY, (copy) => segmentOf(copy).edits.set(key, value));
      expectRefused(bench, set(id, edit(id, MALLORY, 'x')), 'C6');
      expectRefused(bench, set(id, edit(id, ADA, 'x')), 'C6');
      expectRefused(bench, set(other, edit(id, MALLORY, 'x')), 'C6');
      expectRefused(bench, set(newId(), edit(newId(), MALLORY, 'x')), 'C6');
      expectRefused(bench, set(other, { ...edit(other, MALLORY, 'x'), text: 1 }), 'C3');
    });
    it('[C7] refuses reactions in somebody else’s name, under a wrong key, on unknown messages', () => {
      const { id } = bench.say(ADA, 'mine');
      bench.mark();
      const set = (key: string, value: unknown) =>
        attempt(bench, MALLORY, (copy) => segmentOf(copy).reactions.set(key, value));
      expectRefused(bench, set(reactionKey(reaction(id, ADA)), reaction(id, ADA)), 'C7');
      expectRefused(bench, set('key', reaction(id, MALLORY)), 'C7');
    });
    it('[C3] refuses a reaction that is no emoji', () => {
      const { id } = bench.say(MALLORY, 'mine');
      bench.mark();
      for (const emoji of ['constructor', '__proto__', '1', '', 'x👍', '👍'.repeat(40)]) {
        const value = reaction(id, MALLORY, emoji);
        expectRefused(
          bench,
          attempt(bench, MALLORY, (copy) => segmentOf(copy).reactions.set(reactionKey(value), value)),
          'C3',
        );
      }
      for (const emoji of ['👍🏽', '❤', '❤️', '👩‍👩‍👧‍👦', '🇨🇭', '1️⃣', '🏴󠁧󠁢󠁳󠁣󠁴󠁿']) {
        const value = reaction(id, MALLORY, emoji);
        expect(
          attempt(bench, MALLORY, (copy) => segmentOf(copy).reactions.set(reactionKey(value), value)).rule,
        ).to.equal(null);
      }
    });
    it('[C6] [C7] refuses to overwrite somebody else’s edit or reaction by something taken back', () => {
      const { id } = bench.say(ADA, 'mine');
      attempt(bench, ADA, (copy) => segmentOf(copy).edits.set(id, edit(id, ADA, 'mine!')));
      const key = reactionKey(reaction(id, ADA));
      attempt(bench, ADA, (copy) => segmentOf(copy).reactions.set(key, reaction(id, ADA)));
      bench.mark();
      for (const [part, at, rule] of [
        ['edits', id, 'C6'],
        ['reactions', key, 'C7'],
        ['reactions', 'nonsense', 'C7'],
      ] as const) {
        // taken back and collected before it is sent
        const collected = bench.copy();
        segmentOf(collected)[part].set(at, 'anything');
        segmentOf(collected)[part].delete(at);
        expectRefused(bench, bench.send(MALLORY, bench.missing(collected)), rule);
        // and not collected: both halves in one update
        const merged = bench.copy();
        const set = updateOf(merged, () => segmentOf(merged)[part].set(at, 'anything'));
        const taken = updateOf(merged, () => segmentOf(merged)[part].delete(at));
        expectRefused(bench, bench.send(MALLORY, Y.mergeUpdates([set, taken])), rule);
      }
    });
    it('[C8] refuses to delete what is not one’s own', () => {
      const { id } = bench.say(ADA, 'mine');
      attempt(bench, ADA, (copy) => segmentOf(copy).edits.set(id, edit(id, ADA, 'mine!')));
      const value = reaction(id, ADA);
      attempt(bench, ADA, (copy) => segmentOf(copy).reactions.set(reactionKey(value), value));
      bench.mark();
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.delete(0, 1)),
        'C8',
      );
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).reactions.delete(reactionKey(value))),
        'C8',
      );
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).edits.delete(id)),
        'C8',
      );
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => copy.getArray('segments').delete(0, 1), 'admin'),
        'C8',
      );
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => copy.getMap('meta').delete('window'), 'admin'),
        'C8',
      );
      expectRefused(
        bench,
        attempt(
          bench,
          MALLORY,
          (copy) => copy.getArray<Y.Map<unknown>>('segments').get(0).delete('messages'),
          'admin',
        ),
        'C8',
      );
    });
    it('[C8] refuses an update that deletes others’ messages among its own as a whole', () => {
      bench.say(ADA, 'mine');
      bench.say(MALLORY, 'hers');
      bench.mark();
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.delete(0, 2)),
        'C8',
      );
    });
    it('[C9] takes a file of the author’s, once and in one message', () => {
      for (const id of ['one', 'two'])
        bench.view.perform({ type: 'offerFile', file: { id, owner: MALLORY } });
      bench.view.perform({ type: 'offerFile', file: { id: 'hers', owner: ADA } });
      bench.mark();
      const say = (...messages: readonly (readonly string[])[]) =>
        attempt(bench, MALLORY, (copy) => {
          for (const files of messages) appendMessage(copy, { author: MALLORY, text: '', files });
        });
      expectRefused(bench, say(['hers']), 'C9');
      expectRefused(bench, say(['one', 'hers']), 'C9');
      expectRefused(bench, say(['one', 'one']), 'C9');
      expectRefused(bench, say(['one'], ['two', 'one']), 'C9');
      expect(say(['one'], ['two']).rule).to.equal(null);
      bench.mark();
      expectRefused(bench, say(['one']), 'C9');
      attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.delete(0, 2));
      bench.mark();
      expectRefused(bench, say(['one']), 'C9');
    });
    it('[C9] takes a file no more once it was withdrawn, and withdraws none that is in a message', () => {
      for (const id of ['one', 'two']) bench.view.perform({ type: 'offerFile', file: { id, owner: ADA } });
      bench.view.perform({ type: 'withdrawFile', id: 'one' });
      expect(() => bench.say(ADA, 'look', { files: ['one'] })).to.throw('refused by C9');
      bench.say(ADA, 'look', { files: ['two'] });
      expect(() => bench.view.perform({ type: 'withdrawFile', id: 'two' })).to.throw('The state has changed');
    });
    it('[C9] takes a message with a file a second time', () => {
      bench.view.perform({ type: 'offerFile', file: { id: 'one', owner: ADA } });
      const { id } = bench.say(ADA, 'look', { files: ['one'] });
      expect(bench.say(ADA, 'look', { id, files: ['one'] }).id).to.equal(id);
    });
    it('[C9] refuses a file that is not known to be the author’s', () => {
      const value = { ...messageValue({ author: MALLORY, text: 'x' }), files: ['file'] };
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.push([value])),
        'C9',
      );
    });
  });
});
