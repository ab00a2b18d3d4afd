// Frames that no honest client sends, clients that send or read as none does, and rooms full of them.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Heartbeats } from '@parley/server/internal/http/json-sockets/heartbeats';
import { limits, newId } from '@parley/shared';
import { expect } from 'chai';
import mongoose from 'mongoose';
import { WebSocket, WebSocketServer } from 'ws';
import { streamOverSocket } from '../harness/event-stream.js';
import { chat, converse, JsonClient } from '../harness/json-client.js';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

/** What the machine's buffers take, and what the server may keep. */
const MOST_BYTES = 12_000_000;

describe('JSON sockets and whoever misuses them', () => {
  let place: ServerOnStore;
  let server: TestServer;
  /** Bytes that servers of this process have handed to lines. */
  let handedOut = 0;
  const { send } = WebSocket.prototype;
  before(async () => {
    place = await startServerOnStore('json-sockets-hostile');
    server = place.server;
    WebSocket.prototype.send = function (this: WebSocket, data: unknown, ...more: never[]) {
      if (Reflect.get(this, '_isServer') === true) handedOut += String(data).length;
      return send.apply(this, [data, ...more] as never);
    };
  });
  after(async () => {
    WebSocket.prototype.send = send;
    await place.close();
  });

  const alone = async (): Promise<[TestPerson, string]> => {
    const ada = await signUp(server);
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: newId() });
    return [ada, room.id];
  };
  /** Resolves once nothing more is made for anybody. */
  const quiet = async (): Promise<void> => {
    let before: number;
    do {
      before = handedOut;
      await new Promise((resolve) => setTimeout(resolve, 300));
    } while (handedOut > before);
  };

  for (const kind of ['direct', 'conversation'] as const) {
    const open = async (person: TestPerson, conversationId: string): Promise<JsonClient> =>
      await (kind === 'direct'
        ? chat(server, person.token)
        : converse(server, person.token, conversationId)
      ).opened();

    it(`answer every bad frame and stay (${kind})`, async () => {
      const [ada, room] = await alone();
      await using socket = await open(ada, room);
      const deep = '['.repeat(30_000);
      const texts = [
        ...['', ' ', 'hello', '{', 'null', '7', '"text"', '[]', '{}', 'true'],
        ...[deep, deep + ']'.repeat(30_000), `{"a":${deep}${']'.repeat(30_000)}}`],
        ...['{"__proto__":{"message":"x"}}', '{"message":{"toString":1}}', '{"message":"\\ud800"}'],
        '\u0000',
      ];
      for (const text of texts) socket.socket.send(text);
      socket.socket.send(Buffer.from('{"message":"binary"}'), { binary: true });
      socket.socket.send(Buffer.from([0x7b, 0xff, 0xfe]), { binary: false });
      const count = texts.length + 2;
      await socket.has(count);
      for (const { error } of socket.frames) {
        expect(error?.code).to.equal('INVALID_INPUT');
        expect(error?.message).to.be.a('string');
      }
      socket.send({ message: 'still here', receiver: ada.username });
      await socket.has(count + 1);
      expect(socket.frames.length).to.equal(count + 1);
      expect(({} as { message?: string }).message).to.equal(undefined);
    });

    it(`take a frame of the largest size, and close with 4413 on any larger, saying so (${kind})`, async () => {
      const [ada, room] = await alone();
      const frameOf = (bytes: number): string => {
        const bare = JSON.stringify({ message: '', pad: '' }).length;
        return JSON.stringify({ message: '', pad: 'x'.repeat(bytes - bare) });
      };
      const most = limits.jsonFrameBytes.value;
      for (const bytes of [most + 1, most * 2 + 1, most * 200]) {
        const socket = await open(ada, room);
        socket.socket.send(frameOf(most));
        await socket.has(1);
        expect(socket.frames[0]?.error?.code).to.equal('INVALID_INPUT');
        socket.socket.send(frameOf(bytes));
        expect(await socket.closed, `${bytes}`).to.deep.equal({ code: 4413, reason: 'TOO_LARGE' });
        expect(socket.frames[1]?.error?.code).to.equal('TOO_LARGE');
      }
    });
  }

  it('close on a frame in many parts that is too large in all', async () => {
    const [ada, room] = await alone();
    const socket = await converse(server, ada.token, room).opened();
    for (let part = 0; part < 70; part += 1) socket.socket.send('x'.repeat(1_024), { fin: false });
    expect((await socket.closed).code).to.equal(4413);
  });

  it('hold whoever sends too fast; nothing is lost', async () => {
    await using own = await startTestServer({ rateLimits: true });
    const ada = await signUp(own);
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: newId() });
    await using socket = await converse(own, ada.token, room.id).opened();
    const since = Date.now();
    // Those are quickly answered.
    for (let count = 0; count < 125; count += 1) socket.send({ message: '' });
    const texts = ['one', 'two', 'three'];
    for (const message of texts) socket.send({ message });
    await socket.has(128);
    expect(socket.texts).to.deep.equal(texts);
    // A hundred in a row, the others at ten a second.
    expect(Date.now() - since).to.be.greaterThan(2_000);
  });

  it('read nothing more of one who is held', async () => {
    await using own = await startTestServer({ rateLimits: true });
    const ada = await signUp(own);
    await using socket = await chat(own, ada.token).opened();
    const frame = JSON.stringify({ message: 'x'.repeat(60_000) });
    let taken = 0;
    const sendOn = (): void => {
      socket.socket.send(frame, (error) => {
        if (error) return;
        taken += 1;
        if (taken < 600) sendOn();
      });
    };
    sendOn();
    await socket.has(100);
    let before: number;
    do {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 500));
    } while (taken > before);
    // What the machine's buffers take; of 36 MB.
    expect(taken * frame.length).to.be.lessThan(MOST_BYTES + 100 * frame.length);
  });

  it('answer no faster than is read, and lose no answer', async () => {
    const [ada] = await alone();
    await using socket = await chat(server, ada.token).opened();
    socket.socket.pause();
    handedOut = 0;
    const COUNT = 60_000;
    const frame = JSON.stringify({ message: '', receiver: '', id: 'x'.repeat(20) });
    for (let count = 0; count < COUNT; count += 1) socket.socket.send(frame);
    await quiet();
    expect(handedOut).to.be.within(200_000, MOST_BYTES);
    socket.socket.resume();
    await socket.has(COUNT);
    expect(handedOut).to.be.greaterThan(MOST_BYTES);
  });

  it('wait for one who does not read, keep little for them, and tell them all of it in the end', async () => {
    const [ada, room] = await alone();
    const bob = await signUp(server);
    await bob.api.rooms.join.mutate({ conversationId: room });
    await using slow = await converse(server, ada.token, room).opened();
    const COUNT = 2_500;
    const rows = place.database.collection<{ _id: string; seq: number }>('messages');
    const [newest] = await rows.find({ conversation: room }).sort({ seq: -1 }).limit(1).toArray();
    const first = (newest?.seq ?? 0) + 1;
    // Said by another process, which died before it could tell of it.
    await rows.insertMany(
      Array.from({ length: COUNT }, (_, index) => ({
        ...{ _id: newId(), conversation: room, seq: first + index, position: 1_000_000 + index },
        ...{ author: bob.id, text: `${index} ${'x'.repeat(8_000)}`, system: null, files: [] },
        ...{ replyTo: null, mentions: [], reactions: [], sentAt: new Date(), receivedAt: new Date() },
        ...{ editedAt: null, deletedAt: null },
      })),
    );
    slow.socket.pause();
    handedOut = 0;
    const events = place.database.collection<{ _id: number }>('events');
    const [last] = await events.find().sort({ _id: -1 }).limit(1).toArray();
    await events.insertOne({
      ...{ _id: (last?._id ?? 0) + 1, at: new Date(), mark: newId(), event: { type: 'stream.gap' } },
      audiences: ['everybody'],
    } as never);
    // Whatever is written next meets that one, and it is told.
    using other = streamOverSocket(server, () => bob.token);
    await other.until(({ heard }) => heard.length > 0);
    await bob.api.projects.create.mutate({ name: 'so that something happens' });
    await quiet();
    expect(handedOut).to.be.within(100_000, MOST_BYTES);
    slow.socket.resume();
    await slow.has(COUNT);
    expect(slow.frames.map(({ seq }) => seq)).to.deep.equal(
      Array.from({ length: COUNT }, (_, index) => first + index),
    );
  });

  it('close on one who does not read for too long', async () => {
    const [ada, room] = await alone();
    const { value } = limits.outboundBehindMs;
    Reflect.set(limits.outboundBehindMs, 'value', 300);
    try {
      for (const slow of [
        await chat(server, ada.token).opened(),
        await converse(server, ada.token, room).opened(),
      ]) {
        slow.socket.pause();
        const frame = JSON.stringify({ message: '', receiver: '', id: 'x'.repeat(20) });
        for (let count = 0; count < 60_000; count += 1) slow.socket.send(frame);
        await quiet();
        slow.socket.resume();
        expect((await slow.closed).code).to.be.oneOf([1013, 1006]);
      }
    } finally {
      Reflect.set(limits.outboundBehindMs, 'value', value);
    }
  });

  it('fetch each message about once for a hundred of them in one room', async () => {
    const [ada, room] = await alone();
    const others = await Promise.all(
      Array.from({ length: 99 }, async () => {
        const person = await signUp(server);
        await person.api.rooms.join.mutate({ conversationId: room });
        return person;
      }),
    );
    const sockets = await Promise.all(
      [ada, ...others].map((person) => converse(server, person.token, room).opened()),
    );
    let fetched = 0;
    mongoose.set('debug', (collection: string, method: string, filter: { seq?: unknown }) => {
      if (collection === 'messages' && method === 'find' && filter.seq !== undefined) fetched += 1;
    });
    try {
      const COUNT = 10;
      for (let count = 0; count < COUNT; count += 1)
        await ada.api.messages.send.mutate({ conversationId: room, text: `${count}` });
      await Promise.all(sockets.map((socket) => socket.has(COUNT)));
      for (const socket of sockets) expect(socket.frames).to.deep.equal(sockets[0]?.frames);
      // Of a thousand; what is told much later than to the others is fetched again.
      expect(fetched).to.be.within(1, COUNT * 3);
    } finally {
      mongoose.set('debug', false);
      await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()));
    }
  });

  it('keep nothing of one who is gone before they are let in, nor of a wrong handshake', async () => {
    const ada = await signUp(server);
    const { port } = new URL(server.url);
    const lines = [
      'GET /api/chat/send/?token=',
      ada.token,
      ' HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n',
    ];
    for (const key of ['', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n']) {
      for (let count = 0; count < limits.subscriptionsPerUser.value; count += 1) {
        const socket = connect(Number(port), '127.0.0.1');
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(`${lines.join('')}upgrade: websocket\r\n${key}\r\n`);
        if (key === '') await once(socket, 'data');
        socket.destroy();
      }
    }
    const left = async (): Promise<(string | undefined)[]> => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return ['json_sockets', 'subscriptions'].map(
        (name) => new RegExp(`^parley_${name} (.*)$`, 'm').exec(text)?.[1],
      );
    };
    // Once the server has seen them go, those of other tests as well.
    while ((await left()).some((count) => count !== '0')) await new Promise(setImmediate);
    await using socket = await chat(server, ada.token).opened();
    expect(await left()).to.deep.equal(['1', '1']);
    expect(socket.frames).to.deep.equal([]);
  });

  it('cut a line whose other end does not answer, and no other', async () => {
    const wss = new WebSocketServer({ port: 0 });
    const heartbeats = new Heartbeats(50);
    wss.on('connection', (socket) => heartbeats.watch(socket));
    await once(wss, 'listening');
    const url = `ws://127.0.0.1:${(wss.address() as { port: number }).port}`;
    await using honest = await new JsonClient(url).opened();
    await using dead = await new JsonClient(url, { autoPong: false }).opened();
    expect((await dead.closed).code).to.equal(1006);
    expect(honest.socket.readyState).to.equal(WebSocket.OPEN);
    heartbeats.close();
    wss.close();
  });
});
