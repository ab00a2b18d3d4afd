// Events through the SDK: one stream for all listeners, over whatever it goes, once each and in order whatever breaks in between.
import { ParleyError } from '@parley/client';
import type { EventType, ParleyEvent } from '@parley/shared';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { createDataDir, startTestServer, TEST_PASSWORD, type TestServer } from '../harness/kit.js';
import { type SdkPerson, sdkSignIn, sdkSignUp, type Watch, watchPeople } from '../harness/sdk-person.js';

/** A class of sockets whose lines can be cut, and looked at. */
const cuttable = () => {
  const open = new Set<WebSocket>();
  const addresses: string[] = [];
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const waits of waiting) waits();
  };
  return {
    open,
    addresses,
    cut: () => {
      for (const socket of open) socket.terminate();
    },
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        const waits = (): void => {
          if (!condition()) return;
          waiting.delete(waits);
          resolve();
        };
        waiting.add(waits);
        waits();
      }),
    WebSocket: class extends WebSocket {
      constructor(url: string) {
        super(url);
        addresses.push(url);
        open.add(this);
        this.on('close', () => {
          open.delete(this);
          look();
        });
      }
    },
  };
};

/** Everything that somebody hears, and a way to wait for it. */
const hear = ({ client }: Pick<SdkPerson, 'client'>) => {
  const heard: ParleyEvent[] = [];
  const waiting = new Set<() => void>();
  const stop = client.events.onAny((event) => {
    heard.push(event);
    for (const waits of waiting) waits();
  });
  return {
    heard,
    stop,
    of: (type: EventType) => heard.filter((event) => event.type === type),
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        const waits = (): void => {
          if (!condition()) return;
          waiting.delete(waits);
          resolve();
        };
        waiting.add(waits);
        waits();
      }),
  };
};

const nameOf = (event: ParleyEvent): string | undefined =>
  event.type === 'project.updated' ? event.changes.name : undefined;

for (const subscriptions of ['socket', 'events'] as const) {
  describe(`events through the SDK, over ${subscriptions === 'socket' ? 'one socket' : 'server-sent events'}`, () => {
    let server: TestServer;
    before(async () => {
      server = await startTestServer();
    });
    after(() => server.close());
    const person = (options = {}) => sdkSignUp(server, { subscriptions, ...options });

    it('are told by their type to who wants them, and stop no one by what one of them throws', async () => {
      const ada = await person();
      const all = hear(ada);
      const names: (string | undefined)[] = [];
      const thrown: unknown[] = [];
      const others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.on('uncaughtException', (error) => thrown.push(error));
      try {
        const stopThrowing = ada.client.events.on('project.updated', () => {
          throw new Error('a listener of an app');
        });
        ada.client.events.on('project.updated', ({ changes }) => names.push(changes.name));
        await all.until(() => all.of('stream.ready').length > 0);
        const { id: projectId } = await ada.api.projects.create.mutate({ name: 'one' });
        await ada.api.projects.update.mutate({ projectId, name: 'two' });
        await all.until(() => all.of('project.updated').length > 0);
        stopThrowing();
        await ada.api.projects.update.mutate({ projectId, name: 'three' });
        await all.until(() => all.of('project.updated').length > 1);
      } finally {
        process.removeAllListeners('uncaughtException');
        for (const listener of others) process.on('uncaughtException', listener);
      }
      expect(names).to.deep.equal(['two', 'three']);
      expect(thrown.map(String)).to.deep.equal(['Error: a listener of an app']);
      ada.client.close();
      expect(ada.client.events.status).to.equal('closed');
    });

    it('go on exactly where they broke, over tokens, cut lines and a server that comes back', async () => {
      await using place = await createDataDir();
      const options = { dataDir: place.path, mongodbUri: place.mongodbUri, accessTokenSeconds: 3 };
      const first = await startTestServer(options);
      const network = cuttable();
      const requests = new Set<AbortController>();
      const cutFetch: typeof fetch = async (input, init) => {
        const abort = new AbortController();
        requests.add(abort);
        const signal = AbortSignal.any([abort.signal, ...(init?.signal ? [init.signal] : [])]);
        return await fetch(input, { ...init, signal });
      };
      const ada = await sdkSignUp(first, { subscriptions, WebSocket: network.WebSocket, fetch: cutFetch });
      const bob = await sdkSignUp(first);
      const { id: projectId } = await bob.api.projects.create.mutate({ name: 'a project' });
      await bob.api.projects.members.add.mutate({ projectId, userId: ada.id });
      const all = hear(ada);
      const states: string[] = [];
      ada.client.events.onStatus((status) => states.push(status));
      await all.until(() => all.of('stream.ready').length > 0);
      const last = () => Number(all.heard.map(nameOf).findLast((name) => name !== undefined) ?? 0);
      const rename = async (from: number, to: number) => {
        for (let count = from; count <= to; count += 1)
          await bob.api.projects.update.mutate({ projectId, name: String(count) });
      };
      // A stream of server-sent events takes three seconds to be given up.
      const rounds = subscriptions === 'socket' ? 5 : 2;
      for (let round = 0; round < rounds; round += 1) {
        const renaming = rename(round * 10 + 1, round * 10 + 10);
        await all.until(() => last() >= round * 10 + 3);
        network.cut();
        for (const request of requests) request.abort(new TypeError('the line is cut'));
        await renaming;
        await all.until(() => last() === round * 10 + 10);
      }
      await first.close();
      await using again = await startTestServer({ ...options, port: Number(new URL(first.url).port) });
      const bobAgain = await sdkSignIn(again, bob);
      await bobAgain.api.projects.update.mutate({ projectId, name: 'last' });
      await all.until(() => all.heard.some((event) => nameOf(event) === 'last'));
      const names = all.heard.map(nameOf).filter((name) => name !== undefined);
      const numbers = Array.from({ length: rounds * 10 }, (_, index) => String(index + 1));
      expect(names).to.deep.equal([...numbers, 'last']);
      expect(states.slice(0, 2)).to.deep.equal(['open', 'connecting']);
      expect(states.at(-1)).to.equal('open');
      expect(ada.client.events.status).to.equal('open');
      ada.client.close();
    });

    it('end with the session; who signs in next hears what is theirs, by the listeners that are there', async () => {
      const ada = await person();
      const bob = await person();
      const all = hear(ada);
      await all.until(() => all.of('stream.ready').length > 0);
      await ada.api.projects.create.mutate({ name: 'hers' });
      await all.until(() => all.of('project.created').length > 0);
      await ada.client.signOut();
      expect(ada.client.events.status).to.equal('closed');
      const before = all.heard.length;
      const his = await bob.api.projects.create.mutate({ name: 'before he came' });
      await ada.client.signIn({ login: bob.username, password: TEST_PASSWORD });
      await all.until(() => all.of('stream.ready').length > 1);
      await bob.api.projects.update.mutate({ projectId: his.id, name: 'his' });
      await all.until(() => all.of('project.updated').length > 0);
      const told = all.heard.slice(before).filter(({ type }) => type !== 'presence.changed');
      expect(told.map(({ type }) => type)).to.deep.equal(['stream.ready', 'project.updated']);
      ada.client.close();
      bob.client.close();
    });
  });
}

describe('the socket of a client', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  it('is one for all its subscriptions, with no token in its address, and goes when they have ended', async () => {
    const network = cuttable();
    const ada = await sdkSignUp(server, { WebSocket: network.WebSocket });
    const all = hear(ada);
    const watches: Watch[] = [];
    for (let count = 0; count < 10; count += 1) watches.push(watchPeople(ada, [ada]));
    await all.until(() => all.of('stream.ready').length > 0);
    await Promise.all(watches.map((watch) => watch.until(({ heard }) => heard.length > 0)));
    expect(network.addresses).to.deep.equal([`${server.url.replace('http', 'ws')}/trpc?connectionParams=1`]);
    for (const watch of watches) watch[Symbol.dispose]();
    all.stop();
    await network.until(() => network.open.size === 0);
    const again = hear(ada);
    await again.until(() => again.of('stream.ready').length > 0);
    expect(network.addresses).to.have.length(2);
    ada.client.close();
    await network.until(() => network.open.size === 0);
  });

  it('is none for who signs out or closes the client, and all that went over it has ended', async () => {
    const network = cuttable();
    const ada = await sdkSignUp(server, { WebSocket: network.WebSocket });
    using signedOut = watchPeople(ada, [ada]);
    await signedOut.until(({ heard }) => heard.length > 0);
    await ada.client.signOut();
    await network.until(() => network.open.size === 0);
    expect(signedOut.error).to.include({ code: 'NOT_SIGNED_IN' });
    await ada.client.signIn({ login: ada.username, password: TEST_PASSWORD });
    using closed = watchPeople(ada, [ada]);
    await closed.until(({ heard }) => heard.length > 0);
    ada.client.close();
    await network.until(() => network.open.size === 0);
    expect(closed.error).to.be.instanceOf(ParleyError).and.to.include({ code: 'CLOSED' });
    expect(network.addresses).to.have.length(2);
  });

  it('stays away once the session has ended', async () => {
    const network = cuttable();
    const ada = await sdkSignUp(server, { WebSocket: network.WebSocket });
    const all = hear(ada);
    using watch = watchPeople(ada, [ada]);
    await watch.until(({ heard }) => heard.length > 0);
    await all.until(() => all.of('stream.ready').length > 0);
    const device = await sdkSignIn(server, ada);
    await device.api.auth.logoutEverywhere.mutate({});
    await watch.until(({ error }) => error !== null);
    expect(watch.error).to.include({ code: 'SESSION_ENDED' });
    expect(ada.client.user).to.equal(null);
    expect(ada.client.events.status).to.equal('closed');
    await network.until(() => network.open.size === 0);
    expect(network.addresses).to.have.length(1);
  });
});
