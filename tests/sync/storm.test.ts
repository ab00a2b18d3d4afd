import { deferred } from '@parley/server/internal/sync/timing';
import { appendMessage, readMessages } from '@parley/shared';
import { expect } from 'chai';
import { type EngineServer, startEngineServer } from '../harness/engine-server.js';
import type { RawClient } from '../harness/raw-client.js';

const say = (client: RawClient, author: string, text: string): void =>
  client.write((doc) => appendMessage(doc, { author, text }));

/** Holds whoever is being taken in. `reached` resolves when one is. */
const holdAdmission = ({ moments }: EngineServer, moment: 'authenticating' | 'authorized') => {
  const [reached, release] = [deferred<void>(), deferred<void>()];
  const order: string[] = [];
  moments[moment] = (...[first, second]: string[]) => {
    order.push(second ?? first ?? '');
    reached.resolve();
    return release.promise;
  };
  return { order, reached: reached.promise, release: () => release.resolve() };
};

describe('a storm of reconnects', () => {
  it('[K15] takes hundreds in at its pace, and others are answered in between', async () => {
    await using server = await startEngineServer({ admissions: { atOnce: 8, maxWaiting: 1_000 } });
    const users = Array.from({ length: 40 }, (_, index) => `user-${index}`);
    const [crowded, quiet] = [
      await server.converse('public', ...users),
      await server.converse('public', 'ada'),
    ];
    const writer = await server.connect(crowded, 'user-0').synced();
    for (let count = 0; count < 50; count += 1) say(writer, 'user-0', `message ${count}`);
    await writer.next('stored', ({ upTo }) => upTo === writer.sent);
    const ada = await server.connect(quiet, 'ada').synced();

    let isStorming = true;
    let answers = 0;
    const storm = Promise.all(
      Array.from({ length: 400 }, (_, index) => server.connect(crowded, `user-${index % 40}`).synced()),
    ).finally(() => {
      isStorming = false;
    });
    while (isStorming) {
      say(ada, 'ada', `still heard ${answers}`);
      await ada.next('stored', ({ upTo }) => upTo === ada.sent);
      if (isStorming) answers += 1;
    }
    const clients = await storm;
    expect(clients.map(({ doc }) => readMessages(doc).length)).to.deep.equal(clients.map(() => 50));
    expect(server.mostAtOnce).to.be.within(2, 8);
    expect(answers).to.be.greaterThan(3);
    await Promise.all([writer, ada, ...clients].map((client) => client.close()));
  });

  it('[K15] closes with 1013 when too many wait, and gives the place of one that goes to another', async () => {
    await using server = await startEngineServer({ admissions: { atOnce: 1, maxWaiting: 2 } });
    const id = await server.converse('public', 'ada', 'bob', 'cal', 'dan');
    const held = holdAdmission(server, 'authenticating');
    const ada = server.connect(id, 'ada');
    await held.reached;
    const bob = server.connect(id, 'bob');
    const cal = server.connect(id, 'cal');
    await server.arrived(3);
    expect(await server.connect(id, 'dan').closed).to.include({ code: 1013 });
    await bob.close();
    // The server hears of that in its own time.
    let dan = server.connect(id, 'dan');
    for (let arrived = 5; ; arrived += 1) {
      await server.arrived(arrived);
      const isRefused = await Promise.race([dan.closed.then(() => true), new Promise(setImmediate)]);
      if (isRefused !== true) break;
      dan = server.connect(id, 'dan');
    }
    held.release();
    for (const client of [ada, cal, dan]) await (await client.synced()).close();
    expect(held.order).to.deep.equal(['ada', 'cal', 'dan']);
  });

  it('[K16] lets nobody wait for all the sockets of another', async () => {
    await using server = await startEngineServer({ admissions: { atOnce: 1, maxWaiting: 100 } });
    const id = await server.converse('public', 'ada', 'bob', 'cal');
    const held = holdAdmission(server, 'authenticating');
    const many = Array.from({ length: 20 }, () => server.connect(id, 'ada'));
    await server.arrived(20);
    const others = [server.connect(id, 'bob'), server.connect(id, 'cal')];
    await server.arrived(22);
    held.release();
    await Promise.all([...many, ...others].map((client) => client.synced()));
    expect(held.order.slice(0, 4).toSorted()).to.deep.equal(['ada', 'ada', 'bob', 'cal']);
    await Promise.all([...many, ...others].map((client) => client.close()));
  });

  it('[K16] waits for no socket that never asks', async () => {
    await using server = await startEngineServer({ admissions: { atOnce: 1, maxWaiting: 10 } });
    const id = await server.converse('public', 'ada', 'bob');
    const silent = server.connect(id, 'ada');
    await silent.next('stateVector');
    await (await server.connect(id, 'bob').synced()).close();
    await silent.close();
  });

  it('[R4] asks once what a user may do, however many of their sockets come at the same moment', async () => {
    await using server = await startEngineServer({ admissions: { atOnce: 5, maxWaiting: 10 } });
    const id = await server.converse('public', 'ada');
    const held = holdAdmission(server, 'authorized');
    let authenticated = 0;
    const all = deferred<void>();
    server.moments.authenticating = () => {
      authenticated += 1;
      if (authenticated === 5) all.resolve();
    };
    const clients = Array.from({ length: 5 }, () => server.connect(id, 'ada'));
    await Promise.all([all.promise, held.reached]);
    await new Promise(setImmediate);
    held.release();
    await Promise.all(clients.map((client) => client.synced()));
    expect(held.order).to.deep.equal(['ada']);
    await Promise.all(clients.map((client) => client.close()));
  });
});
