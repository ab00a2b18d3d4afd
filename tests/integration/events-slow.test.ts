// One who does not read their stream: little is made for them, nothing is lost to them.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type IncomingMessage, request, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { ParleyEvent } from '@parley/shared';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { streamOverSocket } from '../harness/event-stream.js';
import {
  createApi,
  signUp,
  startTestServer,
  TEST_PASSWORD,
  type TestPerson,
  type TestServer,
} from '../harness/kit.js';
import { scrape } from '../harness/metrics.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';
import { until } from '../harness/until.js';

/** More than any line takes by itself: about 20 MB. */
const COUNT = 1_500;
const MENTIONS = Array.from({ length: 300 }, (_, index) => `somebody-${index}-${'x'.repeat(30)}`);
/** What the machine's buffers take, and what the server may keep; far less than there is. */
const MOST_BYTES = 12_000_000;

/** A stream that can stop reading. */
interface Reader {
  readonly seqs: readonly number[];
  pause(): void;
  resume(): void;
  /** Resolves once so many have been read. */
  has(count: number): Promise<void>;
  close(): void;
}

const collect = () => {
  const seqs: number[] = [];
  const waiting = new Set<() => void>();
  return {
    seqs,
    note: (event: ParleyEvent | undefined): void => {
      if (event?.type !== 'message.added') return;
      seqs.push(...event.messages.map(({ seq }) => seq));
      for (const waits of waiting) waits();
    },
    has: (count: number): Promise<void> =>
      new Promise((resolve) => {
        const waits = (): void => {
          if (seqs.length >= count) resolve();
        };
        waiting.add(waits);
        waits();
      }),
  };
};

const overSocket = async (
  server: TestServer,
  { token }: TestPerson,
  lastEventId: string,
): Promise<Reader> => {
  const socket = new WebSocket(`${server.wsUrl}/trpc?connectionParams=1`);
  const { note, ...rest } = collect();
  socket.on('message', (data: Buffer) => {
    const { result } = JSON.parse(data.toString()) as {
      result?: { data?: { json?: { data?: ParleyEvent } } };
    };
    note(result?.data?.json?.data);
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ method: 'connectionParams', data: { token } }));
  const params = { path: 'events.stream', input: { json: { lastEventId } } };
  socket.send(JSON.stringify({ id: 1, method: 'subscription', params }));
  return {
    ...rest,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.terminate(),
  };
};

const overEvents = (server: TestServer, person: TestPerson, lastEventId: string): Promise<Reader> => {
  const input = encodeURIComponent(JSON.stringify({ json: { lastEventId } }));
  return overLines(`${server.url}/trpc/events.stream?input=${input}`, person, (text) =>
    text.startsWith('{"json"') ? JSON.parse(text).json : undefined,
  );
};

const overRest = (server: TestServer, person: TestPerson, lastEventId: string): Promise<Reader> =>
  overLines(`${server.url}/api/v1/events?lastEventId=${lastEventId}`, person, (text) => JSON.parse(text));

const overLines = async (
  url: string,
  { token }: TestPerson,
  eventIn: (text: string) => ParleyEvent | undefined,
): Promise<Reader> => {
  const asked = request(url, { headers: { authorization: `Bearer ${token}` } });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const { note, ...rest } = collect();
  const lines = createInterface(answer);
  lines.on('line', (line) => {
    if (line.startsWith('data: {')) note(eventIn(line.slice('data: '.length)));
  });
  // It is cut in the end, by us.
  for (const cut of [asked, answer, lines]) cut.on('error', () => undefined);
  return {
    ...rest,
    pause: () => answer.socket.pause(),
    resume: () => answer.socket.resume(),
    close: () => asked.destroy(),
  };
};

describe('a stream of events that is not read', () => {
  let place: ServerOnStore;
  let next: TestServer;
  let ada: TestPerson;
  let bob: TestPerson;
  let first = 0;
  /** Bytes that servers of this process have handed to lines. */
  let handedOut = 0;
  /** The server's end of the line that was used last for events. */
  let line: Socket | undefined;
  const { send } = WebSocket.prototype;
  const { write } = ServerResponse.prototype;

  const noteLine = (started: unknown): void => {
    const { request: asked, socket } = started as { request: IncomingMessage; socket: Socket };
    if (asked.url?.includes('lastEventId')) line = socket;
  };

  before(async () => {
    subscribe('http.server.request.start', noteLine);
    place = await startServerOnStore('events-slow');
    [ada, bob] = await Promise.all([signUp(place.server), signUp(place.server)]);
    const rows = place.database.collection<{ _id: number }>('events');
    const [newest] = await rows.find().sort({ _id: -1 }).limit(1).toArray();
    first = newest?._id ?? 0;
    await rows.insertMany(
      Array.from({ length: COUNT }, (_, index) => ({
        ...{ _id: first + 1 + index, at: new Date(), mark: `large ${index}`, audiences: [`user:${ada.id}`] },
        event: {
          ...{ type: 'message.added', conversationId: 'elsewhere' },
          messages: [{ id: `${index}`, seq: index + 1, author: bob.id, mentions: MENTIONS }],
        },
      })),
    );
    next = await startTestServer({ mongodbUri: place.uri });
    WebSocket.prototype.send = function (this: WebSocket, data: unknown, ...more: never[]) {
      if (Reflect.get(this, '_isServer') === true) handedOut += String(data).length;
      return send.apply(this, [data, ...more] as never);
    };
    ServerResponse.prototype.write = function (this: ServerResponse, data: unknown, ...more: never[]) {
      handedOut += Buffer.byteLength(data as Buffer);
      return write.apply(this, [data, ...more] as never);
    } as typeof write;
  });
  after(async () => {
    unsubscribe('http.server.request.start', noteLine);
    WebSocket.prototype.send = send;
    ServerResponse.prototype.write = write;
    await next.close();
    await place.close();
  });

  for (const [how, open] of [
    ['over a socket', overSocket],
    ['over server-sent events', overEvents],
    ['over REST', overRest],
  ] as const) {
    it(`is waited for ${how}, and told all of it in the end`, async () => {
      handedOut = 0;
      const reader = await open(next, ada, `${first}`);
      await reader.has(1);
      reader.pause();
      // Meanwhile others are told; and whatever is made for this one has been made once that has stopped growing.
      using other = streamOverSocket(next, () => bob.token);
      await other.until(({ heard }) => heard.length > 0);
      let before: number;
      do {
        before = handedOut;
        await new Promise((resolve) => setTimeout(resolve, 300));
      } while (handedOut > before);
      expect(reader.seqs.length).to.be.lessThan(COUNT);
      expect(handedOut).to.be.lessThan(MOST_BYTES);
      reader.resume();
      await reader.has(COUNT);
      expect(reader.seqs).to.deep.equal(Array.from({ length: COUNT }, (_, index) => index + 1));
      expect(handedOut).to.be.greaterThan(MOST_BYTES);
      reader.close();
    });
  }

  for (const [how, open] of [
    ['over server-sent events', overEvents],
    ['over REST', overRest],
  ] as const) {
    it(`ends with its session ${how}`, async () => {
      const login = { login: ada.username, password: TEST_PASSWORD };
      const token = (await createApi(next.url).auth.login.mutate(login)).tokens.accessToken;
      const reader = await open(next, { ...ada, token }, `${first}`);
      await reader.has(1);
      reader.pause();
      const subscriptions = async () => (await scrape(next.url)).get('parley_subscriptions');
      let before: number;
      do {
        before = handedOut;
        await new Promise((resolve) => setTimeout(resolve, 300));
      } while (handedOut > before);
      expect(await subscriptions()).to.equal(1);
      await createApi(next.url, token).auth.logout.mutate();
      await until(async () => (await subscriptions()) === 0);
      // Nor may it keep its line, though nobody reads how it ended.
      await until(async () => line?.destroyed === true);
    });
  }
});
