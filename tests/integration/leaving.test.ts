import { type Conversation, createParleyClient, memoryStorage, ParleyError } from '@parley/client';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { refusalOf, signUp, startTestServer, TEST_PASSWORD, type TestServer } from '../harness/kit.js';

/** Sockets that hold what they are to send while told to, as a slow line does. */
class SlowLine {
  isHolding = false;
  readonly WebSocket: new (
    url: string,
  ) => WebSocket;

  constructor() {
    const line = this;
    this.WebSocket = class extends WebSocket {
      constructor(url: string) {
        super(url);
        const send = this.send.bind(this);
        this.send = (data: Parameters<typeof send>[0]) => {
          if (!line.isHolding) send(data);
        };
      }
    };
  }
}

const closed = (conversation: Conversation): Promise<ParleyError | null> =>
  new Promise((resolve) => {
    conversation.on('status', ({ status, error }) => {
      if (status === 'closed') resolve(error);
    });
  });

describe('leaving a room', () => {
  let server: TestServer;
  let count = 0;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const personAt = async () => {
    count += 1;
    const [line, storage] = [new SlowLine(), memoryStorage()];
    const client = createParleyClient({ url: server.url, WebSocket: line.WebSocket, storage });
    await client.signUp({ username: `leaver-${count}`, password: TEST_PASSWORD });
    return { client, line, storage };
  };

  it('closes what is open of it at once, says why, and gives back what was not stored', async () => {
    const [ada, bob] = [await personAt(), await personAt()];
    const { room } = await ada.client.api.rooms.joinOrCreate.mutate({ name: 'left behind' });
    await bob.client.api.rooms.joinOrCreate.mutate({ name: 'left behind' });
    const [left, right] = [ada.client.conversation(room.id), bob.client.conversation(room.id)];
    await Promise.all([left.whenSynced(), right.whenSynced()]);
    expect(left.access).to.equal('admin');
    expect(right.access).to.equal('write');
    await right.send('stored').stored;
    const refused: string[] = [];
    right.on('refused', ({ draft, error }) => refused.push(`${draft.text}: ${error.code}`));
    bob.line.isHolding = true;
    const outcome = right.send('never sent').stored.catch((error: unknown) => error);
    const ended = closed(right);
    await bob.client.api.rooms.leave.mutate({ conversationId: room.id });
    expect(await ended)
      .to.be.instanceOf(ParleyError)
      .with.property('code', 'FORBIDDEN');
    expect(await outcome).to.have.property('code', 'FORBIDDEN');
    expect(refused).to.deep.equal(['never sent: FORBIDDEN']);
    expect(right.error?.code).to.equal('FORBIDDEN');
    expect((await ada.client.api.rooms.list.query({ search: 'left behind' })).items[0]?.memberCount).to.equal(
      1,
    );
    const reading = bob.client.api.messages.list.query({ conversationId: room.id });
    expect(await reading.catch((error: unknown) => error)).to.have.property('code', 'FORBIDDEN');

    // Back again, after a restart: the draft waits to be looked at, and is not sent.
    bob.line.isHolding = false;
    bob.client.close();
    const again = createParleyClient({
      url: server.url,
      WebSocket: bob.line.WebSocket,
      storage: bob.storage,
    });
    await again.restore();
    await again.api.rooms.joinOrCreate.mutate({ name: 'left behind' });
    const back = again.conversation(room.id);
    await back.whenSynced();
    await back.send('said after coming back').stored;
    expect(back.messages.map(({ text, state }) => `${text}: ${state}`).toSorted()).to.deep.equal([
      'never sent: refused',
      'said after coming back: stored',
      'stored: stored',
    ]);
    await left.send('seen by both').stored;
    expect(left.messages.map(({ text }) => text)).not.to.include('never sent');
    ada.client.close();
    again.close();
  });

  it('leaves what was said in the same moment either stored or given back', async () => {
    const bob = await personAt();
    const { room } = await bob.client.api.rooms.joinOrCreate.mutate({ name: 'last words' });
    const conversation = bob.client.conversation(room.id);
    await conversation.whenSynced();
    const back: string[] = [];
    conversation.on('refused', ({ draft }) => back.push(draft.text));
    const ended = closed(conversation);
    const leaving = bob.client.api.rooms.leave.mutate({ conversationId: room.id });
    const stored: string[] = [];
    const said = Array.from({ length: 50 }, (_, index) => `word ${index}`);
    const outcomes = said.map(async (text) => {
      await conversation.send(text).stored.then(
        () => stored.push(text),
        () => undefined,
      );
    });
    await leaving;
    await ended;
    await Promise.all(outcomes);
    expect([...stored, ...back].toSorted()).to.deep.equal(said.toSorted());
    bob.client.close();
  });

  it('is for rooms one is in, and only for rooms', async () => {
    const [ada, bob] = [await signUp(server), await signUp(server)];
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'doors' });
    expect(await bob.api.rooms.leave.mutate({ conversationId: room.id })).to.deep.equal({ done: true });
    const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
    expect((await refusalOf(ada.api.rooms.leave.mutate({ conversationId: conversation.id }))).code).to.equal(
      'FORBIDDEN',
    );
    expect((await refusalOf(ada.api.rooms.leave.mutate({ conversationId: 'nowhere' }))).code).to.equal(
      'NOT_FOUND',
    );
    await ada.api.rooms.leave.mutate({ conversationId: room.id });
    await ada.api.rooms.leave.mutate({ conversationId: room.id });
    const { room: back, created } = await ada.api.rooms.joinOrCreate.mutate({ name: 'doors' });
    expect([created, back.joined, back.memberCount]).to.deep.equal([false, true, 1]);
  });
});
