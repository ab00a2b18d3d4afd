import { EventEmitter } from 'node:events';
import { Connection } from '@parley/server/internal/sync/connection/connection';
import { RefusalPacer } from '@parley/server/internal/sync/connection/refusal-pacer';
import { TokenBucket } from '@parley/server/internal/sync/connection/token-bucket';
import { UserPace } from '@parley/server/internal/sync/connection/user-pace';
import type { LiveDocument } from '@parley/server/internal/sync/document/live-document';
import {
  decodeFrame,
  encodeAwareness,
  encodeReply,
  encodeUpdate,
  limits,
  type SyncFrame,
} from '@parley/shared';
import { expect } from 'chai';
import type { WebSocket } from 'ws';

/** The part of a socket that a connection uses, under a test's thumb. */
class FakeSocket extends EventEmitter {
  readonly sent: SyncFrame[] = [];
  bufferedAmount = 0;
  isPaused = false;
  terminated = false;
  pings = 0;
  closedWith: number | null = null;

  /** Whether what is sent stays in the buffer until `drain`. */
  isStuck = false;
  readonly #callbacks: (() => void)[] = [];

  send(bytes: Uint8Array, _options: object, sent: () => void): void {
    this.sent.push(decodeFrame(bytes));
    if (this.isStuck) this.bufferedAmount += bytes.length;
    this.#callbacks.push(sent);
  }
  /** The other end has read everything. */
  drain(): void {
    this.bufferedAmount = 0;
    for (const sent of this.#callbacks.splice(0)) sent();
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  ping(): void {
    this.pings += 1;
  }
  terminate(): void {
    this.terminated = true;
  }
  close(code: number, reason: string): void {
    // As ws does.
    if (Buffer.byteLength(reason) > 123)
      throw new RangeError('The message must not be greater than 123 bytes');
    this.closedWith = code;
  }
}

/** Which update a frame is about; 0 for frames that are about none. */
const nthOf = (frame: SyncFrame): number => {
  if (frame.type === 'stored') return frame.upTo;
  return frame.type === 'refused' ? frame.refusal.nth : 0;
};

interface Submitted {
  readonly nth: number;
  readonly bytes: number;
}

describe('a connection', () => {
  let socket: FakeSocket;
  let submitted: Submitted[];
  let detached: number;
  let drained: number;
  let connection: Connection;
  let pace: UserPace;

  beforeEach(() => {
    pace = new UserPace();
    socket = new FakeSocket();
    submitted = [];
    detached = 0;
    drained = 0;
    const document = {
      attach: () => undefined,
      answered: () => undefined,
      detach: () => {
        detached += 1;
      },
      drained: () => {
        drained += 1;
      },
      submit: (_peer: unknown, nth: number, bytes: Uint8Array) =>
        submitted.push({ nth, bytes: bytes.length }),
    };
    connection = new Connection({
      socket: socket as unknown as WebSocket,
      actor: { userId: 'ada', sessionId: 's', name: 'Ada' },
      access: 'write',
      acks: true,
      pace,
      now: () => 0,
      behindMs: 50,
      document: document as unknown as LiveDocument,
      onClose: () => undefined,
      onFailure: (error) => {
        throw error;
      },
    });
  });

  // No deadline outlives its test.
  afterEach(() => connection.close('SHUTTING_DOWN'));

  const receive = (frame: Uint8Array): boolean => socket.emit('message', Buffer.from(frame), true);

  it('[K5] counts updates from one and names them so', () => {
    receive(encodeUpdate(new Uint8Array(3)));
    receive(encodeUpdate(new Uint8Array(4)));
    expect(submitted).to.deep.equal([
      { nth: 1, bytes: 3 },
      { nth: 2, bytes: 4 },
    ]);
    connection.refused(1, { ok: false, code: 'UPDATE_REFUSED', rule: 'C4', reason: 'no' }, ['id']);
    connection.handled(2, 7);
    expect(socket.sent).to.deep.equal([
      {
        type: 'refused',
        refusal: { nth: 1, code: 'UPDATE_REFUSED', rule: 'C4', reason: 'no', messages: ['id'] },
      },
      { type: 'stored', upTo: 2 },
    ]);
  });

  it('[K6] stops reading a socket that is too far ahead, and goes on when its updates are stored', () => {
    const half = Math.ceil(limits.inboundHeldBytes.value / 2) + 1;
    receive(encodeUpdate(new Uint8Array(half)));
    expect(socket.isPaused).to.equal(false);
    receive(encodeUpdate(new Uint8Array(half)));
    expect(socket.isPaused).to.equal(true);
    expect(submitted, 'nothing is dropped').to.have.length(2);
    connection.handled(1, half);
    expect(socket.isPaused).to.equal(false);
  });

  it('[K6] stops reading a socket that sends faster than its pace, drops nothing, and goes on', async () => {
    for (let count = 0; count <= limits.framesBurst.value; count += 1)
      receive(encodeUpdate(new Uint8Array(2)));
    expect(socket.isPaused).to.equal(true);
    expect(submitted).to.have.length(limits.framesBurst.value + 1);
    await new Promise<void>((resolve) => {
      socket.resume = () => {
        socket.isPaused = false;
        resolve();
      };
    });
  });

  it('[K14] stops reading the socket of a user whose connections together are too fast, drops nothing, and goes on', async () => {
    for (let count = 0; count < limits.framesBurstPerUser.value; count += 1) pace.take('ada', 0);
    receive(encodeUpdate(new Uint8Array(2)));
    expect(socket.isPaused).to.equal(true);
    expect(submitted).to.have.length(1);
    await new Promise<void>((resolve) => {
      socket.resume = () => {
        socket.isPaused = false;
        resolve();
      };
    });
  });

  it('[K9] says something on every beat, and ends a socket that no longer answers', () => {
    connection.beat();
    expect(socket.sent.map(({ type }) => type)).to.deep.equal(['awareness']);
    expect(socket.pings).to.equal(1);
    socket.emit('pong');
    connection.beat();
    expect(socket.terminated).to.equal(false);
    connection.beat();
    expect(socket.terminated).to.equal(true);
  });

  it('[K7] closes with a reason that fits, whatever a client put into it', () => {
    connection.close('UPDATE_REFUSED', `Unrecognized key: "${'鍵'.repeat(110)}"`);
    expect(socket.closedWith).to.equal(4422);
  });

  it('[K9] does not take a socket that is held for a dead one', () => {
    socket.isPaused = true;
    connection.beat();
    connection.beat();
    expect(socket.terminated).to.equal(false);
  });

  it('leaves once, however it ends', () => {
    connection.close('TOO_SLOW');
    socket.emit('close');
    expect(detached).to.equal(1);
  });

  const REFUSED = { ok: false, code: 'UPDATE_REFUSED', rule: 'C4', reason: 'no' } as const;
  const PRESENCE = encodeAwareness(new Uint8Array(1_000));

  /** Lets more wait for the socket than may. */
  const overfill = (): void => {
    socket.isStuck = true;
    expect(connection.relay(encodeUpdate(new Uint8Array(limits.outboundBytes.value)))).to.equal(false);
    socket.sent.length = 0;
  };

  it('[K10] sends a reader that is behind neither presence nor notices, and does not ping it', () => {
    overfill();
    connection.send(PRESENCE);
    connection.beat();
    connection.beat();
    connection.beat();
    expect(socket.sent).to.deep.equal([]);
    expect(socket.pings).to.equal(0);
    expect([socket.terminated, socket.closedWith]).to.deep.equal([false, null]);
  });

  it('[K10] never lets presence, notices and acknowledgements fill the socket past the bound', () => {
    socket.isStuck = true;
    expect(connection.relay(encodeUpdate(new Uint8Array(limits.outboundBytes.value - 20)))).to.equal(true);
    const waiting = socket.bufferedAmount;
    connection.send(PRESENCE);
    connection.refused(1, REFUSED, []);
    connection.handled(1, 0);
    expect(socket.bufferedAmount).to.equal(waiting);
    socket.drain();
    expect(drained).to.equal(1);
  });

  it('[K12] folds the acknowledgements of a reader that is behind, and tells them once it is caught up', () => {
    overfill();
    connection.refused(1, REFUSED, ['a']);
    connection.handled(2, 0);
    connection.refused(3, REFUSED, ['b']);
    connection.handled(3, 0);
    connection.handled(7, 0);
    expect(socket.sent).to.deep.equal([]);
    socket.drain();
    expect(drained).to.equal(1);
    expect(socket.sent, 'not before what it missed').to.deep.equal([]);
    expect(connection.relay(encodeReply(new Uint8Array(2)))).to.equal(true);
    connection.caughtUp();
    connection.send(PRESENCE);
    expect(socket.sent.map((frame) => [frame.type, nthOf(frame)])).to.deep.equal([
      ['reply', 0],
      ['refused', 1],
      ['refused', 3],
      ['stored', 7],
      ['awareness', 0],
    ]);
    connection.handled(8, 0);
    expect(socket.sent.at(-1)).to.deep.equal({ type: 'stored', upTo: 8 });
  });

  it('[K12] waits anew for a reader whose catch-up was too much for it', () => {
    overfill();
    connection.handled(1, 0);
    socket.drain();
    overfill();
    connection.handled(2, 0);
    socket.drain();
    expect(drained).to.equal(2);
    connection.caughtUp();
    expect(socket.sent).to.deep.equal([{ type: 'stored', upTo: 2 }]);
  });

  it('[K12] [K9] does not end a reader that has caught up for the ping it could not hear', () => {
    connection.beat();
    overfill();
    socket.drain();
    connection.caughtUp();
    connection.beat();
    expect(socket.terminated).to.equal(false);
  });

  it('[K13] closes a reader that is behind for too long', async () => {
    overfill();
    const closed = new Promise<void>((resolve) => {
      socket.close = (code) => {
        socket.closedWith = code;
        resolve();
      };
    });
    await closed;
    expect(socket.closedWith).to.equal(1013);
    expect(detached).to.equal(1);
  });

  it('[K13] closes a reader that is to hear of more refusals than are kept', () => {
    overfill();
    const many = Array.from({ length: 100 }, () => 'x'.repeat(2_000));
    for (let nth = 1; nth <= 10 && socket.closedWith === null; nth += 1)
      connection.refused(nth, { ...REFUSED, rule: 'G4' }, many);
    expect(socket.closedWith).to.equal(1013);
  });

  it('[K7] closes after so many refusals', () => {
    const refused = { ok: false, code: 'UPDATE_REFUSED', rule: 'C4', reason: 'no' } as const;
    for (let nth = 1; nth < limits.refusalsPerConnection.value; nth += 1)
      connection.refused(nth, refused, []);
    expect(socket.closedWith).to.equal(null);
    connection.refused(limits.refusalsPerConnection.value, refused, []);
    expect(socket.closedWith).to.equal(4422);
  });
});

describe('a token bucket', () => {
  it('[K6] gives a burst at once, then a steady rate, and never saves up more than the burst', () => {
    const bucket = new TokenBucket(10, 3, 0);
    expect([0, 0, 0, 0].map((now) => bucket.take(now))).to.deep.equal([0, 0, 0, 100]);
    expect(bucket.take(100)).to.equal(100);
    expect([60_000, 60_000, 60_000, 60_000].map((now) => bucket.take(now))).to.deep.equal([0, 0, 0, 100]);
  });
});

describe('the pace of a user', () => {
  const BURST = limits.framesBurstPerUser.value;
  const perFrameMs = 1_000 / limits.framesPerSecondPerUser.value;

  it('[K14] holds a user who is over it, and nobody else', () => {
    const pace = new UserPace();
    for (let count = 0; count < BURST; count += 1) expect(pace.take('mallory', 0)).to.equal(0);
    expect(pace.take('mallory', 0)).to.equal(Math.ceil(perFrameMs));
    expect(pace.take('mallory', 0)).to.equal(Math.ceil(2 * perFrameMs));
    expect(pace.take('ada', 0)).to.equal(0);
    expect(pace.take('mallory', 10_000), 'paid back').to.equal(0);
  });

  it('[K14] forgets users whose pace is as good as new, and no others', () => {
    const pace = new UserPace();
    for (let count = 0; count <= BURST + 1_000; count += 1) pace.take('mallory', 0);
    let most = 0;
    for (let user = 0; user < 50_000; user += 1) {
      pace.take(`user ${user}`, user);
      most = Math.max(most, pace.size);
    }
    expect(most).to.be.below(2_500);
    const held = new UserPace();
    for (let count = 0; count <= BURST + 1_000; count += 1) held.take('mallory', 0);
    for (let user = 0; user < 3_000; user += 1) held.take(`user ${user}`, 100);
    expect(held.take('mallory', 100)).to.be.above(3_000);
  });
});

describe('the pace of refusals', () => {
  it('[K11] answers the first at once and the next ever later, each address for itself, up to a bound', () => {
    const pacer = new RefusalPacer();
    const delays = Array.from({ length: 40 }, () => pacer.delayFor('one', 1_000));
    expect(delays[0]).to.equal(0);
    expect(delays).to.deep.equal(delays.toSorted((left, right) => left - right));
    expect(delays.at(-1)).to.equal(5_000);
    expect(pacer.delayFor('other', 1_000)).to.equal(0);
    expect(pacer.delayFor('one', 60_000), 'forgiven after a while').to.equal(0);
  });
});
