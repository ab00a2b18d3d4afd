// The sockets of somebody's direct conversations: who may be written to, who hears of what, and what the sender is answered.
import { newId } from '@parley/shared';
import { expect } from 'chai';
import mongoose from 'mongoose';
import { chat, converse, type JsonClient } from '../harness/json-client.js';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { StockClient } from '../harness/stock-client.js';

const GRACE_MS = 300;

describe('the JSON sockets of direct conversations', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ presenceGraceMs: GRACE_MS });
  });
  after(() => server.close());

  const people = async (): Promise<[TestPerson, TestPerson]> =>
    await Promise.all([signUp(server, 'ada'), signUp(server, 'bob')]);
  const open = (person: TestPerson): Promise<JsonClient> => chat(server, person.token).opened();
  const start = async (one: TestPerson, other: TestPerson): Promise<string> =>
    (await one.api.conversations.start.mutate({ userId: other.id })).conversation.id;
  const historyOf = async ({ api }: TestPerson, conversationId: string) =>
    (await api.messages.list.query({ conversationId, limit: 100 })).items;
  const refusal = async (socket: JsonClient, frame: unknown): Promise<string | undefined> => {
    const at = socket.frames.length;
    socket.send(frame);
    await socket.has(at + 1);
    return socket.frames[at]?.error?.code;
  };

  it('bring a message to whoever is online, and say to its sender alone that it is stored', async () => {
    const [ada, bob] = await people();
    await using hers = await open(ada);
    await using his = await open(bob);
    const id = newId();
    hers.send({ message: 'hello', receiver: bob.username, id });
    const [told] = await his.has(1);
    const [answer] = await hers.has(1);
    expect(answer).to.deep.equal({ ok: true, id });
    const conversationId = await start(ada, bob);
    expect(told).to.deep.include({
      ...{ message: 'hello', id, conversation_id: conversationId },
      sender: { id: ada.id, username: ada.username },
    });
    his.send({ message: 'hello yourself', receiver: ada.username.toUpperCase() });
    await hers.has(2);
    expect(hers.texts).to.deep.equal(['hello yourself']);
    his.send({ message: 'by id', receiver: ada.id });
    await Promise.all([hers.has(3), his.has(3)]);
    expect(his.frames.map(({ ok, message }) => ok ?? message)).to.deep.equal(['hello', true, true]);
    const texts = (await historyOf(bob, conversationId)).map(({ text }) => text);
    expect(texts).to.deep.equal(['hello', 'hello yourself', 'by id']);
  });

  it('make the one conversation of two who write to each other for the first time at the same moment', async () => {
    const [ada, bob] = await people();
    await using hers = await open(ada);
    await using his = await open(bob);
    hers.send({ message: 'from ada', receiver: bob.username });
    his.send({ message: 'from bob', receiver: ada.username });
    await Promise.all([hers.has(2), his.has(2)]);
    expect([hers.texts, his.texts]).to.deep.equal([['from bob'], ['from ada']]);
    const { items } = await ada.api.conversations.list.query({});
    expect(items.length).to.equal(1);
  });

  it('tell of what came through any other door, one’s own other devices included, and of no group or room', async () => {
    const [ada, bob] = await people();
    const conversationId = await start(ada, bob);
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: newId() });
    await bob.api.rooms.joinOrCreate.mutate({ name: room.name });
    await using hers = await open(ada);
    await using another = await open(ada);
    await using his = await open(bob);
    await using inRoom = await converse(server, bob.token, room.id).opened();
    await using inDirect = await converse(server, ada.token, conversationId).opened();
    using stock = new StockClient({
      ...{ wsUrl: server.wsUrl, conversationId, userId: ada.id, token: ada.token },
    });
    await stock.synced();
    inRoom.send({ message: 'in the room' });
    await inRoom.has(1);
    hers.send({ message: 'from a socket', receiver: bob.username });
    await his.has(1);
    stock.say('from Yjs');
    await his.has(2);
    inDirect.send({ message: 'from the conversation’s own' });
    await his.has(3);
    await bob.api.messages.send.mutate({ conversationId, text: 'from a procedure' });
    const all = ['from a socket', 'from Yjs', 'from the conversation’s own', 'from a procedure'];
    await his.has(4);
    const plain = await fetch(`${server.url}/api/messages/${conversationId}/send/`, {
      ...{ method: 'POST', body: JSON.stringify({ message: 'from the plain API' }) },
      headers: { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' },
    });
    expect(plain.status).to.equal(201);
    all.push('from the plain API');
    await Promise.all([his, another, inDirect, hers].map((socket) => socket.has(5)));
    expect([his.texts, another.texts, inDirect.texts]).to.deep.equal([all, all, all]);
    // The answer, and the others.
    expect(hers.texts).to.deep.equal(all.slice(1));
    expect(hers.frames.filter(({ ok }) => ok).length).to.equal(1);
    await stock.sees('from a socket');
    expect((await historyOf(ada, conversationId)).map(({ text }) => text)).to.deep.equal(all);
  });

  it('refuse whoever is offline, unknown, blocked, or oneself, and stay', async () => {
    const [[ada, bob], eve] = await Promise.all([people(), signUp(server, 'eve')]);
    await using hers = await open(ada);
    expect(await refusal(hers, { message: 'hi', receiver: bob.username })).to.equal('RECIPIENT_OFFLINE');
    expect(await refusal(hers, { message: 'hi', receiver: `nobody-${newId()}` })).to.equal('NOT_FOUND');
    expect(await refusal(hers, { message: 'hi', receiver: newId() })).to.equal('NOT_FOUND');
    expect(await refusal(hers, { message: 'hi', receiver: ada.username })).to.equal('INVALID_INPUT');
    expect(await refusal(hers, { message: 'hi', receiver: ada.id })).to.equal('INVALID_INPUT');
    await using _his = await open(bob);
    await using _evil = await open(eve);
    await bob.api.presence.setStatus.mutate({ status: 'invisible' });
    expect(await refusal(hers, { message: 'hi', receiver: bob.username })).to.equal('RECIPIENT_OFFLINE');
    await bob.api.presence.setStatus.mutate({ status: 'away' });
    expect(await refusal(hers, { message: 'hi', receiver: bob.username })).to.equal(undefined);
    for (const [by, whom] of [
      [eve, ada],
      [ada, bob],
    ] as const)
      await by.api.friends.block.mutate({ userId: whom.id });
    expect(await refusal(hers, { message: 'hi', receiver: eve.username })).to.equal('NOT_FOUND');
    expect(await refusal(hers, { message: 'hi', receiver: bob.username })).to.equal('NOT_FOUND');
    const conversations = (await ada.api.conversations.list.query({})).items;
    expect(conversations.map(({ peer, messageCount }) => [peer?.id, messageCount])).to.deep.equal([
      [bob.id, 1],
    ]);
  });

  it('can be seen the moment they are open, however slowly that is written', async () => {
    const [[ada, bob], eve] = await Promise.all([people(), signUp(server)]);
    const { bulkWrite } = mongoose.mongo.Collection.prototype;
    mongoose.mongo.Collection.prototype.bulkWrite = async function (...some) {
      if (this.collectionName === 'presence') await new Promise((resolve) => setTimeout(resolve, 200));
      return await bulkWrite.apply(this, some);
    };
    try {
      await using hers = await open(ada);
      // While another's is written.
      const coming = open(eve);
      await using his = await open(bob);
      await using _hers = await coming;
      hers.send({ message: 'there you are', receiver: bob.username });
      await his.has(1);
    } finally {
      mongoose.mongo.Collection.prototype.bulkWrite = bulkWrite;
    }
  });

  it('make somebody online by themselves, until a moment after the last has closed', async () => {
    const [ada, bob] = await people();
    const statusOf = async () => (await ada.api.presence.get.query({ userIds: [bob.id] })).items[0]?.status;
    expect(await statusOf()).to.equal('offline');
    const { room } = await bob.api.rooms.joinOrCreate.mutate({ name: newId() });
    for (const how of [() => open(bob), () => converse(server, bob.token, room.id).opened()]) {
      const [one, other] = [await how(), await how()];
      expect(await statusOf(), 'as soon as it is open').to.equal('available');
      await one[Symbol.asyncDispose]();
      const again = await how();
      await other[Symbol.asyncDispose]();
      expect(await statusOf()).to.equal('available');
      await again[Symbol.asyncDispose]();
      expect(await statusOf(), 'for a moment').to.equal('available');
      while ((await statusOf()) !== 'offline') await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('tell nothing from before they were open', async () => {
    const [ada, bob] = await people();
    const conversationId = await start(ada, bob);
    for (let round = 0; round < 8; round += 1) {
      await bob.api.messages.send.mutate({ conversationId, text: `before ${round}` });
      await using socket = await open(ada);
      await bob.api.messages.send.mutate({ conversationId, text: `after ${round}` });
      await socket.has(1);
      expect(socket.texts).to.deep.equal([`after ${round}`]);
    }
  });

  it('answer the same message sent again as at first, and store it once', async () => {
    const [ada, bob] = await people();
    await using his = await open(bob);
    await using hers = await open(ada);
    const frame = { message: 'once', receiver: bob.username, id: newId() };
    hers.send(frame);
    hers.send(frame);
    await hers.has(2);
    await using again = await open(ada);
    again.send(frame);
    await again.has(1);
    for (const answer of [...hers.frames, ...again.frames])
      expect(answer).to.deep.equal({ ok: true, id: frame.id });
    const id = newId();
    his.send({ message: 'his', receiver: ada.username, id });
    await hers.has(3);
    // Somebody else's id is taken, and keeps nobody from hearing of that message.
    expect(await refusal(hers, { ...frame, id })).to.equal('MESSAGE_ID_TAKEN');
    expect(hers.texts).to.deep.equal(['his']);
    expect(his.texts).to.deep.equal(['once']);
    expect((await historyOf(bob, await start(ada, bob))).length).to.equal(2);
  });

  it('hear of a message whose id they tried to take at the same moment', async () => {
    const [ada, bob] = await people();
    await using his = await open(bob);
    await using hers = await open(ada);
    for (let round = 0; round < 8; round += 1) {
      const id = newId();
      his.send({ message: 'his', receiver: ada.username, id });
      hers.send({ message: 'hers', receiver: bob.username, id });
      const answers = await Promise.all(
        [his, hers].map(async (socket) => {
          const answer = () => socket.frames.find((frame) => frame.id === id && frame.sender === undefined);
          await socket.until(() => answer() !== undefined);
          return answer();
        }),
      );
      const [loser] = [his, hers].filter((_, index) => answers[index]?.error?.code === 'MESSAGE_ID_TAKEN');
      await loser?.until(() => loser.frames.some((frame) => frame.id === id && frame.sender !== undefined));
      expect(loser).not.to.equal(undefined);
    }
  });

  it('name the fields that are wrong', async () => {
    const ada = await signUp(server, 'ada');
    await using socket = await open(ada);
    const id = newId();
    for (const frame of [
      {},
      { message: 5, receiver: [] },
      { message: ' \n', receiver: '' },
      { message: 'x'.repeat(8_001), receiver: 'x'.repeat(1_000), id: 'short' },
      { message: '\ud800', receiver: { $ne: null } },
    ])
      socket.send(frame);
    socket.send({ message: '', receiver: 'bob', id });
    await socket.has(6);
    const fields = socket.frames.map(({ error }) => Object.keys(error?.fields ?? {}));
    expect(fields).to.deep.equal([
      ['message', 'receiver'],
      ['message', 'receiver'],
      ['message', 'receiver'],
      ['message', 'id', 'receiver'],
      ['message', 'receiver'],
      ['message'],
    ]);
    expect(socket.frames.map(({ error }) => error?.code)).to.deep.equal(Array(6).fill('INVALID_INPUT'));
    expect(socket.frames[5]?.id).to.equal(id);
  });
});
