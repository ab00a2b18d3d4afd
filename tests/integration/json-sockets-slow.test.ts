// Sockets whose reader does not read: they end in time all the same, and what is theirs no more is not told.
import { once } from 'node:events';
import { Heartbeats } from '@parley/server/internal/http/json-sockets/heartbeats';
import { newId } from '@parley/shared';
import { expect } from 'chai';
import { WebSocket, WebSocketServer } from 'ws';
import { converse, JsonClient } from '../harness/json-client.js';
import { signUp, type TestPerson } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

/** More than any line takes by itself: about 20 MB. */
const COUNT = 2_500;
/** As many as the machine's buffers and the server's may have taken. */
const MOST_TOLD = 1_500;

describe('a JSON socket that is not read', () => {
  describe('and is behind', () => {
    let place: ServerOnStore;
    before(async () => {
      place = await startServerOnStore('json-sockets-slow');
    });
    after(() => place.close());

    /** What another process would have left, which died before it told of it. */
    const leave = async (conversation: string, author: TestPerson): Promise<void> => {
      await place.database.collection<{ _id: string }>('messages').insertMany(
        Array.from({ length: COUNT }, (_, index) => ({
          ...{ _id: newId(), conversation, seq: 1_000 + index, position: 1_000_000 + index },
          ...{ author: author.id, text: `${index} ${'x'.repeat(8_000)}`, system: null, files: [] },
          ...{ replyTo: null, mentions: [], reactions: [], sentAt: new Date(), receivedAt: new Date() },
          ...{ editedAt: null, deletedAt: null },
        })),
      );
      const events = place.database.collection<{ _id: number }>('events');
      const [last] = await events.find().sort({ _id: -1 }).limit(1).toArray();
      await events.insertOne({
        ...{ _id: (last?._id ?? 0) + 1, at: new Date(), mark: newId(), event: { type: 'stream.gap' } },
        audiences: ['everybody'],
      } as never);
      // Whatever is written next meets that one, and it is told.
      await author.api.projects.create.mutate({ name: 'so that something happens' });
    };

    const ways: Record<
      string,
      readonly [code: number, (to: { ada: TestPerson; bob: TestPerson; group: string }) => Promise<unknown>]
    > = {
      'its person was put out': [
        4403,
        ({ ada, bob, group }) =>
          ada.api.groups.removeMember.mutate({ conversationId: group, userId: bob.id }),
      ],
      'the group is gone': [
        4404,
        ({ ada, group }) => ada.api.groups.delete.mutate({ conversationId: group }),
      ],
      'its session is over': [4401, ({ bob }) => bob.api.auth.logout.mutate()],
    };
    for (const [what, [code, act]] of Object.entries(ways)) {
      it(`is told no more once ${what}`, async () => {
        const [ada, bob] = await Promise.all([signUp(place.server), signUp(place.server)]);
        const { id: group } = await ada.api.groups.create.mutate({
          ...{ name: newId(), visibility: 'private', members: [bob.id] },
        });
        const slow = await converse(place.server, bob.token, group).opened();
        const began = slow.has(1);
        await leave(group, ada);
        await began;
        slow.socket.pause();
        await act({ ada, bob, group });
        slow.socket.resume();
        expect((await slow.closed).code).to.equal(code);
        expect(slow.frames.length).to.be.lessThan(MOST_TOLD);
      });
    }
  });

  it('is cut after a while, however little waits for it', async () => {
    const wss = new WebSocketServer({ port: 0 });
    const heartbeats = new Heartbeats(20, 200);
    const { port } = wss.address() as { port: number };
    const connect = async (): Promise<[client: JsonClient, served: WebSocket]> => {
      const served = once(wss, 'connection');
      const client = await new JsonClient(`ws://127.0.0.1:${port}`).opened();
      return [client, (await served)[0]];
    };
    const [honest, its] = await connect();
    const [dead, other] = await connect();
    dead.socket.pause();
    const frame = JSON.stringify({ message: 'x'.repeat(60_000) });
    while (other.bufferedAmount === 0) {
      other.send(frame);
      await new Promise(setImmediate);
    }
    heartbeats.watch(its);
    heartbeats.watch(other);
    await once(other, 'close');
    expect(honest.socket.readyState).to.equal(WebSocket.OPEN);
    heartbeats.close();
    await Promise.all([honest, dead].map((client) => client[Symbol.asyncDispose]()));
    wss.close();
  });
});
