// What JSON sockets tell of when they were not told of it in time: late, and after a gap. Each message once, none from before.
import { newId } from '@parley/shared';
import { expect } from 'chai';
import mongoose from 'mongoose';
import { chat, converse, type JsonClient } from '../harness/json-client.js';
import { createApi, signUp, startTestServer, type TestPerson } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

describe('JSON sockets that are told late', () => {
  let place: ServerOnStore;
  let ada: TestPerson;
  let bob: TestPerson;
  let conversationId: string;
  const { insertMany } = mongoose.mongo.Collection.prototype;
  before(async () => {
    place = await startServerOnStore('json-sockets-gap');
  });
  after(() => place.close());
  beforeEach(async () => {
    [ada, bob] = await Promise.all([signUp(place.server), signUp(place.server)]);
    conversationId = (await ada.api.conversations.start.mutate({ userId: bob.id })).conversation.id;
  });
  afterEach(() => {
    mongoose.mongo.Collection.prototype.insertMany = insertMany;
  });

  const kinds: Record<string, () => Promise<JsonClient>> = {
    'all direct conversations': () => chat(place.server, bob.token).opened(),
    'one conversation': () => converse(place.server, bob.token, conversationId).opened(),
  };
  const say = (text: string): Promise<unknown> => ada.api.messages.send.mutate({ conversationId, text });

  /** What another process would have left, which died before it told of it. */
  const leave = async (...texts: readonly string[]): Promise<void> => {
    const rows = place.database.collection<{ _id: string; seq: number }>('messages');
    const [newest] = await rows.find({ conversation: conversationId }).sort({ seq: -1 }).limit(1).toArray();
    const left = texts.map((text, index) => ({
      ...{ _id: newId(), conversation: conversationId, seq: (newest?.seq ?? 0) + 1 + index },
      ...{ position: 1_000 + index, author: ada.id, text, system: null, files: [], replyTo: null },
      ...{ mentions: [], reactions: [], sentAt: new Date(), receivedAt: new Date() },
      ...{ editedAt: null, deletedAt: null },
    }));
    await rows.insertMany(left);
    const last = left.at(-1);
    await place.database
      .collection<{ _id: string }>('conversations')
      .updateOne(
        { _id: conversationId },
        { $set: { activeAt: new Date(), messageCount: last?.seq, lastMessage: last?._id } },
      );
    const events = place.database.collection<{ _id: number }>('events');
    const [event] = await events.find().sort({ _id: -1 }).limit(1).toArray();
    await events.insertOne({
      ...{ _id: (event?._id ?? 0) + 1, at: new Date(), mark: newId(), event: { type: 'stream.gap' } },
      audiences: ['everybody'],
    } as never);
    // Whatever is written next meets that one, and it is told.
    await ada.api.projects.create.mutate({ name: 'so that something happens' });
  };

  for (const [kind, open] of Object.entries(kinds)) {
    it(`of ${kind}: nothing that was answered before they were open`, async () => {
      mongoose.mongo.Collection.prototype.insertMany = async function (...some) {
        if (this.collectionName === 'events') await new Promise((resolve) => setTimeout(resolve, 200));
        return await insertMany.apply(this, some);
      };
      await say('before');
      await using socket = await open();
      await say('after');
      await socket.has(1);
      expect(socket.texts).to.deep.equal(['after']);
    });

    it(`of ${kind}: whatever a gap has swallowed, once, and nothing from before they were open`, async () => {
      await say('before');
      await using socket = await open();
      await leave('nobody told of this', 'nor of this');
      await socket.has(2);
      await leave('and again');
      await socket.has(3);
      await say('told of');
      await socket.has(4);
      await leave('the last');
      await socket.has(5);
      expect(socket.texts).to.deep.equal([
        ...['nobody told of this', 'nor of this', 'and again', 'told of', 'the last'],
      ]);
    });
  }

  for (const [kind, open] of Object.entries(kinds)) {
    it(`of ${kind}: all that two servers tell of the other way round`, async () => {
      await using other = await startTestServer({ mongodbUri: place.uri, nodeBeatMs: 100 });
      const elsewhere = createApi(other.url, ada.token);
      await using socket = await open();
      let tell = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        tell = resolve;
      });
      mongoose.mongo.Collection.prototype.insertMany = async function (rows, ...more) {
        if (JSON.stringify(rows).includes('"messages":[{"id":"') && JSON.stringify(rows).includes('"seq":1,'))
          await held;
        return await insertMany.apply(this, [rows, ...more]);
      };
      const first = say('first');
      while ((await elsewhere.messages.list.query({ conversationId })).items.length === 0);
      await elsewhere.messages.send.mutate({ conversationId, text: 'second' });
      tell();
      await first;
      await socket.has(2);
      expect(socket.texts).to.deep.equal(['first', 'second']);
    });
  }

  it('hear of what is said, and of a session that ends, on another server of the store', async () => {
    await using other = await startTestServer({ mongodbUri: place.uri, nodeBeatMs: 100 });
    const socket = await chat(other, bob.token).opened();
    await using inIt = await converse(other, ada.token, conversationId).opened();
    await say('from the first');
    await Promise.all([socket.has(1), inIt.has(1)]);
    expect([socket.texts, inIt.texts]).to.deep.equal([['from the first'], ['from the first']]);
    await bob.api.auth.logout.mutate();
    expect((await socket.closed).code).to.equal(4401);
  });

  it('that lost their place in a gap are closed', async () => {
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: newId() });
    await bob.api.rooms.join.mutate({ conversationId: room.id });
    const socket = await converse(place.server, bob.token, room.id).opened();
    await place.database
      .collection('memberships')
      .updateOne({ conversation: room.id, user: bob.id }, { $set: { state: 'left' } });
    await leave('a gap');
    expect((await socket.closed).code).to.equal(4403);
  });
});
