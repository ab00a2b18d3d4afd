// Sockets whose token nobody can verify, and those that say nothing at all, beside people who have one.
import { connect, type Socket } from 'node:net';
import { deferred, limits } from '@parley/shared';
import { expect } from 'chai';
import { type EngineServer, startEngineServer } from '../harness/engine-server.js';
import type { RawClient } from '../harness/raw-client.js';

const people = Array.from({ length: 10 }, (_, index) => `user-${index}`);

/** What became of a stranger: closed with this code, or not even upgraded. */
const fateOf = async (stranger: RawClient): Promise<number> => (await stranger.closed).code;

/** So many strangers come at once; from `goOn` on each that goes is followed by the next, until `stop`. */
const flood = (server: EngineServer, conversationId: string, count: number) => {
  const goesOn = deferred<void>();
  let isOn = true;
  const come = async (): Promise<void> => {
    while (isOn) {
      await fateOf(server.connect(conversationId, 'nobody', null));
      await goesOn.promise;
    }
  };
  const all = Promise.all(Array.from({ length: count }, come));
  return {
    goOn: () => goesOn.resolve(),
    stop: async (): Promise<void> => {
      isOn = false;
      await all;
    },
  };
};

/** Holds ada on her way in; resolves, once she is there, to what lets her in. */
const holdAda = async (server: EngineServer, conversationId: string) => {
  const [reached, release] = [deferred<void>(), deferred<void>()];
  server.moments.authenticating = () => {
    reached.resolve();
    return release.promise;
  };
  const ada = server.connect(conversationId, 'ada');
  await reached.promise;
  return { ada, release: () => release.resolve() };
};

interface SilentSocket {
  readonly socket: Socket;
  readonly closed: Promise<void>;
}

const silentSocket = (url: string): Promise<SilentSocket> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const closed = new Promise<void>((gone) => {
      socket.on('error', () => undefined).once('close', () => gone());
    });
    socket.once('connect', () => resolve({ socket, closed }));
  });

describe('strangers at the door', () => {
  it('[K18] lets ten honest people in while hundreds of bad tokens come from one address', async () => {
    await using server = await startEngineServer({ admissions: { atOnce: 1, maxWaiting: 20 } });
    const id = await server.converse('public', 'ada', ...people);
    const { ada, release } = await holdAda(server, id);
    const strangers = flood(server, id, 300);
    await server.arrived(1 + 300);
    const clients = people.map((user) => server.connect(id, user));
    await server.arrived(1 + 300 + people.length);
    strangers.goOn();
    release();
    await Promise.all([ada, ...clients].map((client) => client.synced()));
    await strangers.stop();
    await Promise.all([ada, ...clients].map((client) => client.close()));
  });

  it('[K18] says to one without a good token why, though nobody else can be taken in', async () => {
    await using server = await startEngineServer({ admissions: { atOnce: 1, maxWaiting: 20 } });
    const id = await server.converse('public', 'ada');
    const { ada, release } = await holdAda(server, id);
    expect(await server.connect(id, 'nobody', null).closed).to.include({ code: 4401 });
    release();
    await (await ada.synced()).close();
  });

  it('[K19] holds back only so many of one address and in all, and upgrades no more', async () => {
    await using server = await startEngineServer({ refusals: { each: 3, inAll: 1_000 } });
    const id = await server.converse('public', 'ada');
    // The first of an address are told at once.
    for (let told = 0; told < 3; told += 1) await fateOf(server.connect(id, 'nobody', null));
    let [held, mostHeld] = [0, 0];
    const fates = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const stranger = server.connect(id, 'nobody', null);
        const opened = await stranger.opened().then(
          () => true,
          () => false,
        );
        held += opened ? 1 : 0;
        mostHeld = Math.max(mostHeld, held);
        const fate = await fateOf(stranger);
        held -= opened ? 1 : 0;
        return fate;
      }),
    );
    expect(mostHeld).to.equal(3);
    expect(fates.toSorted()).to.deep.equal([...Array(7).fill(1006), 4401, 4401, 4401]);
    // Their places are free again.
    expect(await fateOf(server.connect(id, 'nobody', null))).to.equal(4401);
    await (await server.connect(id, 'ada').synced()).close();
  });

  it('[K19] cuts off those with a good token past so many that are refused', async () => {
    await using server = await startEngineServer();
    const id = await server.converse('private', 'ada');
    const places = limits.refusalsHeldPerAddress.value;
    const fates = await Promise.all(
      Array.from({ length: places + 20 }, () => fateOf(server.connect(id, 'mallory'))),
    );
    const cutOff = fates.filter((code) => code === 1006);
    const told = fates.filter((code) => code >= 4400);
    expect(cutOff).not.to.have.length(0);
    expect(told.length).to.be.at.least(places);
    expect(told.length + cutOff.length).to.equal(fates.length);
    await (await server.connect(id, 'ada').synced()).close();
  });

  it('[K20] ends the connections of an address that have been silent for longest, and none that speaks', async () => {
    await using server = await startEngineServer({ silent: { each: 2, inAll: 1_000 } });
    const id = await server.converse('public', 'ada');
    const ada = await server.connect(id, 'ada').synced();
    const silent: SilentSocket[] = [];
    for (let count = 0; count < 5; count += 1) silent.push(await silentSocket(server.url));
    await Promise.all(silent.slice(0, 3).map(({ closed }) => closed));
    expect(silent.map(({ socket }) => socket.closed)).to.deep.equal([true, true, true, false, false]);
    ada.write(() => undefined);
    await ada.next('stored', ({ upTo }) => upTo === ada.sent);
    await ada.close();
    for (const { socket } of silent) socket.destroy();
  });

  it('[K20] ends the one that has been silent for longest where too many are in all', async () => {
    await using server = await startEngineServer({ silent: { each: 1_000, inAll: 2 } });
    const id = await server.converse('public', 'ada');
    const [first, second] = [await silentSocket(server.url), await silentSocket(server.url)];
    const ada = await server.connect(id, 'ada').synced();
    await first.closed;
    // She has spoken, and is none of them.
    const third = await silentSocket(server.url);
    const fourth = await silentSocket(server.url);
    await second.closed;
    await ada.close();
    for (const { socket } of [third, fourth]) socket.destroy();
  });

  it('[K20] ends none of many that come at once and speak', async () => {
    await using server = await startEngineServer({ silent: { each: 50, inAll: 1_000 } });
    const id = await server.converse('public', 'ada');
    const clients = Array.from({ length: 400 }, () => server.connect(id, 'ada'));
    await Promise.all(clients.map((client) => client.opened()));
    await Promise.all(clients.map((client) => client.close()));
  });
});
