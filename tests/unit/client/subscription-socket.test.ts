// One socket for all subscriptions of a client: when it is opened, in whose name, and what becomes of them when it breaks.
import { ParleyError } from '@parley/client';
import { type Subscriber, SubscriptionSocket } from '@parley/client/internal/api/subscription-socket';
import { expect } from 'chai';
import { FakeLines } from './fake-lines.js';
import { FakeTiming, settle } from './fake-timing.js';

const bench = () => {
  const timing = new FakeTiming();
  const lines = new FakeLines();
  const renewals: string[] = [];
  const ends = new Set<(reason: ParleyError) => void>();
  const session = {
    token: 'token 1' as string | null,
    failure: null as ParleyError | null,
    accessToken: async () => session.token,
    renew: async (stale: string) => {
      renewals.push(stale);
      if (session.failure !== null) throw session.failure;
      session.token = `token ${renewals.length + 1}`;
      return session.token;
    },
    onEnd: (listener: (reason: ParleyError) => void) => {
      ends.add(listener);
      return () => ends.delete(listener);
    },
  };
  const socket = new SubscriptionSocket({
    ...{ timing, session, wsUrl: 'ws://parley.test', WebSocket: lines.WebSocket },
  });
  const heard: string[] = [];
  const subscribe = (name: string, input: unknown = {}): (() => void) => {
    const subscriber: Subscriber = {
      connecting: (error) => heard.push(`${name} connecting ${error?.code ?? ''}`.trim()),
      started: () => heard.push(`${name} started`),
      item: (data) => heard.push(`${name} ${String(data)}`),
      ended: () => heard.push(`${name} ended`),
      failed: ({ code }) => heard.push(`${name} failed ${code}`),
    };
    return socket.subscribe('a.path', input, subscriber);
  };
  const end = (): void => {
    for (const listener of ends) listener(new ParleyError('NOT_SIGNED_IN'));
  };
  /** The server takes everything that was asked on the newest socket. */
  const take = (): void => {
    for (const { id } of lines.last.asked) lines.last.say({ id, result: { type: 'started' } });
  };
  const open = async (): Promise<void> => {
    await settle();
    lines.last.open();
  };
  return { timing, lines, renewals, session, socket, heard, subscribe, end, take, open };
};

const item = (id: number, place: string, data: string) => ({
  id,
  result: { type: 'data', id: place, data: { json: data } },
});

describe('the socket for subscriptions', () => {
  it('is one for all, says who it is in its first word, and is closed a moment after the last has ended', async () => {
    const { lines, timing, subscribe, open, take } = bench();
    const leave = subscribe('first');
    const leaveOther = subscribe('second');
    await open();
    take();
    subscribe('third')();
    expect(lines.all).to.have.length(1);
    expect(lines.last.url).to.equal('ws://parley.test/trpc?connectionParams=1');
    expect(JSON.parse(lines.last.sent[0] ?? '')).to.deep.equal({
      method: 'connectionParams',
      data: { token: 'token 1' },
    });
    leave();
    leaveOther();
    expect(lines.last.sent.filter((frame) => frame.includes('subscription.stop'))).to.have.length(3);
    const leaveLate = subscribe('late');
    timing.advance(5_000);
    expect(lines.last.isLeft).to.equal(false);
    leaveLate();
    timing.advance(1_000);
    expect(lines.last.isLeft).to.equal(true);
    expect(timing.pending).to.equal(0);
  });

  it('asks again on the next socket for each subscription after its last item, and tells them meanwhile', async () => {
    const { lines, timing, heard, subscribe, open, take } = bench();
    subscribe('one');
    subscribe('two', undefined);
    await open();
    take();
    const [one] = lines.last.asked;
    lines.last.say(item(one?.id ?? 0, '7', 'hello'));
    lines.last.shut(1006);
    expect(lines.all).to.have.length(1);
    timing.advance(100);
    await open();
    expect(lines.all).to.have.length(2);
    expect(lines.last.asked.map(({ after }) => after)).to.deep.equal(['7', undefined]);
    expect(heard).to.deep.equal([
      ...['one connecting', 'two connecting', 'one started', 'two started', 'one hello'],
      ...['one connecting NETWORK', 'two connecting NETWORK'],
    ]);
  });

  it('waits longer each time where no server is, and opens no two sockets at once', async () => {
    const { lines, timing, subscribe } = bench();
    for (let count = 0; count < 10; count += 1) subscribe(`${count}`);
    await settle();
    for (let tries = 1; tries <= 12; tries += 1) {
      expect(lines.all).to.have.length(tries);
      lines.last.shut(1006);
      const bound = Math.min(10_000, 100 * 2 ** (tries - 1));
      timing.advance(bound / 2 - 1);
      await settle();
      expect(lines.all, 'nothing before its time').to.have.length(tries);
      timing.advance(1);
      await settle();
    }
  });

  it('gets another token where the server will not have the old one, at once, and gives up at the second refusal', async () => {
    const { lines, timing, heard, renewals, subscribe, open } = bench();
    subscribe('one');
    await open();
    lines.last.shut(4401, 'TOKEN_EXPIRED');
    timing.advance(0);
    await open();
    expect(renewals).to.deep.equal(['token 1']);
    expect(lines.last.sent[0]).to.include('token 2');
    lines.last.shut(4401, 'NOT_SIGNED_IN');
    timing.advance(60_000);
    await settle();
    expect(lines.all).to.have.length(2);
    expect(heard.at(-1)).to.equal('one failed NOT_SIGNED_IN');
    expect(timing.pending).to.equal(0);
  });

  it('renews each time one is over that was good', async () => {
    const { lines, timing, renewals, subscribe, open, take } = bench();
    subscribe('one');
    for (let round = 0; round < 3; round += 1) {
      await open();
      take();
      lines.last.shut(4401, 'TOKEN_EXPIRED');
      timing.advance(0);
    }
    await settle();
    expect(renewals).to.deep.equal(['token 1', 'token 2', 'token 3']);
  });

  it('stays closed once the session is over, and where nobody is signed in', async () => {
    const { lines, timing, heard, session, subscribe, open, take, end } = bench();
    subscribe('one');
    await open();
    take();
    session.failure = new ParleyError('SESSION_ENDED');
    lines.last.shut(4401, 'SESSION_ENDED');
    timing.advance(0);
    await settle();
    end();
    session.token = null;
    subscribe('two');
    timing.advance(60_000);
    await settle();
    expect(heard.slice(-3)).to.deep.equal([
      'one failed SESSION_ENDED',
      'two connecting',
      'two failed NOT_SIGNED_IN',
    ]);
    expect(lines.all).to.have.length(1);
    expect(timing.pending).to.equal(0);
  });

  it('goes with the session, open or on its way, and the next is in the new name', async () => {
    const { lines, timing, session, subscribe, open, take, end } = bench();
    subscribe('one');
    await open();
    take();
    end();
    expect(lines.last.isLeft).to.equal(true);
    subscribe('two');
    end();
    await settle();
    expect(lines.all).to.have.length(1);
    expect(timing.pending).to.equal(0);
    session.token = 'of somebody else';
    subscribe('three');
    await open();
    expect(lines.last.sent[0]).to.include('of somebody else');
    expect(lines.last.asked).to.have.length(1);
  });

  it('tells one of what is wrong with it alone, and sends nothing that is too large', async () => {
    const { lines, heard, subscribe, open, take } = bench();
    subscribe('fine');
    subscribe('wrong');
    subscribe('large', { text: 'x'.repeat(70_000) });
    await open();
    expect(lines.last.asked).to.have.length(2);
    take();
    const shape = { message: 'no', code: -32_600, data: { code: 'INVALID_INPUT', details: {} } };
    lines.last.say({ id: lines.last.asked[1]?.id, error: { json: shape } });
    lines.last.say('PING');
    lines.last.say('not even JSON');
    expect(heard.slice(3)).to.deep.equal([
      'large failed TOO_LARGE',
      'fine started',
      'wrong started',
      'wrong failed INVALID_INPUT',
    ]);
    expect(lines.last.sent.at(-1)).to.equal('PONG');
  });

  it('takes a line that is silent for dead', async () => {
    const { lines, timing, heard, subscribe, open, take } = bench();
    subscribe('one');
    await open();
    take();
    timing.advance(44_999);
    lines.last.say('PING');
    timing.advance(44_999);
    expect(lines.last.isLeft).to.equal(false);
    timing.advance(1);
    expect(lines.last.isLeft).to.equal(true);
    expect(heard.at(-1)).to.equal('one connecting NETWORK');
  });
});
