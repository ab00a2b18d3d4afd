import { createConversationKind } from '@parley/server/internal/features/messages/document/conversation-kind';
import { type CompleteKind, completeKind } from '@parley/server/internal/sync/complete-kind';
import { Answers } from '@parley/server/internal/sync/document/answers';
import { LiveDocument } from '@parley/server/internal/sync/document/live-document';
import type { Peer } from '@parley/server/internal/sync/document/peer';
import {
  appendMessage,
  decodeFrame,
  type ErrorCode,
  messageValue,
  readMessages,
  type SyncFrame,
} from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { updateOf } from '../../harness/guard-bench.js';
import { MemoryLog } from '../../harness/memory-log.js';
import { silentLog } from '../../harness/silent-log.js';
import { unmetered } from '../../harness/unmetered.js';

/** A peer that keeps what it hears, and a copy of the document that follows it. */
class TestPeer implements Peer {
  readonly doc = new Y.Doc();
  readonly frames: SyncFrame[] = [];
  readonly handledUpTo: number[] = [];
  readonly refusedRules: string[] = [];
  readonly actor;
  readonly access = 'write' as const;
  readonly acks = true;
  closedWith: ErrorCode | null = null;
  /** Whether more of the document can be sent to it. */
  takesMore = true;
  caughtUpAt: number | null = null;

  constructor(userId: string) {
    this.actor = { userId, sessionId: `session of ${userId}`, name: userId };
  }

  send(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    this.frames.push(frame);
    if (frame.type === 'reply' || frame.type === 'update') Y.applyUpdate(this.doc, frame.bytes);
  }

  relay(bytes: Uint8Array): boolean {
    this.send(bytes);
    return this.takesMore;
  }

  caughtUp(): void {
    this.caughtUpAt = this.frames.length;
  }

  handled(nth: number): void {
    this.handledUpTo.push(nth);
  }

  refused(_nth: number, { rule }: { rule: string }): void {
    this.refusedRules.push(rule);
  }

  close(code: ErrorCode): void {
    this.closedWith = code;
  }

  get texts(): string[] {
    return readMessages(this.doc).map(({ text }) => text);
  }

  count(type: SyncFrame['type']): number {
    return this.frames.filter((frame) => frame.type === type).length;
  }
}

const unused = (): never => {
  throw new Error('not reached here');
};

/** The conversation kind with nothing behind it but an empty history. */
const kindOf = (): CompleteKind => {
  const nobody = { find: () => ({ lean: () => Promise.resolve([]) }) };
  return completeKind(
    createConversationKind({
      models: { messages: nobody as never, conversations: nobody as never, memberships: nobody as never },
      access: unused,
      windowMessages: 500,
      segmentMessages: 100,
    }),
  );
};

const answerOf = (peer: TestPeer): Uint8Array | undefined => {
  const reply = peer.frames.find((frame) => frame.type === 'reply');
  return reply?.type === 'reply' ? reply.bytes : undefined;
};

const turns = async (count = 5): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
};

describe('a live document', () => {
  let log: MemoryLog;
  let document: LiveDocument;
  const left: string[] = [];

  const open = (): Promise<LiveDocument> =>
    LiveDocument.load('c1', kindOf(), {
      ...log,
      store: log.store,
      writer: log.writer,
      projector: log.projector,
      log: silentLog,
      meter: unmetered,
      snapshotEvery: 1_000,
      generationClients: 1_000,
      generationDeadBytes: 256 * 1024,
      generationMs: 0,
      idleMs: 60_000,
      onLeave: (_id, reason) => left.push(reason),
    });

  const join = async (userId: string): Promise<TestPeer> => {
    const peer = new TestPeer(userId);
    document.attach(peer);
    document.answered(peer);
    document.answer(peer, Y.encodeStateVector(peer.doc));
    await turns();
    return peer;
  };

  const say = (peer: TestPeer, nth: number, text: string): void => {
    const bytes = updateOf(peer.doc, () => appendMessage(peer.doc, { author: peer.actor.userId, text }));
    document.submit(peer, nth, bytes);
  };

  beforeEach(async () => {
    left.length = 0;
    log = new MemoryLog();
    document = await open();
  });

  afterEach(async () => {
    log.holding = false;
    log.release();
    await document.unload();
  });

  it('[O1] neither acknowledges nor relays before the log holds it', async () => {
    const [ada, bob] = [await join('ada'), await join('bob')];
    log.holding = true;
    say(ada, 1, 'hello');
    await log.waiting();
    await turns();
    expect(ada.handledUpTo).to.deep.equal([]);
    expect(bob.texts).to.deep.equal([]);
    log.release();
    await turns();
    expect(ada.handledUpTo).to.deep.equal([1]);
    expect(bob.texts).to.deep.equal(['hello']);
  });

  it('[O2] answers a joiner only with what is stored', async () => {
    const ada = await join('ada');
    log.holding = true;
    say(ada, 1, 'not yet');
    await log.waiting();
    const bob = await join('bob');
    expect(bob.count('reply')).to.equal(0);
    log.release();
    await turns();
    expect(bob.count('reply')).to.equal(1);
    expect(bob.texts).to.deep.equal(['not yet']);
  });

  it('[O2] forgets what was never stored when the log gives up, and sends everybody away to come back', async () => {
    const [ada, bob] = [await join('ada'), await join('bob')];
    log.holding = true;
    say(ada, 1, 'lost');
    await log.waiting();
    log.fail();
    await turns();
    expect([ada.closedWith, bob.closedWith]).to.deep.equal(['UNAVAILABLE', 'UNAVAILABLE']);
    expect(ada.handledUpTo).to.deep.equal([]);
    expect(bob.texts).to.deep.equal([]);
    expect(left).to.deep.equal(['failed']);
  });

  it('[O3] relays the bytes of the log, one update for all that came in together', async () => {
    const [ada, bob] = [await join('ada'), await join('bob')];
    const before = bob.count('update');
    for (let nth = 1; nth <= 10; nth += 1) say(ada, nth, `number ${nth}`);
    await turns();
    expect(bob.count('update') - before).to.equal(1);
    const relayed = bob.frames.findLast((frame) => frame.type === 'update');
    expect(relayed?.type === 'update' ? [...relayed.bytes] : null).to.deep.equal([
      ...(log.entries.at(-1)?.bytes ?? []),
    ]);
    expect(ada.handledUpTo).to.deep.equal([10]);
    expect(bob.texts).to.have.length(10);
  });

  it('[O5] judges the same work anew when another writer was faster, and loses neither side’s', async () => {
    const ada = await join('ada');
    const other = await open();
    const rival = new TestPeer('bob');
    other.attach(rival);
    other.answer(rival, Y.encodeStateVector(rival.doc));
    await turns();
    other.submit(
      rival,
      1,
      updateOf(rival.doc, () => appendMessage(rival.doc, { author: 'bob', text: 'first' })),
    );
    await turns();
    say(ada, 1, 'second');
    await turns(20);
    expect(ada.handledUpTo).to.deep.equal([1]);
    expect(ada.texts.toSorted()).to.deep.equal(['first', 'second']);
    expect(log.entries.map(({ position }) => position)).to.deep.equal([1, 2, 3]);
    await other.unload();
  });

  it('[O5] tells the numbers of what another writer brought', async () => {
    const ada = await join('ada');
    const other = await open();
    const rival = new TestPeer('bob');
    other.attach(rival);
    other.answer(rival, Y.encodeStateVector(rival.doc));
    await turns();
    const told = (): number => ada.frames.filter((frame) => frame.type === 'notice').length;
    const before = told();
    const ofRival = updateOf(rival.doc, () => appendMessage(rival.doc, { author: 'bob', text: 'first' }));
    other.submit(rival, 1, ofRival);
    await turns();
    say(ada, 1, 'second');
    await turns(20);
    // The bench has no history: nothing else tells a number here.
    expect(told()).to.equal(before + 1);
    await other.unload();
  });

  it('[O5] answers every piece of work once when another writer was faster, refused ones too', async () => {
    const ada = await join('ada');
    const other = await open();
    const rival = new TestPeer('bob');
    other.attach(rival);
    other.answer(rival, Y.encodeStateVector(rival.doc));
    await turns();
    const ofRival = updateOf(rival.doc, () => appendMessage(rival.doc, { author: 'bob', text: 'first' }));
    other.submit(rival, 1, ofRival);
    await turns();
    say(ada, 1, 'second');
    document.submit(ada, 2, new Uint8Array([9, 9, 9]));
    await turns(20);
    expect(ada.refusedRules).to.deep.equal(['D1']);
    expect(ada.handledUpTo).to.deep.equal([2]);
    await other.unload();
  });

  /** A peer that has just been sent more than it takes: `number 1`, and nothing since. */
  const joinSlowly = async (writer: TestPeer): Promise<TestPeer> => {
    const slow = await join('slow');
    slow.takesMore = false;
    say(writer, 1, 'number 1');
    await turns();
    slow.frames.length = 0;
    return slow;
  };

  it('[K10] sends a reader that is behind nothing more of the document', async () => {
    const ada = await join('ada');
    const slow = await joinSlowly(ada);
    for (let nth = 2; nth <= 20; nth += 1) {
      say(ada, nth, `number ${nth}`);
      await turns();
    }
    expect(ada.texts).to.have.length(20);
    expect(slow.count('update')).to.equal(0);
    document.answer(slow, Y.encodeStateVector(slow.doc));
    await turns();
    expect(slow.count('reply'), 'not even when it asks').to.equal(0);
  });

  it('[K12] catches a slow reader up with one answer, then access, numbers and presence, and goes on live', async () => {
    const ada = await join('ada');
    const slow = await joinSlowly(ada);
    for (let nth = 2; nth <= 20; nth += 1) {
      say(ada, nth, `number ${nth}`);
      await turns();
    }
    slow.takesMore = true;
    slow.frames.length = 0;
    document.drained(slow);
    await turns();
    expect(slow.frames.map(({ type }) => type)).to.deep.equal(['reply', 'notice', 'notice', 'awareness']);
    expect(slow.caughtUpAt, 'right after the answer').to.equal(1);
    const [answer] = slow.frames;
    const before = new Y.Doc();
    if (answer?.type === 'reply') Y.applyUpdate(before, answer.bytes);
    expect(before.store.pendingStructs, 'only what it missed').to.not.equal(null);
    expect(Y.encodeStateAsUpdate(slow.doc)).to.deep.equal(Y.encodeStateAsUpdate(ada.doc));
    say(ada, 21, 'live');
    await turns();
    expect(slow.texts.at(-1)).to.equal('live');
    expect(slow.count('reply')).to.equal(1);
  });

  it('[K12] [O2] catches a slow reader up only with what is stored', async () => {
    const ada = await join('ada');
    const slow = await joinSlowly(ada);
    log.holding = true;
    say(ada, 2, 'number 2');
    await log.waiting();
    slow.takesMore = true;
    document.drained(slow);
    await turns();
    expect(slow.count('reply')).to.equal(0);
    log.release();
    await turns();
    expect(slow.texts).to.deep.equal(['number 1', 'number 2']);
  });

  it('[K12] misses nothing for a reader that is behind again at once', async () => {
    const ada = await join('ada');
    const slow = await joinSlowly(ada);
    say(ada, 2, 'number 2');
    await turns();
    document.drained(slow);
    await turns();
    expect(slow.caughtUpAt, 'the answer was more than it takes').to.equal(null);
    say(ada, 3, 'number 3');
    await turns();
    expect(slow.texts).to.deep.equal(['number 1', 'number 2']);
    slow.takesMore = true;
    document.drained(slow);
    await turns();
    expect(slow.texts).to.deep.equal(['number 1', 'number 2', 'number 3']);
    expect(slow.count('reply')).to.equal(2);
  });

  it('[K10] sends nothing to a reader that is behind again before its turn to be caught up came', async () => {
    const ada = await join('ada');
    const slow = await join('slow');
    log.holding = true;
    say(ada, 1, 'number 1');
    await log.waiting();
    // of presence only, so far
    document.drained(slow);
    slow.takesMore = false;
    log.release();
    await turns();
    expect(slow.texts).to.deep.equal(['number 1']);
    expect(slow.count('reply'), 'that of joining').to.equal(1);
    expect(slow.caughtUpAt).to.equal(null);
    slow.takesMore = true;
    document.drained(slow);
    await turns();
    expect(slow.count('reply')).to.equal(2);
    expect(slow.caughtUpAt).to.not.equal(null);
  });

  it('[K12] catches a slow reader up from what it has asked with meanwhile', async () => {
    const ada = await join('ada');
    const slow = await joinSlowly(ada);
    document.answer(slow, Y.encodeStateVector(new Y.Doc()));
    await turns();
    slow.takesMore = true;
    document.drained(slow);
    await turns();
    const reply = slow.frames.find((frame) => frame.type === 'reply');
    const fresh = new Y.Doc();
    if (reply?.type === 'reply') Y.applyUpdate(fresh, reply.bytes);
    expect(readMessages(fresh).map(({ text }) => text)).to.deep.equal(['number 1']);
  });

  it('[K12] [K8] asks a slow reader again that may not have heard the question', async () => {
    const ada = await join('ada');
    const slow = await joinSlowly(ada);
    appendMessage(slow.doc, { author: 'slow', text: 'kept back' });
    say(slow, 1, 'too early');
    await turns();
    expect(slow.refusedRules).to.deep.equal(['G4']);
    slow.takesMore = true;
    slow.frames.length = 0;
    document.drained(slow);
    await turns();
    expect(slow.count('stateVector')).to.equal(1);
  });

  it('[K12] [O5] catches a slow reader up across another writer’s entry', async () => {
    const ada = await join('ada');
    const slow = await joinSlowly(ada);
    const other = await open();
    const rival = new TestPeer('bob');
    other.attach(rival);
    other.answer(rival, Y.encodeStateVector(rival.doc));
    await turns();
    other.submit(
      rival,
      1,
      updateOf(rival.doc, () => appendMessage(rival.doc, { author: 'bob', text: 'of another' })),
    );
    await turns();
    say(ada, 2, 'number 2');
    await turns(20);
    expect(slow.frames).to.deep.equal([]);
    slow.takesMore = true;
    document.drained(slow);
    await turns();
    expect(Y.encodeStateAsUpdate(slow.doc)).to.deep.equal(Y.encodeStateAsUpdate(ada.doc));
    expect(slow.texts).to.have.length(3);
    await other.unload();
  });

  it('[K3] asks what a newcomer has before it tells anything', async () => {
    const ada = await join('ada');
    expect(ada.frames.map(({ type }) => type)).to.deep.equal(['notice', 'stateVector', 'reply', 'notice']);
  });

  it('[K8] asks again after a gap, and takes the whole answer', async () => {
    const ada = await join('ada');
    const asked = ada.count('stateVector');
    appendMessage(ada.doc, { author: 'ada', text: 'kept back' });
    say(ada, 1, 'too early');
    await turns();
    expect(ada.refusedRules).to.deep.equal(['G4']);
    expect(ada.count('stateVector')).to.equal(asked + 1);
    say(ada, 2, 'and again');
    await turns();
    expect(ada.count('stateVector'), 'asked once until it answers').to.equal(asked + 1);
    const vector = ada.frames.findLast((frame) => frame.type === 'stateVector');
    if (vector?.type !== 'stateVector') throw new Error('not asked');
    document.submit(ada, 3, Y.encodeStateAsUpdate(ada.doc, vector.bytes));
    await turns();
    expect(ada.handledUpTo).to.deep.equal([1, 2, 3]);
    expect(log.projectedBatches.at(-1)?.changes).to.have.length(3);
  });

  it('carries out a command and tells everybody', async () => {
    const bob = await join('bob');
    await document.perform({ type: 'append', value: messageValue({ author: 'ada', text: 'by procedure' }) });
    expect(bob.texts).to.deep.equal(['by procedure']);
  });

  it('says to a command what went wrong and changes nothing', async () => {
    const value = messageValue({ author: 'ada', text: 'mine' });
    await document.perform({ type: 'append', value });
    const stored = log.entries.length;
    const failure = await document
      .perform({ type: 'append', value: { ...value, author: 'mallory' } })
      .catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'MESSAGE_ID_TAKEN');
    expect(log.entries).to.have.length(stored);
  });

  it('encodes the whole document once for all that join at one moment', async () => {
    const ada = await join('ada');
    say(ada, 1, 'hello');
    await turns();
    const [first, second] = [await join('bob'), await join('eve')];
    expect(answerOf(first)?.buffer).to.equal(answerOf(second)?.buffer);
  });

  it('[K17] encodes one answer for all that come back with the same state, until the next batch', async () => {
    const ada = await join('ada');
    say(ada, 1, 'before');
    await turns();
    const stateVector = Y.encodeStateVector(ada.doc);
    say(ada, 2, 'after');
    await turns();
    const back = async (): Promise<ArrayBufferLike | undefined> => {
      const peer = new TestPeer('bob');
      document.attach(peer);
      document.answer(peer, stateVector);
      await turns();
      expect(peer.frames.at(-2)?.type).to.equal('reply');
      return answerOf(peer)?.buffer;
    };
    const first = await back();
    expect(await back()).to.equal(first);
    say(ada, 3, 'later still');
    await turns();
    expect(await back()).not.to.equal(first);
  });

  it('[K17] lets other work between many different answers', async () => {
    const ada = await join('ada');
    const peers = Array.from({ length: 100 }, (_, index) => {
      const peer = new TestPeer(`user-${index}`);
      document.attach(peer);
      // Nobody has the same.
      peer.doc.clientID = 10_000 + index;
      peer.doc.getMap('own').set('key', index);
      document.answer(peer, Y.encodeStateVector(peer.doc));
      return peer;
    });
    say(ada, 1, 'in between');
    while (ada.handledUpTo.length === 0) await turns(1);
    const answered = peers.filter((peer) => answerOf(peer) !== undefined).length;
    expect(answered).to.be.within(1, 50);
    while (peers.some((peer) => answerOf(peer) === undefined)) await turns(1);
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

  it('leaves a snapshot when it unloads, from which it opens again with its owners', async () => {
    const ada = await join('ada');
    say(ada, 1, 'kept');
    await turns();
    document.detach(ada);
    await document.unload();
    expect(log.snapshots.at(-1)).to.include({ position: 2 });
    log.entries.length = 0;
    document = await open();
    const mallory = await join('mallory');
    expect(mallory.texts).to.deep.equal(['kept']);
    mallory.doc.clientID = ada.doc.clientID;
    say(mallory, 1, 'as Ada');
    await turns();
    expect(mallory.refusedRules).to.deep.equal(['G2']);
  });
});
