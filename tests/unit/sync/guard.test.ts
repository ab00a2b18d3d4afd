import {
  appendMessage,
  limits,
  messageValue,
  newId,
  reactionKey,
  readMessages,
  readWindow,
} from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { GuardBench, segmentOf, updateOf } from '../../harness/guard-bench.js';

const ADA = 'ada';
const BOB = 'bob';
const MALLORY = 'mallory';

/** Sends what the change does to a fresh copy, as this user. */
const attempt = (
  bench: GuardBench,
  userId: string,
  change: (copy: Y.Doc) => void,
  access?: 'read' | 'admin',
) => {
  const copy = bench.copy();
  const bytes = updateOf(copy, () => change(copy));
  return bench.send(userId, bytes, access);
};

const edit = (message: string, author: string, text: string) => ({
  v: 1,
  type: 'edit',
  message,
  author,
  text,
  editedAt: 1,
});
const reaction = (message: string, user: string, emoji = '👍') => ({
  v: 1 as const,
  type: 'reaction' as const,
  message,
  user,
  emoji,
});

describe('the guard', () => {
  let bench: GuardBench;
  let before: Uint8Array;

  beforeEach(() => {
    bench = new GuardBench();
    before = Y.encodeStateAsUpdate(bench.doc);
  });

  const expectRefused = (
    outcome: { rule: string | null; bytes: Uint8Array | null; changes: readonly unknown[] },
    rule: string,
  ) => {
    expect(outcome.rule).to.equal(rule);
    expect(outcome.bytes, 'nothing may be relayed').to.equal(null);
    expect(outcome.changes).to.deep.equal([]);
    expect(Y.encodeStateAsUpdate(bench.doc), 'the document may not change').to.deep.equal(before);
  };

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

  describe('bytes', () => {
    it('[D1] refuses seven bytes that claim 32 million structs', () => {
      expectRefused(bench.send(MALLORY, new Uint8Array([1, 0x80, 0x80, 0x80, 0x10, 1, 0])), 'D1');
    });
    it('[D1] refuses an update cut short anywhere', () => {
      const copy = bench.copy();
      const bytes = updateOf(copy, () => appendMessage(copy, { author: MALLORY, text: 'cut' }));
      for (let end = 0; end < bytes.length; end += 1)
        expectRefused(bench.send(MALLORY, bytes.subarray(0, end)), 'D1');
    });
    it('[D1] refuses an update of the V2 encoding', () => {
      const copy = bench.copy();
      appendMessage(copy, { author: MALLORY, text: 'second version' });
      expectRefused(bench.send(MALLORY, Y.encodeStateAsUpdateV2(copy)), 'D1');
    });
  });

  describe('general rules', () => {
    it('[G1] refuses any change by one who may only read', () => {
      expectRefused(
        attempt(bench, MALLORY, (copy) => appendMessage(copy, { author: MALLORY, text: 'hi' }), 'read'),
        'G1',
      );
    });
    it('[G1] refuses a deletion by one who may only read', () => {
      bench.say(MALLORY, 'before the ban');
      before = Y.encodeStateAsUpdate(bench.doc);
      expectRefused(
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.delete(0, 1), 'read'),
        'G1',
      );
    });
    it('[G2] refuses structs under a client id that belongs to somebody else', () => {
      const victim = bench.copy();
      bench.send(
        ADA,
        updateOf(victim, () => appendMessage(victim, { author: ADA, text: 'mine' })),
      );
      before = Y.encodeStateAsUpdate(bench.doc);
      const thief = bench.copy(victim.clientID);
      expectRefused(
        bench.send(
          MALLORY,
          updateOf(thief, () => appendMessage(thief, { author: MALLORY, text: 'x' })),
        ),
        'G2',
      );
    });
    it('[G2] refuses structs under a client id that somebody else shows presence with', () => {
      const victim = bench.copy();
      const presence = new Uint8Array([1, ...varUint(victim.clientID), 1, 2, 0x7b, 0x7d]);
      bench.presence.update(
        { actor: { userId: ADA, sessionId: 's', name: ADA }, access: 'write' },
        presence,
        () => true,
      );
      const thief = bench.copy(victim.clientID);
      expectRefused(
        bench.send(
          MALLORY,
          updateOf(thief, () => appendMessage(thief, { author: MALLORY, text: 'x' })),
        ),
        'G2',
      );
    });
    it('[G2] binds a client id to its first user, presence or not', () => {
      const mine = bench.copy();
      const presence = new Uint8Array([1, ...varUint(mine.clientID), 1, 2, 0x7b, 0x7d]);
      const sender = { actor: { userId: ADA, sessionId: 's', name: ADA }, access: 'write' as const };
      bench.presence.update(sender, presence, () => true);
      bench.send(
        ADA,
        updateOf(mine, () => appendMessage(mine, { author: ADA, text: 'mine' })),
      );
      bench.presence.leave(sender);
      before = Y.encodeStateAsUpdate(bench.doc);
      const thief = bench.copy(mine.clientID);
      expectRefused(
        bench.send(
          MALLORY,
          updateOf(thief, () => appendMessage(thief, { author: MALLORY, text: 'x' })),
        ),
        'G2',
      );
    });
    it('[G3] refuses structs under the server’s own client ids', () => {
      for (const client of [1, 2, 3]) {
        const copy = bench.copy(client);
        expectRefused(
          bench.send(
            MALLORY,
            updateOf(copy, () => appendMessage(copy, { author: MALLORY, text: 'x' })),
          ),
          'G3',
        );
      }
    });
    it('[G4] refuses a clock in the future', () => {
      const copy = bench.copy();
      appendMessage(copy, { author: MALLORY, text: 'kept back' });
      expectRefused(
        bench.send(
          MALLORY,
          updateOf(copy, () => appendMessage(copy, { author: MALLORY, text: 'x' })),
        ),
        'G4',
      );
    });
    it('[G5] refuses collected structs', () => {
      const copy = bench.copy();
      const map = new Y.Map<unknown>();
      copy.getArray('own').push([map]);
      map.set('inner', 'text');
      copy.getArray('own').delete(0, 1);
      expectRefused(bench.send(MALLORY, bench.missing(copy)), 'G5');
    });
    it('[G6] refuses what hangs on something that was never sent', () => {
      const hidden = bench.copy();
      appendMessage(hidden, { author: MALLORY, text: 'hidden' });
      const copy = bench.copy();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(hidden));
      expectRefused(
        bench.send(
          MALLORY,
          updateOf(copy, () => appendMessage(copy, { author: MALLORY, text: 'x' })),
        ),
        'G6',
      );
    });
    it('[G6] refuses items that hang on each other in a ring', () => {
      // two clients, one struct each: (9, 0) after (8, 0), and (8, 0) after (9, 0)
      const bytes = new Uint8Array([2, 1, 9, 0, 0x88, 8, 0, 1, 0x7e, 1, 8, 0, 0x88, 9, 0, 1, 0x7e, 0]);
      expectRefused(bench.send(MALLORY, bytes), 'G6');
    });
    it('[G6] refuses a root that nobody made, named by an item that is known already', () => {
      const mine = bench.copy(9);
      bench.send(
        MALLORY,
        updateOf(mine, () => appendMessage(mine, { author: MALLORY, text: 'x' })),
      );
      before = Y.encodeStateAsUpdate(bench.doc);
      const liar = new Y.Doc();
      liar.clientID = 9;
      liar.getArray('pile').push([1]);
      const fresh = updateOf(liar, () => liar.getArray('pile').push([2]));
      expectRefused(bench.send(MALLORY, Y.mergeUpdates([Y.encodeStateAsUpdate(liar), fresh])), 'G6');
      expect([...bench.doc.share.keys()]).not.to.include('pile');
    });
    it('[G7] refuses to delete what does not exist', () => {
      const hidden = bench.copy();
      appendMessage(hidden, { author: MALLORY, text: 'hidden' });
      const copy = bench.copy();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(hidden));
      expectRefused(
        bench.send(
          MALLORY,
          updateOf(copy, () => segmentOf(copy).messages.delete(0, 1)),
        ),
        'G7',
      );
    });
    it('[G8] refuses more client ids in one update than a person can have', () => {
      const updates = Array.from({ length: limits.updateClients.value + 1 }, () => {
        const copy = bench.copy();
        return updateOf(copy, () => appendMessage(copy, { author: MALLORY, text: 'x' }));
      });
      expectRefused(bench.send(MALLORY, Y.mergeUpdates(updates)), 'G8');
    });
    it('[G8] refuses more messages in one update than the limit', () => {
      const copy = bench.copy();
      const many = Array.from({ length: limits.updateMessages.value + 1 }, () =>
        messageValue({ author: MALLORY, text: 'x' }),
      );
      expectRefused(
        bench.send(
          MALLORY,
          updateOf(copy, () => segmentOf(copy).messages.push(many)),
        ),
        'G8',
      );
    });
    it('[G8] refuses a claimed length beyond the limit of elements', () => {
      // an item whose content says it was deleted, two million elements long, inside root "segments"
      const bytes = new Uint8Array([
        1,
        1,
        9,
        0,
        1,
        1,
        8,
        ...new TextEncoder().encode('segments'),
        ...varUint(2_000_000),
        0,
      ]);
      expectRefused(bench.send(MALLORY, bytes), 'G8');
    });
  });

  describe('rules of conversations', () => {
    it('[C1] refuses other roots, the server’s meta, and segments made by clients', () => {
      const aMessage = () => messageValue({ author: MALLORY, text: 'x' });
      expectRefused(
        attempt(bench, MALLORY, (copy) => copy.getArray('own').push([aMessage()])),
        'C1',
      );
      expectRefused(
        attempt(bench, MALLORY, (copy) => copy.getMap('meta').set('mine', 1)),
        'C1',
      );
      expectRefused(
        attempt(bench, MALLORY, (copy) => copy.getMap('meta').set('window', 1)),
        'C1',
      );
      expectRefused(
        attempt(bench, MALLORY, (copy) => copy.getArray('segments').push([new Y.Map()])),
        'C1',
      );
      expectRefused(
        attempt(bench, MALLORY, (copy) =>
          copy.getArray<Y.Map<unknown>>('segments').get(0).set('messages', 1),
        ),
        'C1',
      );
      expectRefused(
        attempt(bench, MALLORY, (copy) => copy.getArray<Y.Map<unknown>>('segments').get(0).set('more', 1)),
        'C1',
      );
    });
    it('[C2] refuses a message put before another', () => {
      bench.say(ADA, 'first');
      before = Y.encodeStateAsUpdate(bench.doc);
      const value = messageValue({ author: MALLORY, text: 'I was here before' });
      expectRefused(
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
          attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.push([value])),
          'C3',
        );
      }
      expectRefused(
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.push([new Y.Text('x')])),
        'C3',
      );
      expectRefused(
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.push([new Uint8Array(3)])),
        'C3',
      );
    });
    it('[C4] refuses a message in somebody else’s name', () => {
      expectRefused(
        attempt(bench, MALLORY, (copy) => appendMessage(copy, { author: ADA, text: 'I quit' })),
        'C4',
      );
    });
    it('[C5] refuses a message id that is taken', () => {
      const { id } = bench.say(ADA, 'original');
      before = Y.encodeStateAsUpdate(bench.doc);
      expectRefused(
        attempt(bench, MALLORY, (copy) => appendMessage(copy, { author: MALLORY, text: 'x', id })),
        'C5',
      );
      expectRefused(
        attempt(bench, ADA, (copy) => appendMessage(copy, { author: ADA, text: 'other text', id })),
        'C5',
      );
    });
    it('[C5] refuses one id twice in one update', () => {
      const value = messageValue({ author: MALLORY, text: 'x' });
      expectRefused(
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.push([value, value])),
        'C5',
      );
    });
    it('[C5] refuses the id of a deleted message', () => {
      const { id } = bench.say(ADA, 'gone');
      attempt(bench, ADA, (copy) => segmentOf(copy).messages.delete(0, 1));
      before = Y.encodeStateAsUpdate(bench.doc);
      expectRefused(
        attempt(bench, ADA, (copy) => appendMessage(copy, { author: ADA, text: 'gone', id })),
        'C5',
      );
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
      before = Y.encodeStateAsUpdate(bench.doc);
      const set = (key: string, value: unknown) =>
        attempt(bench, MALLORY, (copy) => segmentOf(copy).edits.set(key, value));
      expectRefused(set(id, edit(id, MALLORY, 'x')), 'C6');
      expectRefused(set(id, edit(id, ADA, 'x')), 'C6');
      expectRefused(set(other, edit(id, MALLORY, 'x')), 'C6');
      expectRefused(set(newId(), edit(newId(), MALLORY, 'x')), 'C6');
      expectRefused(set(other, { ...edit(other, MALLORY, 'x'), text: 1 }), 'C3');
    });
    it('[C7] refuses reactions in somebody else’s name, under a wrong key, on unknown messages', () => {
      const { id } = bench.say(ADA, 'mine');
      before = Y.encodeStateAsUpdate(bench.doc);
      const set = (key: string, value: unknown) =>
        attempt(bench, MALLORY, (copy) => segmentOf(copy).reactions.set(key, value));
      expectRefused(set(reactionKey(reaction(id, ADA)), reaction(id, ADA)), 'C7');
      expectRefused(set('key', reaction(id, MALLORY)), 'C7');
    });
    it('[C3] refuses a reaction that is no emoji', () => {
      const { id } = bench.say(MALLORY, 'mine');
      before = Y.encodeStateAsUpdate(bench.doc);
      for (const emoji of ['constructor', '__proto__', '1', '', 'x👍', '👍'.repeat(40)]) {
        const value = reaction(id, MALLORY, emoji);
        expectRefused(
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
    it('[C8] refuses to delete what is not one’s own', () => {
      const { id } = bench.say(ADA, 'mine');
      attempt(bench, ADA, (copy) => segmentOf(copy).edits.set(id, edit(id, ADA, 'mine!')));
      const value = reaction(id, ADA);
      attempt(bench, ADA, (copy) => segmentOf(copy).reactions.set(reactionKey(value), value));
      before = Y.encodeStateAsUpdate(bench.doc);
      expectRefused(
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.delete(0, 1)),
        'C8',
      );
      expectRefused(
        attempt(bench, MALLORY, (copy) => segmentOf(copy).reactions.delete(reactionKey(value))),
        'C8',
      );
      expectRefused(
        attempt(bench, MALLORY, (copy) => segmentOf(copy).edits.delete(id)),
        'C8',
      );
      expectRefused(
        attempt(bench, ADA, (copy) => segmentOf(copy).edits.delete(id)),
        'C8',
      );
      expectRefused(
        attempt(bench, MALLORY, (copy) => copy.getArray('segments').delete(0, 1), 'admin'),
        'C8',
      );
      expectRefused(
        attempt(bench, MALLORY, (copy) => copy.getMap('meta').delete('window'), 'admin'),
        'C8',
      );
      expectRefused(
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
      before = Y.encodeStateAsUpdate(bench.doc);
      expectRefused(
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.delete(0, 2)),
        'C8',
      );
    });
    it('[C9] refuses a file that is not known to be the author’s', () => {
      const value = { ...messageValue({ author: MALLORY, text: 'x' }), files: ['file'] };
      expectRefused(
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.push([value])),
        'C9',
      );
    });
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
      before = Y.encodeStateAsUpdate(bench.doc);
      expectRefused(bench.send(MALLORY, bench.missing(forger)), 'C4');
      expectRefused(bench.send(MALLORY, bench.missing(vague)), 'C10');
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

    it('[C11] says in meta from which number on all is there', () => {
      bench = small();
      const ids = Array.from({ length: 10 }, (_, index) => bench.say(ADA, `number ${index}`).id);
      const sequenced = ids.map((id, index) => ({ id, seq: index + 1 }));
      bench.view.learn({ documentId: 'conversation-1', sequenced, repeated: [] });
      bench.projectAll();
      bench.tidy();
      expect(readWindow(bench.doc)).to.include({ startSeq: 7 });
    });

    it('[C12] takes out of the document what history held before', () => {
      bench = small();
      const twice = bench.say(ADA, 'twice');
      bench.view.learn({ documentId: 'conversation-1', sequenced: [], repeated: [twice.id] });
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

const varUint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
};
