// The stream of events: what everybody is told, once and in order, whatever breaks in between; and that nobody is told more.
import { once } from 'node:events';
import { type EventType, limits } from '@parley/shared';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { type EventStream, streamOverEvents, streamOverSocket } from '../harness/event-stream.js';
import { createApi, signUp, startTestServer, TEST_PASSWORD, type TestPerson } from '../harness/kit.js';
import { sdkSignUp } from '../harness/sdk-person.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const isReady = (stream: EventStream): boolean => stream.of('stream.ready').length > 0;
const heard =
  (type: EventType, count = 1) =>
  (stream: EventStream): boolean =>
    stream.of(type).length >= count;

describe('the stream of events', () => {
  let place: ServerOnStore;
  before(async () => {
    place = await startServerOnStore('events');
  });
  after(() => place.close());

  const two = async (): Promise<[TestPerson, TestPerson]> =>
    await Promise.all([signUp(place.server), signUp(place.server)]);
  /** Their stream, once it tells whatever happens. */
  const open = async (
    person: TestPerson,
    lastEventId?: string,
    server: { readonly wsUrl: string } = place.server,
  ) => {
    const stream = streamOverSocket(server, () => person.token, { lastEventId });
    await stream.until(isReady);
    return stream;
  };
  const roomOf = async (...people: readonly TestPerson[]): Promise<string> => {
    const name = `room ${Math.random()}`;
    const rooms = await Promise.all(people.map(({ api }) => api.rooms.joinOrCreate.mutate({ name })));
    return rooms[0]?.room.id ?? '';
  };
  const seqsIn = (stream: EventStream): number[] =>
    stream.of('message.added').flatMap(({ messages }) => messages.map(({ seq }) => seq));
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

  it('tells of messages, over a socket and over server-sent events alike', async () => {
    const [ada, bob] = await Promise.all([
      sdkSignUp(place.server, { subscriptions: 'events' }),
      signUp(place.server),
    ]);
    using overEvents = streamOverEvents(ada);
    using overSocket = await open(bob);
    await overEvents.until(isReady);
    const { conversation } = await bob.api.conversations.start.mutate({ userId: ada.id });
    const conversationId = conversation.id;
    const { id } = await bob.api.messages.send.mutate({ conversationId, text: 'hello' });
    for (const stream of [overEvents, overSocket]) {
      await stream.until(heard('message.added'));
      expect(stream.of('message.added')).to.deep.equal([
        { type: 'message.added', conversationId, messages: [{ id, seq: 1, author: bob.id, mentions: [] }] },
      ]);
      expect(stream.of('conversation.memberJoined').map(({ userId }) => userId)).to.include(ada.id);
    }
    await bob.api.messages.edit.mutate({ conversationId, id, text: 'hello you', mentions: [ada.id] });
    await ada.api.messages.react.mutate({ conversationId, id, emoji: '👋' });
    await bob.api.messages.delete.mutate({ conversationId, id });
    await overEvents.until(heard('message.changed', 3));
    expect(overEvents.of('message.changed').flatMap(({ messages }) => messages)).to.deep.equal([
      { id, change: 'edited', by: bob.id, mentions: [ada.id] },
      { id, change: 'reactions', by: ada.id, mentions: [] },
      { id, change: 'deleted', by: bob.id, mentions: [] },
    ]);
    expect(JSON.stringify(overEvents.heard)).not.to.include('hello');
  });

  it('tells how far each has read, forward only, whatever their devices say at once', async () => {
    const [ada, bob] = await two();
    const conversationId = await roomOf(ada, bob);
    for (let count = 0; count < 5; count += 1)
      await bob.api.messages.send.mutate({ conversationId, text: `${count}` });
    using stream = await open(bob);
    const read = (seq: number) => ada.api.conversations.markRead.mutate({ conversationId, seq });
    const answers = await Promise.all([read(3), read(1), read(2)]);
    expect(Math.max(...answers.map(({ lastReadSeq }) => lastReadSeq))).to.equal(3);
    expect(await read(1)).to.deep.equal({ lastReadSeq: 3, unread: 2 });
    expect(await read(1_000), 'what is not there cannot be read').to.deep.equal({
      lastReadSeq: 5,
      unread: 0,
    });
    await stream.until((it) => it.of('conversation.read').at(-1)?.seq === 5);
    const seqs = stream.of('conversation.read').map(({ userId, seq }) => [userId, seq]);
    expect(new Set(seqs.map(([userId]) => userId))).to.deep.equal(new Set([ada.id]));
    expect((await ada.api.conversations.list.query()).items[0]?.unread).to.equal(0);
    await bob.api.messages.send.mutate({ conversationId, text: 'one more' });
    expect((await ada.api.auth.me.query()).unread).to.equal(1);
  });

  it('goes on exactly where it broke, 500 events later, from memory and from the store', async () => {
    const [ada, bob] = await two();
    const conversationId = await roomOf(ada, bob);
    const first = await open(ada);
    await bob.api.messages.send.mutate({ conversationId, text: 'before' });
    await first.until(heard('message.added'));
    const lastEventId = first.lastId;
    first[Symbol.dispose]();
    for (let round = 0; round < 10; round += 1) {
      const some = Array.from({ length: 50 }, (_, count) => `missed ${round} ${count}`);
      await Promise.all(some.map((text) => bob.api.messages.send.mutate({ conversationId, text })));
    }
    using fromMemory = await open(ada, lastEventId);
    await fromMemory.until(() => seqsIn(fromMemory).length >= 500);
    await bob.api.messages.send.mutate({ conversationId, text: 'after' });
    await fromMemory.until(() => seqsIn(fromMemory).length >= 501);
    expect(seqsIn(fromMemory)).to.deep.equal(upTo(502).slice(1));
    // More than a node keeps in mind, so that the others are read.
    const rows = place.database.collection<{ _id: number }>('events');
    const newest = (await rows.find().sort({ _id: -1 }).limit(1).toArray())[0]?._id ?? 0;
    const filler = Array.from({ length: 5_000 }, (_, index) => ({
      ...{ _id: newest + 1 + index, at: new Date(), mark: `filler ${index}` },
      ...{ event: { type: 'stream.gap' }, audiences: ['user:nobody'] },
    }));
    await rows.insertMany(filler);
    await using next = await startTestServer({ mongodbUri: place.uri });
    using fromStore = await open(ada, lastEventId, next);
    await fromStore.until(() => seqsIn(fromStore).length >= 501);
    const api = createApi(next.url, bob.token);
    await api.messages.send.mutate({ conversationId, text: 'on the other server' });
    await fromStore.until(() => seqsIn(fromStore).length >= 502);
    expect(seqsIn(fromStore)).to.deep.equal(upTo(503).slice(1));
    expect(fromStore.of('stream.gap')).to.deep.equal([]);
    // The first server hears of it too, and goes on after what the second has written.
    await fromMemory.until(() => seqsIn(fromMemory).length >= 502);
    await bob.api.projects.create.mutate({ name: 'only so that something happens' });
  });

  it('misses nothing while its line breaks again and again', async () => {
    const [ada, bob] = await two();
    const conversationId = await roomOf(ada, bob);
    using stream = await open(ada);
    const talking = (async () => {
      for (let count = 0; count < 120; count += 1)
        await bob.api.messages.send.mutate({ conversationId, text: `${count}` });
    })();
    for (let breaks = 0; breaks < 8; breaks += 1) {
      const before = seqsIn(stream).length;
      await stream.until(() => seqsIn(stream).length > before || seqsIn(stream).length === 120);
      stream.socket.connection?.ws?.close();
    }
    await talking;
    await stream.until(() => seqsIn(stream).length >= 120);
    expect(seqsIn(stream)).to.deep.equal(upTo(120));
    expect(stream.closings.length).to.be.greaterThan(4);
  });

  it('says that there is a gap where what happened is forgotten, and goes on after it', async () => {
    const [ada, bob] = await two();
    const conversationId = await roomOf(ada, bob);
    const first = await open(ada);
    const lastEventId = first.lastId;
    first[Symbol.dispose]();
    using his = await open(bob);
    await bob.api.messages.send.mutate({ conversationId, text: 'forgotten' });
    await ada.api.friends.request.mutate({ userId: bob.id });
    await his.until((it) => it.of('message.added').length > 0 && it.of('friend.changed').length > 0);
    const rows = place.database.collection<{ _id: number }>('events');
    await rows.deleteMany({ _id: { $lt: Number(his.lastId) } });
    await using next = await startTestServer({ mongodbUri: place.uri });
    using stream = await open(ada, lastEventId, next);
    await stream.until(heard('stream.gap'));
    await createApi(next.url, bob.token).messages.send.mutate({ conversationId, text: 'told' });
    await stream.until(heard('message.added'));
    expect(seqsIn(stream)).to.deep.equal([2]);
    expect(stream.of('stream.gap')).to.have.length(1);
    using ahead = await open(ada, '999999999999999', next);
    await ahead.until(heard('stream.gap'));
  });

  it('tells whoever leaves that they did, and nothing after; whoever comes hears what happens from then on', async () => {
    const [ada, bob] = await two();
    const conversationId = await roomOf(bob);
    await bob.api.messages.send.mutate({ conversationId, text: 'before she came' });
    using stream = await open(ada);
    const { name } = (await bob.api.conversations.list.query()).items[0] ?? {};
    await ada.api.rooms.joinOrCreate.mutate({ name: name ?? '' });
    await bob.api.messages.send.mutate({ conversationId, text: 'while she was there' });
    await stream.until(heard('message.added'));
    await ada.api.rooms.leave.mutate({ conversationId });
    await bob.api.messages.send.mutate({ conversationId, text: 'after she left' });
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'to hear something last' });
    await ada.api.projects.delete.mutate({ projectId });
    const other = await roomOf(ada);
    await stream.until(({ heard: all }) =>
      all.some(({ event }) => 'conversationId' in event && event.conversationId === other),
    );
    expect(seqsIn(stream)).to.deep.equal([2]);
    expect(stream.of('conversation.memberLeft')).to.deep.equal([
      { type: 'conversation.memberLeft', conversationId, userId: ada.id },
    ]);
    // Nor when they ask for what they missed.
    const all = await place.database.collection<{ _id: number }>('events').find().sort({ _id: 1 }).toArray();
    using again = await open(ada, String((all[0]?._id ?? 1) - 1));
    await again.until(({ heard: told }) =>
      told.some(({ event }) => 'conversationId' in event && event.conversationId === other),
    );
    expect(
      again.of('message.added').filter((event) => event.conversationId === conversationId),
    ).to.deep.equal([]);
  });

  it('tells a member who is put out that they are, and nothing after; also when they resume', async () => {
    const [ada, bob] = await two();
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'the bridge' });
    using stream = await open(bob);
    const begin = stream.lastId;
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id });
    await ada.api.tasks.create.mutate({ projectId, title: 'seen' });
    await stream.until(heard('task.created'));
    const hammering = (async () => {
      for (let count = 0; count < 30; count += 1)
        await ada.api.tasks.create.mutate({ projectId, title: `task ${count}` });
    })();
    await ada.api.projects.members.remove.mutate({ projectId, userId: bob.id });
    await hammering;
    await bob.api.projects.create.mutate({ name: 'to hear something last' });
    await stream.until(heard('project.created'));
    const told = stream.heard.map(({ event }) => event);
    const removed = told.findIndex(({ type }) => type === 'project.memberRemoved');
    expect(removed).to.be.greaterThan(0);
    expect(
      told.slice(removed + 1).filter((event) => 'projectId' in event && event.projectId === projectId),
    ).to.deep.equal([]);
    using again = await open(bob, begin);
    await again.until(heard('project.created'));
    expect(again.of('task.created')).to.deep.equal([]);
    expect(again.of('project.memberRemoved')).to.have.length(1);
  });

  it('tells whoever was away that a project is gone', async () => {
    const [ada, bob] = await two();
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'the bridge' });
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id });
    const first = await open(bob);
    const { lastId } = first;
    first[Symbol.dispose]();
    await ada.api.projects.delete.mutate({ projectId });
    using again = await open(bob, lastId);
    await again.until(heard('project.deleted'));
    expect(again.of('project.deleted')).to.deep.equal([{ type: 'project.deleted', projectId, by: ada.id }]);
  });

  it('tells of friendships as each of the two sees them, and of friends who come and go', async () => {
    const [ada, bob] = await two();
    using hers = await open(ada);
    const his = await open(bob);
    const states = (stream: EventStream) =>
      stream.of('friend.changed').map(({ userId, state }) => [userId, state]);
    await ada.api.friends.request.mutate({ userId: bob.id });
    await ada.api.friends.request.mutate({ userId: bob.id });
    await bob.api.friends.accept.mutate({ userId: ada.id });
    await hers.until(heard('presence.changed'));
    await his.until(heard('presence.changed'));
    expect(states(hers)).to.deep.equal([
      [bob.id, 'sent'],
      [bob.id, 'friends'],
    ]);
    expect(states(his)).to.deep.equal([
      [ada.id, 'received'],
      [ada.id, 'friends'],
    ]);
    expect(hers.of('presence.changed').at(-1)).to.include({ userId: bob.id, status: 'available' });
    await bob.api.presence.setStatus.mutate({ status: 'away' });
    await hers.until((it) => it.of('presence.changed').at(-1)?.status === 'away');
    await bob.api.friends.block.mutate({ userId: ada.id });
    await hers.until(heard('friend.changed', 3));
    expect(states(hers).at(-1), 'a block is not told to the blocked').to.deep.equal([bob.id, 'none']);
    await his.until(heard('friend.changed', 3));
    expect(states(his).at(-1)).to.deep.equal([ada.id, 'blocked']);
    his[Symbol.dispose]();
    await ada.api.users.delete.mutate({ password: TEST_PASSWORD });
  });

  it('ends with the session: a socket is closed with 4401, and what is asked on it after is not answered', async () => {
    const [ada] = await two();
    using stream = await open(ada);
    await ada.api.auth.logout.mutate();
    await stream.until(({ closings }) => closings.length > 0);
    expect(stream.closings[0]).to.equal(4401);
    const other = await sdkSignUp(place.server, { subscriptions: 'events' });
    using overEvents = streamOverEvents(other);
    await overEvents.until(isReady);
    await other.api.auth.logoutEverywhere.mutate({});
    await overEvents.until(({ error }) => error !== null);
    expect(overEvents.error).to.include({ code: 'SESSION_ENDED' });
  });

  it('outlives tokens: a socket whose token is over is closed, and its next goes on where it was', async () => {
    await using short = await startTestServer({ accessTokenSeconds: 3 });
    const [ada, bob] = [await signUp(short), await signUp(short)];
    let { refreshToken } = ada.tokens;
    const stream = streamOverSocket(short, async () => {
      const next = await createApi(short.url).auth.refresh.mutate({ refreshToken });
      ({ refreshToken } = next);
      return next.accessToken;
    });
    using _open = stream;
    await stream.until(({ closings }) => closings.length > 1);
    expect(new Set(stream.closings)).to.deep.equal(new Set([4401]));
    const login = { login: bob.username, password: TEST_PASSWORD };
    const { tokens } = await createApi(short.url).auth.login.mutate(login);
    await createApi(short.url, tokens.accessToken).friends.request.mutate({ userId: ada.id });
    await stream.until(heard('friend.changed'));
    expect(stream.error).to.equal(null);
    expect(stream.of('stream.gap')).to.deep.equal([]);
  });

  it('takes over a socket only what is a subscription, and answers nonsense without ending', async () => {
    const [ada] = await two();
    const socket = new WebSocket(`${place.server.wsUrl}/trpc?connectionParams=1`);
    await once(socket, 'open');
    const answers: unknown[] = [];
    const answered = async (count: number): Promise<void> => {
      while (answers.length < count) await once(socket, 'message');
    };
    socket.on('message', (data: Buffer) => answers.push(JSON.parse(data.toString())));
    socket.send(JSON.stringify({ method: 'connectionParams', data: { token: ada.token } }));
    const codes = () =>
      answers.map((answer) => {
        const { error } = answer as { error?: { json?: { data?: { code?: string } } } };
        return error?.json?.data?.code;
      });
    const call = (id: number, method: string, path: string, json: unknown) =>
      JSON.stringify({ id, method, params: { path, input: { json } } });
    socket.send(call(1, 'query', 'auth.me', undefined));
    socket.send(call(2, 'mutation', 'rooms.joinOrCreate', { name: 'no' }));
    socket.send(call(3, 'subscription', 'events.nothing', {}));
    socket.send(call(4, 'subscription', 'events.stream', { lastEventId: 'x' }));
    socket.send('{"id": 5');
    socket.send(Buffer.from([0xff, 0x00]));
    socket.send('null');
    await answered(7);
    expect(codes().toSorted()).to.deep.equal([
      ...Array.from({ length: 4 }, () => 'INVALID_INPUT'),
      'METHOD_NOT_ALLOWED',
      'METHOD_NOT_ALLOWED',
      'NOT_FOUND',
    ]);
    socket.send(call(8, 'subscription', 'events.stream', {}));
    await answered(9);
    expect(JSON.stringify(answers.at(-1))).to.include('stream.ready');
    socket.send('x'.repeat(limits.subscriptionFrameBytes.value + 1));
    const [code] = await once(socket, 'close');
    expect(code).to.equal(1009);
  });

  it('closes a socket of nobody, and of one whose token is not good', async () => {
    const stranger = streamOverSocket(place.server, () => 'no token');
    using _open = stranger;
    await stranger.until(({ closings }) => closings.length > 0);
    expect(stranger.closings[0]).to.equal(4401);
    expect(stranger.heard).to.deep.equal([]);
  });
});
