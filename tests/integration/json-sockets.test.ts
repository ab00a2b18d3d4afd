// The sockets of one conversation: what is said comes out of every door once, whichever it went in by.
import { newId } from '@parley/shared';
import { expect } from 'chai';
import { upload } from '../harness/files.js';
import { converse, type JsonClient } from '../harness/json-client.js';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { sdkSignUp } from '../harness/sdk-person.js';
import { StockClient } from '../harness/stock-client.js';

describe('the JSON sockets of a conversation', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const people = async (): Promise<[TestPerson, TestPerson]> =>
    await Promise.all([signUp(server, 'ada'), signUp(server, 'bob')]);
  const roomOf = async (...members: readonly Pick<TestPerson, 'api'>[]): Promise<string> => {
    const name = `room ${newId()}`;
    const rooms = await Promise.all(members.map(({ api }) => api.rooms.joinOrCreate.mutate({ name })));
    return rooms[0]?.room.id ?? '';
  };
  const open = (person: TestPerson, name: string): Promise<JsonClient> =>
    converse(server, person.token, name).opened();
  const textsOf = async ({ api }: TestPerson, conversationId: string): Promise<string[]> => {
    const { items } = await api.messages.list.query({ conversationId, limit: 100 });
    return items.filter(({ system }) => system === null).map(({ text }) => text);
  };

  it('tell everybody, the sender too, of each message once; history keeps it once', async () => {
    const [ada, bob] = await people();
    const conversationId = await roomOf(ada, bob);
    await using one = await open(ada, conversationId);
    await using other = await open(bob, conversationId);
    const id = newId();
    one.send({ message: 'hello 👋', id, more: { than: ['is asked for'] } });
    other.send({ message: 'hello yourself' });
    for (const socket of [one, other]) {
      await socket.has(2);
      const frame = socket.frames.find((frame) => frame.id === id);
      expect(frame).to.deep.include({
        ...{ message: 'hello 👋', id, conversation_id: conversationId },
        sender: { id: ada.id, username: ada.username },
      });
      expect(new Date(frame?.timestamp ?? '').toISOString()).to.equal(frame?.timestamp);
    }
    expect(one.frames).to.deep.equal(other.frames);
    expect(await textsOf(ada, conversationId)).to.deep.equal(one.texts);
  });

  it('are one conversation with the procedures, a stock Yjs client and the SDK, in both directions and one order', async () => {
    const [[ada, bob], eve] = await Promise.all([people(), sdkSignUp(server)]);
    const conversationId = await roomOf(ada, bob, eve);
    using stock = new StockClient({
      ...{ wsUrl: server.wsUrl, conversationId, userId: bob.id, token: bob.token },
    });
    const sdk = eve.client.conversation(conversationId);
    await stock.synced();
    await using socket = await open(ada, conversationId);
    await using late = await open(bob, conversationId);
    socket.send({ message: 'from the JSON socket' });
    await stock.sees('from the JSON socket');
    stock.say('from Yjs');
    await socket.has(2);
    sdk.send('from the SDK');
    await socket.has(3);
    await bob.api.messages.send.mutate({ conversationId, text: 'from a procedure' });
    await late.has(4);
    await socket.has(4);
    const texts = ['from the JSON socket', 'from Yjs', 'from the SDK', 'from a procedure'];
    expect(socket.texts).to.deep.equal(texts);
    expect(late.frames).to.deep.equal(socket.frames);
    expect(await textsOf(ada, conversationId)).to.deep.equal(texts);
    await stock.until(() => stock.texts.filter((text) => texts.includes(text)).length === texts.length);
    sdk.close();
  });

  it('tell of everything in the order of history, however many speak at once', async () => {
    const [ada, bob] = await people();
    const conversationId = await roomOf(ada, bob);
    await using one = await open(ada, conversationId);
    await using other = await open(bob, conversationId);
    for (let count = 0; count < 30; count += 1) {
      one.send({ message: `one ${count}` });
      other.send({ message: `other ${count}` });
      void ada.api.messages.send.mutate({ conversationId, text: `procedure ${count}` });
    }
    await Promise.all([one.has(90), other.has(90)]);
    const seqs = one.frames.map(({ seq = 0 }) => seq);
    expect(seqs).to.deep.equal(seqs.toSorted((left, right) => left - right));
    expect(new Set(seqs).size).to.equal(90);
    expect(other.frames).to.deep.equal(one.frames);
    expect(one.texts.filter((text) => text?.startsWith('other'))).to.deep.equal(
      Array.from({ length: 30 }, (_, count) => `other ${count}`),
    );
  });

  it('hear from the moment they are open, and nothing from before', async () => {
    const [ada, bob] = await people();
    const conversationId = await roomOf(ada, bob);
    for (let round = 0; round < 8; round += 1) {
      await bob.api.messages.send.mutate({ conversationId, text: `before ${round}` });
      await using socket = await open(ada, conversationId);
      await bob.api.messages.send.mutate({ conversationId, text: `after ${round}` });
      await socket.has(1);
      expect(socket.texts).to.deep.equal([`after ${round}`]);
    }
  });

  it('lose nothing that is said while they open', async () => {
    const [ada, bob] = await people();
    const conversationId = await roomOf(ada, bob);
    let isTalking = true;
    let next = 0;
    const talking = (async () => {
      for (; isTalking; next += 1) await bob.api.messages.send.mutate({ conversationId, text: `${next}` });
    })();
    for (let round = 0; round < 8; round += 1) {
      const socket = await open(ada, conversationId);
      // That one may be on its way, the one after it is sent later than this.
      const first = `${next + 1}`;
      await socket.until(() => socket.texts.includes(first));
      await socket.has(3);
      const seqs = socket.frames.map(({ seq = 0 }) => seq);
      expect(seqs).to.deep.equal(seqs.map((_, index) => (seqs[0] ?? 0) + index));
      await socket[Symbol.asyncDispose]();
    }
    isTalking = false;
    await talking;
  });

  it('find a room by its name in any case and encoding, an id first, with or without the last slash', async () => {
    const [ada, bob] = await people();
    const name = `Café ${newId()} Ünïcode/100%`;
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: name.normalize('NFC') });
    await using byName = await open(ada, name.toUpperCase().normalize('NFD'));
    await using byId = await converse(server, ada.token, room.id).opened();
    await ada.api.messages.send.mutate({ conversationId: room.id, text: 'found' });
    expect([await byName.has(1), await byId.has(1)].map(([frame]) => frame?.message)).to.deep.equal([
      'found',
      'found',
    ]);
    // A room that is named as another conversation's id takes nothing from it.
    const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
    await bob.api.rooms.joinOrCreate.mutate({ name: conversation.id });
    await using direct = await open(ada, conversation.id);
    direct.send({ message: 'for bob alone' });
    expect((await direct.has(1))[0]?.conversation_id).to.equal(conversation.id);
  });

  it('show a newcomer nothing from before they came, where it is so', async () => {
    const [ada, bob] = await people();
    const settings = { history: 'fromJoin' as const };
    const { id } = await ada.api.groups.create.mutate({
      name: `g ${newId()}`,
      visibility: 'public',
      ...settings,
    });
    await ada.api.messages.send.mutate({ conversationId: id, text: 'before' });
    await bob.api.groups.join.mutate({ conversationId: id });
    await using socket = await open(bob, id);
    await ada.api.messages.send.mutate({ conversationId: id, text: 'after' });
    await socket.has(1);
    expect(socket.texts).to.deep.equal(['after']);
  });

  it('tell of a file as what it is, with or without words', async () => {
    const [ada, bob] = await people();
    const conversationId = await roomOf(ada, bob);
    await using socket = await open(bob, conversationId);
    const bytes = Buffer.from('some notes');
    const { id, name, size, type } = await upload(server, ada, { conversationId, bytes });
    await ada.api.messages.send.mutate({ conversationId, text: '', files: [id] });
    await socket.has(1);
    expect(socket.frames[0]).to.deep.include({ message: '', file: { id, name, size, type } });
  });

  it('tell of no edits, deletions, reactions or what the server notes', async () => {
    const [ada, bob] = await people();
    const conversationId = await roomOf(ada);
    await ada.api.rooms.update.mutate({ conversationId, announces: true });
    await using socket = await open(ada, conversationId);
    await bob.api.rooms.join.mutate({ conversationId });
    const { id } = await bob.api.messages.send.mutate({ conversationId, text: 'first' });
    await bob.api.messages.edit.mutate({ conversationId, id, text: 'edited' });
    await ada.api.messages.react.mutate({ conversationId, id, emoji: '👋' });
    await bob.api.messages.delete.mutate({ conversationId, id });
    await bob.api.messages.send.mutate({ conversationId, text: 'second' });
    await socket.until(() => socket.texts.includes('second'));
    // What was deleted before it could be told is not told.
    expect(['first', 'edited', 'second']).to.include.members(socket.texts);
    expect(socket.texts.length).to.be.lessThanOrEqual(2);
    const { items } = await ada.api.messages.list.query({ conversationId });
    expect(items.map(({ system }) => system?.type)).to.deep.equal(['joined', undefined, undefined]);
  });

  it('answer one who sends the same again over another line, and tell nobody else', async () => {
    const [ada, bob] = await people();
    const conversationId = await roomOf(ada, bob);
    const id = newId();
    const first = await open(ada, conversationId);
    first.send({ message: 'once', id });
    await first.has(1);
    await first[Symbol.asyncDispose]();
    await using again = await open(ada, conversationId);
    await using other = await open(bob, conversationId);
    again.send({ message: 'once', id });
    expect((await again.has(1))[0]).to.include({ id, message: 'once' });
    other.send({ message: 'taken', id });
    expect((await other.has(1))[0]).to.deep.include({ id });
    expect(other.frames[0]?.error?.code).to.equal('MESSAGE_ID_TAKEN');
    other.send({ message: 'another' });
    await Promise.all([again.has(2), other.has(2)]);
    expect(await textsOf(bob, conversationId)).to.deep.equal(['once', 'another']);
  });

  it('take a recipient_id of somebody in it, and of nobody else', async () => {
    const [[ada, bob], eve] = await Promise.all([people(), signUp(server)]);
    const conversationId = await roomOf(ada, bob);
    await using socket = await open(ada, conversationId);
    socket.send({ message: 'to bob', recipient_id: bob.id });
    expect((await socket.has(1))[0]?.message).to.equal('to bob');
    for (const recipient of [eve.id, 'nobody', 7])
      socket.send({ message: 'to eve', recipient_id: recipient });
    await socket.has(4);
    for (const { error } of socket.frames.slice(1)) {
      expect(error?.code).to.equal('INVALID_INPUT');
      expect(Object.keys(error?.fields ?? {})).to.deep.equal(['recipient_id']);
    }
  });

  it('send what is sent and left behind by a client that closes at once', async () => {
    const [ada, bob] = await people();
    const conversationId = await roomOf(ada, bob);
    await using other = await open(bob, conversationId);
    const socket = await open(ada, conversationId);
    for (let count = 0; count < 10; count += 1) socket.send({ message: `${count}` });
    socket.socket.close();
    await other.has(10);
    expect(other.texts).to.deep.equal(Array.from({ length: 10 }, (_, count) => `${count}`));
  });
});
