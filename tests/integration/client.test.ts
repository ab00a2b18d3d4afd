import {
  type Conversation,
  createParleyClient,
  memoryStorage,
  type ParleyClient,
  type Storage,
} from '@parley/client';
import { messageValue } from '@parley/shared';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { startTestServer, TEST_PASSWORD, type TestServer } from '../harness/kit.js';

/** A cable that can be pulled. */
class Network {
  isDown = false;
  readonly sockets = new Set<WebSocket>();
  readonly WebSocket: new (
    url: string,
  ) => WebSocket;

  constructor() {
    const network = this;
    this.WebSocket = class extends WebSocket {
      constructor(url: string) {
        super(network.isDown ? 'ws://127.0.0.1:1/' : url);
        network.sockets.add(this);
        this.on('close', () => network.sockets.delete(this));
      }
    };
  }

  readonly fetch: typeof globalThis.fetch = async (...request) => {
    if (this.isDown) throw new TypeError('the cable is out');
    return await fetch(...request);
  };

  pull(): void {
    this.isDown = true;
    for (const socket of this.sockets) socket.terminate();
  }
}

let count = 0;
const personAt = async (server: TestServer, name: string, options: { storage?: Storage } = {}) => {
  count += 1;
  const network = new Network();
  const client = createParleyClient({
    url: server.url,
    WebSocket: network.WebSocket,
    fetch: network.fetch,
    ...options,
  });
  const username = `${name}-${process.pid}-${count}`;
  const user = await client.signUp({ username, password: TEST_PASSWORD, firstName: name });
  return { client, user, username, network };
};

const roomOf = async (name: string, ...clients: ParleyClient[]): Promise<string> => {
  count += 1;
  let id = '';
  for (const client of clients)
    id = (await client.api.rooms.joinOrCreate.mutate({ name: `${name} ${count}` })).room.id;
  return id;
};

/** Resolves once the conversation shows what is asked for. */
const until = async (conversation: Conversation, isReached: () => boolean): Promise<void> => {
  if (isReached()) return;
  await new Promise<void>((resolve) => {
    const stops: (() => void)[] = [];
    const look = (): void => {
      if (!isReached()) return;
      for (const stop of stops) stop();
      resolve();
    };
    stops.push(
      conversation.on('messages', look),
      conversation.on('status', look),
      conversation.on('presence', look),
    );
  });
};

const texts = (conversation: Conversation): string[] => conversation.messages.map(({ text }) => text);
const allNumbered = (conversation: Conversation): boolean =>
  conversation.messages.every(({ seq }) => seq !== null);

describe('the client on a real server', () => {
  it('carries a conversation both ways, numbered alike on both ends', async () => {
    await using server = await startTestServer();
    const [ada, bob] = [await personAt(server, 'Ada'), await personAt(server, 'Bob')];
    const { conversation } = await ada.client.api.conversations.start.mutate({ userId: bob.user.id });
    const left = ada.client.conversation(conversation.id);
    const right = bob.client.conversation(conversation.id);
    await Promise.all([left.whenSynced(), right.whenSynced()]);
    await left.send('hello').stored;
    await until(right, () => texts(right).includes('hello'));
    await right.send('hello yourself', { replyTo: right.messages[0]?.id ?? '' }).stored;
    await Promise.all(
      [left, right].map((end) => until(end, () => end.messages.length === 2 && allNumbered(end))),
    );
    expect(left.messages.map(({ seq, text }) => [seq, text])).to.deep.equal([
      [1, 'hello'],
      [2, 'hello yourself'],
    ]);
    expect(right.messages).to.deep.equal(left.messages);
    await until(left, () => left.presence.others.length === 1);
    expect(left.presence.others[0]?.user).to.deep.equal({ id: bob.user.id, name: 'Bob' });
    ada.client.close();
    bob.client.close();
  });

  it('edits, deletes and reacts with one call, in the window and long after', async () => {
    await using server = await startTestServer({ windowMessages: 4, segmentMessages: 2 });
    const [ada, bob] = [await personAt(server, 'Ada'), await personAt(server, 'Bob')];
    const id = await roomOf('changes', ada.client, bob.client);
    const [left, right] = [ada.client.conversation(id), bob.client.conversation(id)];
    await Promise.all([left.whenSynced(), right.whenSynced()]);
    const sent = ['one', 'two', 'three', 'four'].map((text) => left.send(text));
    await Promise.all(sent.map(({ stored }) => stored));
    const [first, , third, fourth] = sent.map((message) => message.id);
    if (!first || !third || !fourth) throw new Error('nothing was sent');
    const shown = (end: Conversation, wanted: string) =>
      end.messages.find((message) => message.id === wanted);
    await until(right, () => allNumbered(right) && right.messages.length === 4);
    await left.edit(fourth, 'fourth');
    await right.react(fourth, '👍');
    await until(right, () => shown(right, fourth)?.text === 'fourth');
    await until(left, () => shown(left, fourth)?.reactions['👍']?.[0] === bob.user.id);
    await left.delete(third);
    await until(right, () => shown(right, third) === undefined);
    for (let count = 1; count <= 8; count += 1) await right.send(`number ${count}`).stored;
    await left.edit(first, 'first');
    expect(shown(left, first)).to.include({ text: 'first', seq: 1 });
    await left.react(first, '🎉');
    expect(shown(left, first)?.reactions).to.deep.equal({ '🎉': [ada.user.id] });
    await left.unreact(first, '🎉');
    expect(shown(left, first)?.reactions).to.deep.equal({});
    await until(right, () => shown(right, first)?.text === 'first');
    await left.react(first, '👍');
    await until(right, () => shown(right, first)?.reactions['👍']?.[0] === ada.user.id);
    const refused = await right.edit(first, 'not mine').catch((error: unknown) => error);
    expect(refused).to.include({ code: 'FORBIDDEN' });
    await left.delete(first);
    await until(right, () => shown(right, first)?.text !== 'first');
    ada.client.close();
    bob.client.close();
  });

  it('keeps what is said offline and sends it once, in order, when the network is back', async () => {
    await using server = await startTestServer();
    const [ada, bob] = [await personAt(server, 'Ada'), await personAt(server, 'Bob')];
    const id = await roomOf('offline', ada.client, bob.client);
    const [left, right] = [ada.client.conversation(id), bob.client.conversation(id)];
    await Promise.all([left.whenSynced(), right.whenSynced()]);
    ada.network.pull();
    await until(left, () => left.status === 'offline');
    const sent = ['one', 'two', 'three'].map((text) => left.send(text));
    await right.send('meanwhile').stored;
    expect(left.messages.map(({ state }) => state)).to.deep.equal(['pending', 'pending', 'pending']);
    ada.network.isDown = false;
    await Promise.all(sent.map(({ stored }) => stored));
    await Promise.all(
      [left, right].map((end) => until(end, () => end.messages.length === 4 && allNumbered(end))),
    );
    expect(texts(left)).to.deep.equal(['meanwhile', 'one', 'two', 'three']);
    expect(texts(right)).to.deep.equal(texts(left));
    ada.client.close();
    bob.client.close();
  });

  it('carries out what was changed offline, though the messages have left the window meanwhile', async () => {
    await using server = await startTestServer({ windowMessages: 4, segmentMessages: 2 });
    const storage = memoryStorage();
    const [ada, bob] = [await personAt(server, 'Ada', { storage }), await personAt(server, 'Bob')];
    const id = await roomOf('changed offline', ada.client, bob.client);
    const [left, right] = [ada.client.conversation(id), bob.client.conversation(id)];
    await Promise.all([left.whenSynced(), right.whenSynced()]);
    const sent = ['one', 'two', 'three'].map((text) => left.send(text));
    await Promise.all(sent.map(({ stored }) => stored));
    const [first, second, third] = sent.map((message) => message.id);
    if (!first || !second || !third) throw new Error('nothing was sent');
    await left.react(third, '👍');
    ada.network.pull();
    await until(left, () => left.status === 'offline');
    const changes = [left.edit(first, 'first'), left.delete(second), left.unreact(third, '👍')];
    const own = left.send('four');
    changes.push(left.edit(own.id, 'fourth'));
    expect(texts(left)).to.deep.equal(['first', 'three', 'fourth']);
    for (let count = 1; count <= 8; count += 1) await right.send(`number ${count}`).stored;
    ada.network.isDown = false;
    await Promise.all([own.stored, ...changes]);
    const { items } = await bob.client.api.messages.list.query({ conversationId: id });
    const rows = new Map(items.map((item) => [item.id, item]));
    expect(rows.get(first)).to.include({ text: 'first' });
    expect(rows.get(second)?.deletedAt).not.to.equal(null);
    expect(rows.get(third)?.reactions).to.deep.equal({});
    expect(rows.get(own.id)).to.include({ text: 'fourth' });
    const unmade = left.messages.filter(({ isChanging }) => isChanging);
    expect(unmade).to.deep.equal([]);
    ada.client.close();
    bob.client.close();
  });

  it('sends after a restart what an earlier run could not', async () => {
    await using server = await startTestServer();
    const storage = memoryStorage();
    const ada = await personAt(server, 'Ada', { storage });
    const id = await roomOf('restart', ada.client);
    ada.network.pull();
    const first = ada.client.conversation(id);
    const { id: messageId } = first.send('from an earlier life');
    await until(first, () => first.status === 'offline');
    ada.client.close();
    const again = createParleyClient({ url: server.url, storage });
    expect((await again.restore())?.id).to.equal(ada.user.id);
    const second = again.conversation(id);
    await until(second, () => second.messages[0]?.seq === 1);
    expect(second.messages.map((message) => message.id)).to.deep.equal([messageId]);
    again.close();
  });

  it('pages back over 250 messages behind a small window, each once and in order', async () => {
    await using server = await startTestServer({ windowMessages: 20, segmentMessages: 10 });
    const ada = await personAt(server, 'Ada');
    const id = await roomOf('history', ada.client);
    const writer = ada.client.conversation(id);
    await writer.whenSynced();
    // In waves: what is said at once lands in one segment, however large.
    for (let first = 1; first <= 250; first += 10) {
      await Promise.all(
        Array.from({ length: 10 }, (_, index) => writer.send(`message ${first + index}`).stored),
      );
    }
    await until(writer, () => writer.messages.length === 250 && allNumbered(writer));
    const reader = createParleyClient({ url: server.url });
    await reader.signIn({ login: ada.username, password: TEST_PASSWORD });
    const conversation = reader.conversation(id);
    await conversation.whenSynced();
    await until(conversation, () => allNumbered(conversation) && conversation.messages.length > 0);
    expect(conversation.messages.length).to.be.below(60);
    while (await conversation.loadOlder(40));
    expect(conversation.messages.map(({ seq }) => seq)).to.deep.equal(
      Array.from({ length: 250 }, (_, index) => index + 1),
    );
    expect(texts(conversation)).to.deep.equal(texts(writer));
    expect(texts(conversation)[0]).to.equal('message 1');
    reader.close();
    ada.client.close();
  });

  it('closes conversations at once on signing out, here and by the server', async () => {
    await using server = await startTestServer();
    const ada = await personAt(server, 'Ada');
    const id = await roomOf('leaving', ada.client);
    const conversation = ada.client.conversation(id);
    await conversation.whenSynced();
    const other = createParleyClient({ url: server.url });
    await other.signIn({ login: ada.username, password: TEST_PASSWORD });
    const elsewhere = other.conversation(id);
    await elsewhere.whenSynced();
    await ada.client.signOut();
    expect(conversation.status).to.equal('closed');
    expect(ada.client.user).to.equal(null);
    expect(elsewhere.status).to.equal('online');
    // The token of the other session, ended behind its client's back.
    const shared = memoryStorage();
    const third = createParleyClient({ url: server.url, storage: shared });
    await third.signIn({ login: ada.username, password: TEST_PASSWORD });
    const twin = createParleyClient({ url: server.url, storage: shared });
    await twin.restore();
    const watched = twin.conversation(id);
    await watched.whenSynced();
    await third.signOut();
    await until(watched, () => watched.status === 'closed');
    expect(watched.error?.code).to.equal('SESSION_ENDED');
    expect(twin.user).to.equal(null);
    other.close();
  });

  it('gets a refused draft back and the rest through, whatever lay in the storage', async () => {
    await using server = await startTestServer();
    const storage = memoryStorage();
    const ada = await personAt(server, 'Ada', { storage });
    const id = await roomOf('refusal', ada.client);
    const values = ['one', 'forged', 'three'].map((text) =>
      messageValue({ author: text === 'forged' ? 'somebody else' : ada.user.id, text }),
    );
    await storage.set(`parley:${server.url}:outbox:${ada.user.id}:${id}`, JSON.stringify(values));
    const conversation = ada.client.conversation(id);
    const refused: unknown[] = [];
    conversation.on('refused', ({ draft, error }) => refused.push([draft.text, error.code, error.rule]));
    await until(conversation, () => conversation.messages.filter(({ seq }) => seq !== null).length === 2);
    expect(refused).to.deep.equal([['forged', 'UPDATE_REFUSED', 'C4']]);
    expect(conversation.messages.map(({ text, seq, state }) => [text, seq, state])).to.deep.equal([
      ['one', 1, 'stored'],
      ['three', 2, 'stored'],
      ['forged', null, 'refused'],
    ]);
    ada.client.close();
  });

  it('closes with NOT_FOUND where there is no such conversation', async () => {
    await using server = await startTestServer();
    const ada = await personAt(server, 'Ada');
    const conversation = ada.client.conversation('01ARZ3NDEKTSV4RRFFQ69G5FAV');
    const error = await conversation.whenSynced().catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'NOT_FOUND' });
  });

  it('names the fields at fault when an account is refused', async () => {
    await using server = await startTestServer();
    const client = createParleyClient({ url: server.url });
    const error = await client
      .signUp({ username: 'ada', password: 'short' })
      .catch((reason: unknown) => reason);
    expect(error)
      .to.include({ code: 'INVALID_INPUT', retry: 'never' })
      .and.to.have.nested.property('fields.password');
  });

  it('refreshes by itself with short tokens, once for many calls', async () => {
    await using server = await startTestServer({ accessTokenSeconds: 1 });
    const ada = await personAt(server, 'Ada');
    const id = await roomOf('tokens', ada.client);
    // Longer than a token lives.
    const started = Date.now();
    while (Date.now() - started < 1_500) await ada.client.api.auth.me.query();
    await Promise.all(Array.from({ length: 20 }, () => ada.client.api.auth.me.query()));
    const conversation = ada.client.conversation(id);
    await conversation.whenSynced();
    await conversation.send('still here').stored;
    ada.client.close();
  });
});
