// Frames in so many parts that keeping them would cost far more than their bytes: a part holds on to all that was read with it.
import { once } from 'node:events';
import { limits, newId } from '@parley/shared';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { chat, converse, type JsonClient } from '../harness/json-client.js';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';

describe('a frame in very many parts', () => {
  let server: TestServer;
  let ada: TestPerson;
  let roomId: string;
  before(async () => {
    server = await startTestServer();
    ada = await signUp(server);
    roomId = (await ada.api.rooms.joinOrCreate.mutate({ name: newId() })).room.id;
  });
  after(() => server.close());

  const sendParts = (socket: WebSocket, count: number): void => {
    for (let part = 0; part < count; part += 1) socket.send('x', { fin: false });
  };

  const jsonKinds: Record<string, () => Promise<JsonClient>> = {
    'all direct conversations': () => chat(server, ada.token).opened(),
    'one conversation': () => converse(server, ada.token, roomId).opened(),
  };
  for (const [kind, open] of Object.entries(jsonKinds)) {
    it(`is too large for the socket of ${kind}, however small they are; one in fewer is a frame`, async () => {
      const socket = await open();
      const most = limits.smallFrameParts.value;
      sendParts(socket.socket, most - 1);
      socket.socket.send('x', { fin: true });
      await socket.has(1);
      expect(socket.frames[0]?.error?.code).to.equal('INVALID_INPUT');
      sendParts(socket.socket, most + 1);
      expect(await socket.closed).to.deep.equal({ code: 4413, reason: 'TOO_LARGE' });
      expect(socket.frames.map(({ error }) => error?.code)).to.deep.equal(['INVALID_INPUT', 'TOO_LARGE']);
    });
  }

  for (const [kind, path, most] of [
    ['subscriptions', () => '/trpc', limits.smallFrameParts.value],
    ['a document', () => `/sync/${roomId}?token=${ada.token}`, limits.frameParts.value],
  ] as const) {
    it(`closes the socket of ${kind}`, async () => {
      const socket = new WebSocket(`${server.wsUrl}${path()}`);
      await once(socket, 'open');
      sendParts(socket, most + 1);
      expect((await once(socket, 'close'))[0]).to.equal(1008);
    });
  }
});
