import { appendMessage, ByteWriter, limits, messageValue } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { ADA, attempt, expectRefused, hereAs, MALLORY } from '../../harness/guard-attempts.js';
import { GuardBench, type Outcome, segmentOf, updateOf } from '../../harness/guard-bench.js';

const sayAsMallory = (copy: Y.Doc): unknown => appendMessage(copy, { author: MALLORY, text: 'x' });

const ADA_CONNECTED = { actor: { userId: ADA, sessionId: 's', name: ADA }, access: 'write' as const };

const NOTHING = new Uint8Array([0, 0]);

describe('the guard', () => {
  let bench: GuardBench;

  /** Mallory says something under that client id. */
  const writeAs = (client: number): Outcome => bench.change(MALLORY, bench.copy(client), sayAsMallory);

  beforeEach(() => {
    bench = new GuardBench();
  });

  describe('bytes', () => {
    it('[D1] refuses seven bytes that claim 32 million structs', () => {
      expectRefused(bench, bench.send(MALLORY, new Uint8Array([1, 0x80, 0x80, 0x80, 0x10, 1, 0])), 'D1');
    });
    it('[D1] refuses an update cut short anywhere', () => {
      const copy = bench.copy();
      const bytes = updateOf(copy, () => appendMessage(copy, { author: MALLORY, text: 'cut' }));
      for (let end = 0; end < bytes.length; end += 1)
        expectRefused(bench, bench.send(MALLORY, bytes.subarray(0, end)), 'D1');
    });
    it('[D1] refuses an update of the V2 encoding', () => {
      const copy = bench.copy();
      appendMessage(copy, { author: MALLORY, text: 'second version' });
      expectRefused(bench, bench.send(MALLORY, Y.encodeStateAsUpdateV2(copy)), 'D1');
    });
  });

  describe('general rules', () => {
    it('[G1] refuses any change by one who may only read', () => {
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => appendMessage(copy, { author: MALLORY, text: 'hi' }), 'read'),
        'G1',
      );
    });
    it('[G1] refuses a deletion by one who may only read', () => {
      bench.say(MALLORY, 'before the ban');
      bench.mark();
      expectRefused(
        bench,
        attempt(bench, MALLORY, (copy) => segmentOf(copy).messages.delete(0, 1), 'read'),
        'G1',
      );
    });
    it('[G2] refuses structs under a client id that belongs to somebody else', () => {
      const victim = bench.copy();
      bench.change(ADA, victim, () => appendMessage(victim, { author: ADA, text: 'mine' }));
      bench.mark();
      expectRefused(bench, writeAs(victim.clientID), 'G2');
    });
    it('[G2] refuses structs under a client id that somebody else shows presence with', () => {
      const victim = bench.copy();
      bench.presence.update(ADA_CONNECTED, hereAs(victim.clientID), () => true);
      expectRefused(bench, writeAs(victim.clientID), 'G2');
    });
    it('[G2] binds a client id to its first user, presence or not', () => {
      const mine = bench.copy();
      bench.presence.update(ADA_CONNECTED, hereAs(mine.clientID), () => true);
      bench.change(ADA, mine, () => appendMessage(mine, { author: ADA, text: 'mine' }));
      bench.presence.leave(ADA_CONNECTED);
      bench.mark();
      expectRefused(bench, writeAs(mine.clientID), 'G2');
    });
    it('[G3] refuses structs under the server’s own client ids', () => {
      for (const client of [1, 2, 3]) expectRefused(bench, writeAs(client), 'G3');
    });
    it('[G4] refuses a clock in the future', () => {
      const copy = bench.copy();
      appendMessage(copy, { author: MALLORY, text: 'kept back' });
      expectRefused(bench, bench.change(MALLORY, copy, sayAsMallory), 'G4');
    });
    it('[G5] refuses an update that leaves structs out', () => {
      const copy = bench.copy();
      const said = ['one', 'two', 'three'].map((text) =>
        updateOf(copy, () => appendMessage(copy, { author: MALLORY, text })),
      );
      const [first = NOTHING, , third = NOTHING] = said;
      expectRefused(bench, bench.send(MALLORY, Y.mergeUpdates([first, third])), 'G5');
    });
    it('[G6] refuses what hangs on something that was never sent', () => {
      const hidden = bench.copy();
      appendMessage(hidden, { author: MALLORY, text: 'hidden' });
      const copy = bench.copy();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(hidden));
      expectRefused(bench, bench.change(MALLORY, copy, sayAsMallory), 'G6');
    });
    it('[G6] refuses items that hang on each other in a ring', () => {
      // two clients, one struct each: (9000, 0) after (8000, 0), and (8000, 0) after (9000, 0)
      const [one, two] = [
        [0xa8, 0x46],
        [0xc0, 0x3e],
      ];
      const structs = [
        ...[1, ...one, 0, 0x88, ...two, 0, 1, 0x7e],
        ...[1, ...two, 0, 0x88, ...one, 0, 1, 0x7e],
      ];
      const bytes = new Uint8Array([2, ...structs, 0]);
      expectRefused(bench, bench.send(MALLORY, bytes), 'G6');
    });
    it('[G6] refuses a root that nobody made, named by an item that is known already', () => {
      const mine = bench.copy(9000);
      bench.change(MALLORY, mine, sayAsMallory);
      bench.mark();
      const liar = new Y.Doc();
      liar.clientID = 9000;
      liar.getArray('pile').push([1]);
      const other = bench.copy();
      const fresh = updateOf(other, () => appendMessage(other, { author: MALLORY, text: 'fresh' }));
      expectRefused(bench, bench.send(MALLORY, Y.mergeUpdates([Y.encodeStateAsUpdate(liar), fresh])), 'G6');
      expect([...bench.doc.share.keys()]).not.to.include('pile');
    });
    it('[G6] refuses the rest of a known item that says it stands elsewhere', () => {
      for (const [root, key] of [
        ['meta', 'window'],
        ['segments', null],
      ] as const) {
        const mine = bench.copy();
        const first = messageValue({ author: MALLORY, text: 'first' });
        bench.change(MALLORY, mine, () => segmentOf(mine).messages.push([first]));
        bench.mark();
        const second = messageValue({ author: MALLORY, text: 'second' });
        const content = new Y.ContentAny([first, second]);
        const liar = new Y.Doc();
        liar.clientID = mine.clientID;
        const parent = root === 'meta' ? liar.getMap(root) : liar.getArray(root);
        const item = new Y.Item(Y.createID(mine.clientID, 0), null, null, null, null, parent, key, content);
        liar.transact((transaction) => item.integrate(transaction, 0));
        expectRefused(bench, bench.send(MALLORY, Y.encodeStateAsUpdate(liar)), 'G6');
      }
    });
    it('[G6] refuses a known item that says it hangs on something that was never sent', () => {
      const mine = bench.copy();
      const said = messageValue({ author: MALLORY, text: 'said' });
      bench.change(MALLORY, mine, () => segmentOf(mine).messages.push([said]));
      bench.mark();
      const { clientID } = mine;
      const nowhere = Y.createID(99, 0);
      for (const [origin, rightOrigin] of [
        [nowhere, null],
        [null, nowhere],
      ] as const) {
        const liar = new Y.Doc();
        liar.clientID = clientID;
        const parent = liar.getArray('segments');
        const content = new Y.ContentAny([said]);
        const item = new Y.Item(
          Y.createID(clientID, 0),
          null,
          origin,
          null,
          rightOrigin,
          parent,
          null,
          content,
        );
        liar.transact((transaction) => item.integrate(transaction, 0));
        expectRefused(bench, bench.send(MALLORY, Y.encodeStateAsUpdate(liar)), 'G6');
      }
    });
    it('[G8] refuses a few bytes that delete more than the limit', () => {
      const many = (): void => {
        const copy = bench.copy();
        const values = Array.from({ length: limits.updateMessages.value }, () =>
          messageValue({ author: MALLORY, text: 'x' }),
        );
        bench.change(MALLORY, copy, () => segmentOf(copy).messages.push(values));
      };
      bench = new GuardBench({ segmentMessages: 10_000 });
      many();
      many();
      bench.mark();
      const copy = bench.copy();
      const bytes = updateOf(copy, () => segmentOf(copy).messages.delete(0, limits.updateMessages.value + 1));
      expectRefused(bench, bench.send(MALLORY, bytes), 'G8');
    });
    it('[G7] refuses to delete what does not exist', () => {
      const hidden = bench.copy();
      appendMessage(hidden, { author: MALLORY, text: 'hidden' });
      const copy = bench.copy();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(hidden));
      expectRefused(
        bench,
        bench.change(MALLORY, copy, () => segmentOf(copy).messages.delete(0, 1)),
        'G7',
      );
    });
    it('[G8] refuses more client ids in one update than a person can have', () => {
      const updates = Array.from({ length: limits.updateClients.value + 1 }, () => {
        const copy = bench.copy();
        return updateOf(copy, () => appendMessage(copy, { author: MALLORY, text: 'x' }));
      });
      expectRefused(bench, bench.send(MALLORY, Y.mergeUpdates(updates)), 'G8');
    });
    it('[G8] refuses more messages in one update than the limit', () => {
      const copy = bench.copy();
      const many = Array.from({ length: limits.updateMessages.value + 1 }, () =>
        messageValue({ author: MALLORY, text: 'x' }),
      );
      expectRefused(
        bench,
        bench.change(MALLORY, copy, () => segmentOf(copy).messages.push(many)),
        'G8',
      );
    });
    it('[G8] refuses more client ids of one person in a generation, and of nobody else', () => {
      bench.bind(MALLORY, limits.clientsPerPerson.value - 1);
      bench.mark();
      const [one, two] = [bench.copy(), bench.copy()];
      const own = (copy: Y.Doc) =>
        updateOf(copy, () => appendMessage(copy, { author: MALLORY, text: 'one more' }));
      expectRefused(bench, bench.send(MALLORY, Y.mergeUpdates([own(one), own(two)])), 'G8');
      expect(bench.send(MALLORY, own(bench.copy())).rule).to.equal(null);
      bench.mark();
      expectRefused(bench, bench.send(MALLORY, own(bench.copy())), 'G8');
      expect(bench.say(ADA, 'not mine to pay for').text).to.equal('not mine to pay for');
    });
    it('[G8] refuses more elements in one update than the limit, whatever they are', () => {
      const copy = bench.copy();
      const many = Array.from({ length: limits.updateStructs.value + 1 }, () => 0);
      const pushed = bench.change(MALLORY, copy, () => copy.getArray('anything').push(many));
      expectRefused(bench, pushed, 'G8');
    });
    it('[C1] refuses what is said to be deleted where only the server writes, however long', () => {
      // an item whose content says it was deleted, two million elements long, inside root "segments"
      const place = [1, 1, 0xa8, 0x46, 0, 1, 1, 8, ...new TextEncoder().encode('segments')];
      const length = new ByteWriter().varUint(2_000_000).finish();
      expectRefused(bench, bench.send(MALLORY, new Uint8Array([...place, ...length, 0])), 'C1');
    });
  });
});
