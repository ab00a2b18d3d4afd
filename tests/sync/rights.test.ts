import { deferred } from '@parley/server/internal/sync/timing';
import {
  appendMessage,
  encodeAwareness,
  encodeAwarenessEntries,
  encodeQueryAwareness,
  readMessages,
} from '@parley/shared';
import { expect } from 'chai';
import { type EngineServer, startEngineServer } from '../harness/engine-server.js';
import type { RawClient } from '../harness/raw-client.js';

const CLIENT = 4711;

/** Adds a message to the client's copy and sends it; its id. */
const say = (client: RawClient, author: string, text: string): string => {
  let id = '';
  client.write((doc) => {
    id = appendMessage(doc, { author, text }).id;
  });
  return id;
};

const texts = ({ doc }: RawClient): string[] => readMessages(doc).map(({ text }) => text);

const show = (client: RawClient, clock: number): void =>
  client.send(encodeAwareness(encodeAwarenessEntries([{ client: CLIENT, clock, state: '{}' }])));

/** Resolves once the server has read everything the client has sent. Somebody must show presence. */
const read = async (client: RawClient): Promise<void> => {
  const before = client.frames.filter(({ type }) => type === 'awareness').length;
  client.send(encodeQueryAwareness());
  await client.until(() => client.frames.filter(({ type }) => type === 'awareness').length > before);
};

const seesGone = (client: RawClient): Promise<unknown> =>
  client.next('awareness', ({ bytes }) => Buffer.from(bytes).toString('latin1').endsWith('null'));

const isTold = (client: RawClient, access: 'read' | 'write' | 'admin'): Promise<unknown> =>
  client.next('notice', ({ notice }) => notice.type === 'welcome' && notice.access === access);

describe('rights that change while somebody is connected', () => {
  let server: EngineServer;
  before(async () => {
    server = await startEngineServer();
  });
  afterEach(() => {
    Object.assign(server.moments, {
      authenticating: () => undefined,
      authorizing: () => undefined,
      authorized: () => undefined,
      opening: () => undefined,
      logging: () => undefined,
    });
  });
  after(() => server[Symbol.asyncDispose]());

  const change = async (conversation: string, user: string, to: object): Promise<void> => {
    await server.memberships.updateOne({ conversation, user }, { $set: to });
    server.engine.rightsChanged(conversation, user);
  };

  /** Holds the next writes to the log. `reached` resolves when one waits. */
  const holdLog = () => {
    const [reached, release] = [deferred<void>(), deferred<void>()];
    server.moments.logging = () => {
      reached.resolve();
      return release.promise;
    };
    return { reached: reached.promise, release: () => release.resolve() };
  };

  it('[R1] closes whoever is put out while typing; the others converge on what is stored', async () => {
    const id = await server.converse('private', 'ada', 'bob');
    const ada = await server.connect(id, 'ada').synced();
    await using bob = await server.connect(id, 'bob').synced();
    let isTyping = true;
    const closed = ada.closed.finally(() => {
      isTyping = false;
    });
    const said: string[] = [];
    const typing = (async () => {
      for (; isTyping && said.length < 2_000; await new Promise(setImmediate)) {
        said.push(say(ada, 'ada', `word ${said.length}`));
      }
    })();
    await bob.until(() => texts(bob).length >= 5);
    await server.memberships.deleteOne({ conversation: id, user: 'ada' });
    server.engine.rightsChanged(id, 'ada');
    expect((await closed).code).to.equal(4404);
    await typing;
    const last = say(bob, 'bob', 'alone now');
    await bob.next('stored', ({ upTo }) => upTo === bob.sent);
    await using late = await server.connect(id, 'bob').synced();
    const stored = readMessages(late.doc).map((message) => message.id);
    expect(readMessages(bob.doc).map((message) => message.id)).to.deep.equal(stored);
    // without a gap: what was said up to some moment, and nothing after
    expect(stored.filter((message) => message !== last)).to.deep.equal(said.slice(0, stored.length - 1));
    expect(stored).to.include(last);
    const refused = ada.frames.flatMap((frame) => (frame.type === 'refused' ? frame.refusal.messages : []));
    expect(refused.filter((message) => stored.includes(message))).to.deep.equal([]);
  });

  it('[R2] takes nothing that still waits of one who was put out', async () => {
    const id = await server.converse('public', 'ada', 'bob');
    const ada = await server.connect(id, 'ada').synced();
    await using bob = await server.connect(id, 'bob').synced();
    show(ada, 1);
    await read(ada);
    const log = holdLog();
    say(ada, 'ada', 'on its way to the disk');
    await log.reached;
    say(ada, 'ada', 'still in the queue');
    await read(ada);
    await change(id, 'ada', { state: 'banned' });
    expect(await ada.closed).to.include({ code: 4403 });
    log.release();
    await bob.until(() => texts(bob).length === 1);
    say(bob, 'bob', 'after that');
    await bob.next('stored', ({ upTo }) => upTo === bob.sent);
    expect(texts(bob)).to.deep.equal(['on its way to the disk', 'after that']);
    await seesGone(bob);
  });

  it('[R1] says FORBIDDEN to one who may still know of it', async () => {
    const id = await server.converse('public', 'ada');
    const ada = await server.connect(id, 'ada').synced();
    await change(id, 'ada', { state: 'left' });
    expect((await ada.closed).code).to.equal(4403);
  });

  it('[R2] [P6] goes on read-only: what waits is refused, presence goes at once, others converge', async () => {
    const id = await server.converse('public', 'ada', 'bob');
    await using ada = await server.connect(id, 'ada').synced();
    await using bob = await server.connect(id, 'bob').synced();
    show(ada, 1);
    await read(ada);
    await isTold(ada, 'write');
    const log = holdLog();
    say(ada, 'ada', 'in time');
    await log.reached;
    const late = say(ada, 'ada', 'too late');
    await read(ada);
    await change(id, 'ada', { silenced: true });
    await isTold(ada, 'read');
    await seesGone(bob);
    show(ada, 9);
    log.release();
    const { refusal } = await ada.next('refused');
    expect(refusal).to.deep.include({ code: 'FORBIDDEN', rule: 'G1', nth: ada.sent, messages: [late] });
    await bob.until(() => texts(bob).length === 1);
    say(bob, 'bob', 'still here');
    await ada.until(() => texts(ada).includes('still here'));
    expect(texts(bob)).to.deep.equal(['in time', 'still here']);
    await using fresh = await server.connect(id, 'bob').synced();
    expect(fresh.frames.some(({ type }) => type === 'awareness')).to.equal(false);
  });

  it('[R2] lets one write again, with what was refused before, and administer', async () => {
    const id = await server.converse('public', 'ada', 'bob');
    await using ada = await server.connect(id, 'ada').synced();
    await using bob = await server.connect(id, 'bob').synced();
    await isTold(ada, 'write');
    await change(id, 'ada', { silenced: true });
    await isTold(ada, 'read');
    say(ada, 'ada', 'nobody hears this');
    await ada.next('refused');
    ada.frames.length = 0;
    await change(id, 'ada', { silenced: false });
    await isTold(ada, 'write');
    // A gap after what was refused: the server asks, the answer holds both.
    say(ada, 'ada', 'heard');
    await bob.until(() => texts(bob).length === 2);
    expect(texts(bob)).to.deep.equal(texts(ada));
    await change(id, 'bob', { role: 'admin' });
    await isTold(bob, 'admin');
    bob.write((doc) => {
      const messages = doc.getArray('segments').get(0) as import('yjs').Map<import('yjs').Array<unknown>>;
      messages.get('messages')?.delete(0, 1);
    });
    await ada.until(() => texts(ada).length === 1);
  });

  it('[R3] sees a change that comes while somebody is on the way in', async () => {
    const id = await server.converse('private', 'ada', 'eve');
    for (const moment of ['authenticating', 'authorized', 'opening'] as const) {
      const [reached, release] = [deferred<void>(), deferred<void>()];
      server.moments[moment] = (...[first, second]: string[]) => {
        if (moment === 'opening' ? first !== id : ![first, second].includes('ada')) return;
        reached.resolve();
        return release.promise;
      };
      const ada = server.connect(id, 'ada');
      await reached.promise;
      await change(id, 'ada', { state: 'banned' });
      release.resolve();
      expect((await ada.closed).code, moment).to.equal(4404);
      expect(ada.frames, moment).to.deep.equal([]);
      await change(id, 'ada', { state: 'member' });
    }
  });

  it('[R3] takes nobody into a document that left memory while rights were asked for again', async () => {
    await using other = await startEngineServer({ idleMs: 0 });
    const id = await other.converse('private', 'ada');
    let asked = 0;
    other.moments.opening = () => other.engine.rightsChanged(id, 'ada');
    other.moments.authorized = async () => {
      asked += 1;
      if (asked < 2) return;
      other.moments.opening = () => undefined;
      await other.left(id);
    };
    const ada = await other.connect(id, 'ada').synced();
    say(ada, 'ada', 'heard');
    await ada.next('stored', ({ upTo }) => upTo === ada.sent);
    await ada.close();
  });

  it('[R3] lets somebody in who is let in while being turned away', async () => {
    const id = await server.converse('private', 'bob');
    await server.memberships.updateOne({ conversation: id, user: 'bob' }, { $set: { state: 'invited' } });
    const [reached, release] = [deferred<void>(), deferred<void>()];
    server.moments.authorized = () => {
      reached.resolve();
      return release.promise;
    };
    const early = server.connect(id, 'bob');
    await reached.promise;
    server.moments.authorized = () => undefined;
    await change(id, 'bob', { state: 'member' });
    await using bob = await server.connect(id, 'bob').synced();
    release.resolve();
    await (await early.synced()).close();
    expect(bob.frames).not.to.deep.equal([]);
  });

  it('[K2] sees a session that ends while its socket is on the way in', async () => {
    const id = await server.converse('private', 'ada');
    const [reached, release] = [deferred<void>(), deferred<void>()];
    server.moments.authorized = () => {
      reached.resolve();
      return release.promise;
    };
    const ada = server.connect(id, 'ada', 'over');
    const other = server.connect(id, 'ada', 'stands');
    await reached.promise;
    server.engine.endSession('over');
    release.resolve();
    expect(await ada.closed).to.include({ code: 4401 });
    await (await other.synced()).close();
  });

  it('[R4] asks once for calls made together, and for each user once however many connections', async () => {
    const id = await server.converse('public', 'ada', 'bob');
    const clients = await Promise.all(
      ['ada', 'ada', 'ada', 'bob'].map((user) => server.connect(id, user).synced()),
    );
    const asked: string[] = [];
    server.moments.authorizing = (_document, user) => asked.push(user);
    await server.memberships.updateMany({ conversation: id }, { $set: { silenced: true } });
    for (let count = 0; count < 50; count += 1) server.engine.rightsChanged(id);
    await Promise.all(clients.map((client) => isTold(client, 'read')));
    expect(asked.filter((user) => user === 'ada').length).to.be.within(1, 2);
    expect(asked.filter((user) => user === 'bob').length).to.be.within(1, 2);
    await Promise.all(clients.map((client) => client.close()));
  });

  it('[R5] throws nobody out because the store does not answer, and asks on', async () => {
    const id = await server.converse('private', 'ada', 'bob');
    const ada = await server.connect(id, 'ada').synced();
    await using bob = await server.connect(id, 'bob').synced();
    let failures = 0;
    const down = deferred<void>();
    server.moments.authorized = () => {
      failures += 1;
      if (failures === 3) down.resolve();
      if (failures <= 3) throw new Error('the store does not answer');
    };
    await change(id, 'ada', { state: 'banned' });
    server.engine.rightsChanged(id);
    await down.promise;
    expect((await ada.closed).code).to.equal(4404);
    say(bob, 'bob', 'still here');
    await bob.next('stored', ({ upTo }) => upTo === bob.sent);
  });
});
