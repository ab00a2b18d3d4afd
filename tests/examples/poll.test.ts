import { isDeepStrictEqual } from 'node:util';
import { createParleyClient } from '@parley/client';
import type { DocumentKind, KindContext, Parley } from '@parley/server';
import { createParley } from '@parley/server';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import {
  createDataDir,
  type DataDir,
  signUp,
  TEST_PASSWORD,
  type TestPerson,
  testOptions,
} from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { StockClient } from '../harness/stock-client.js';
import { createPollKind, type PollRow, pollId } from './poll-kind.js';

/** After so many client ids a poll that nobody looks at begins anew. */
const CLIENTS = 4;

describe('a kind of documents of one’s own', () => {
  let data: DataDir;
  let parley: Parley;
  let server: { readonly url: string };
  let port = 0;
  let context: KindContext;
  let [ada, bob]: TestPerson[] = [];
  let conversationId: string;
  let id: string;
  let count = 0;
  const clients: StockClient[] = [];

  const start = async (): Promise<void> => {
    const keepContext = (given: KindContext): DocumentKind => {
      context = given;
      return createPollKind(given);
    };
    parley = await createParley({
      ...testOptions,
      port,
      dataDir: data.path,
      mongodbUri: data.mongodbUri,
      documentKinds: [keepContext],
      generationClients: CLIENTS,
      documentIdleMs: 0,
    });
    server = await parley.listen();
    port = Number(new URL(server.url).port);
  };

  before(async () => {
    data = await createDataDir();
    await start();
    [ada, bob] = [await signUp(server, 'ada'), await signUp(server, 'bob')];
  });
  after(async () => {
    await parley.close();
    await data.discard();
  });

  beforeEach(async () => {
    count += 1;
    conversationId = (await person(ada).api.rooms.joinOrCreate.mutate({ name: `Polls ${count}` })).room.id;
    await person(bob).api.rooms.joinOrCreate.mutate({ name: `Polls ${count}` });
    id = pollId(conversationId, 'lunch');
    const row: PollRow = { _id: id, owner: person(ada).id, votes: {}, closed: false };
    await context.mongo.collection<PollRow>('polls').insertOne(row);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client[Symbol.dispose]();
  });

  const person = (who: TestPerson | undefined): TestPerson => who ?? expect.fail('nobody');

  const stock = async (who: TestPerson | undefined): Promise<StockClient> => {
    const { id: userId, token } = person(who);
    const wsUrl = server.url.replace(/^http/, 'ws');
    const client = new StockClient({ wsUrl, conversationId: id, userId, token });
    clients.push(client);
    await client.synced();
    return client;
  };
  const raw = (who: TestPerson | undefined): RawClient =>
    new RawClient({ url: server.url, conversationId: id, token: person(who).token, acks: true });

  const votes = (doc: Y.Doc): Record<string, unknown> => doc.getMap('votes').toJSON();
  const row = async (): Promise<PollRow | null> => {
    await parley.documents.settled(id);
    return await context.mongo.collection<PollRow>('polls').findOne({ _id: id });
  };
  const ask = (doc: Y.Doc): void =>
    doc.transact(() => {
      doc.getMap('poll').set('question', 'Where to?');
      doc.getMap('poll').set('options', ['soup', 'bread']);
    });

  /** Votes and leaves once it is stored. */
  const vote = async (who: TestPerson | undefined, option: string): Promise<RawClient> => {
    const client = await raw(who).synced();
    client.write((doc) => doc.getMap('votes').set(person(who).id, option));
    await client.until(() =>
      client.frames.some((each) => each.type === 'stored' && each.upTo === client.sent),
    );
    return client;
  };

  it('brings votes together, lets people change their mind, and history agrees', async () => {
    const [one, two] = [await stock(ada), await stock(bob)];
    ask(one.doc);
    await two.until(() => two.doc.getMap('poll').get('question') === 'Where to?');
    one.doc.getMap('votes').set(person(ada).id, 'soup');
    two.doc.getMap('votes').set(person(bob).id, 'bread');
    two.doc.getMap('votes').set(person(bob).id, 'soup');
    const both = { [person(ada).id]: 'soup', [person(bob).id]: 'soup' };
    for (const client of [one, two]) await client.until(() => isDeepStrictEqual(votes(client.doc), both));
    expect((await row())?.votes).to.deep.equal(both);
  });

  it('is a document like any to the SDK', async () => {
    const client = createParleyClient({ url: server.url, WebSocket });
    await client.signIn({ login: person(bob).username, password: TEST_PASSWORD });
    const poll = client.document(id);
    poll.doc.getMap('votes').set(person(bob).id, 'soup');
    await poll.whenStored();
    expect(poll.access).to.equal('write');
    expect((await row())?.votes).to.deep.equal({ [person(bob).id]: 'soup' });
    const replaced = new Promise<string | undefined>((resolve) => {
      poll.on('replaced', ({ setAside }) => resolve(setAside?.error.code));
    });
    poll.doc.getMap('votes').set(person(ada).id, 'bread');
    expect(await replaced).to.equal('UPDATE_REFUSED');
    await poll.whenSynced();
    expect(votes(poll.doc)).to.deep.equal({ [person(bob).id]: 'soup' });
    client.close();
  });

  it('refuses a vote in somebody else’s name, and a poll worded by somebody else', async () => {
    await (await vote(ada, 'soup')).close();
    const liar = await raw(bob).synced();
    liar.write((doc) => doc.getMap('votes').set(person(ada).id, 'bread'));
    expect((await liar.next('refused')).refusal).to.include({ code: 'UPDATE_REFUSED', rule: 'POLL3' });
    await liar.close();
    const wordy = await raw(bob).synced();
    wordy.write((doc) => ask(doc));
    expect((await wordy.next('refused')).refusal).to.include({ code: 'FORBIDDEN', rule: 'POLL2' });
    await wordy.close();
    expect((await row())?.votes).to.deep.equal({ [person(ada).id]: 'soup' });
  });

  it('is closed by a command, which everybody sees', async () => {
    const watching = await stock(bob);
    await parley.documents.perform('poll', id, { type: 'close' });
    await watching.until(() => watching.doc.getMap('poll').get('closed') === true);
    expect((await row())?.closed).to.equal(true);
    const late = await raw(bob).synced();
    late.write((doc) => doc.getMap('votes').set(person(bob).id, 'soup'));
    expect((await late.next('refused')).refusal.rule).to.equal('POLL4');
    await late.close();
    const wrong = parley.documents.perform('poll', id, { type: 'open' });
    expect(await wrong.catch((error: unknown) => error)).to.include({ code: 'INVALID_INPUT' });
  });

  it('[R6] follows the members of its conversation: who leaves is out at once, and nobody else comes in', async () => {
    const inside = await raw(bob).synced();
    await person(bob).api.rooms.leave.mutate({ conversationId });
    expect((await inside.closed).code).to.equal(4403);
    expect((await raw(bob).closed).code).to.equal(4403);
    id = pollId(conversationId, 'nothing');
    expect((await raw(ada).closed).code).to.equal(4404);
  });

  it('[R7] follows what the embedding code says of rights, and removes a poll from under its voters', async () => {
    const inside = await (await vote(ada, 'soup')).synced();
    const other = await raw(bob).synced();
    await context.mongo
      .collection<PollRow>('polls')
      .updateOne({ _id: id }, { $set: { owner: person(bob).id } });
    parley.documents.rightsChanged(id);
    await other.next('notice', ({ notice }) => notice.type === 'welcome' && notice.access === 'admin');
    await context.mongo.collection<PollRow>('polls').deleteOne({ _id: id });
    await parley.documents.remove(id);
    expect([(await inside.closed).code, (await other.closed).code]).to.deep.equal([4404, 4404]);
    for (const name of ['document_log', 'document_snapshots'])
      expect(await context.mongo.collection(name).countDocuments({ document: id }), name).to.equal(0);
    const documents = context.mongo.collection<{ _id: string }>('documents');
    expect(await documents.countDocuments({ _id: id })).to.equal(0);
    expect((await raw(ada).closed).code).to.equal(4404);
  });

  it('has its votes after a restart', async () => {
    await (await vote(ada, 'soup')).close();
    await parley.close();
    await start();
    const client = await raw(bob).synced();
    expect(votes(client.doc)).to.deep.equal({ [person(ada).id]: 'soup' });
    await client.close();
    expect((await row())?.votes).to.deep.equal({ [person(ada).id]: 'soup' });
  });

  it('[N1] [N3] keeps its votes when it begins anew, and tells copies of before apart', async () => {
    const offline = await raw(ada).synced();
    await offline.close();
    for (let turn = 0; turn <= CLIENTS; turn += 1)
      await (await vote(turn % 2 === 0 ? ada : bob, `option ${turn}`)).close();
    const generation = async (): Promise<number> => {
      const client = await raw(ada).synced();
      const { notice } = await client.next('notice', (frame) => frame.notice.type === 'welcome');
      await client.close();
      return notice.type === 'welcome' ? notice.generation : 0;
    };
    while ((await generation()) < 2) await new Promise(setImmediate);
    const client = await raw(bob).synced();
    expect(votes(client.doc)).to.deep.equal({ [person(ada).id]: 'option 4', [person(bob).id]: 'option 3' });
    await client.close();
    expect((await row())?.votes).to.deep.equal(votes(client.doc));
    const back = raw(ada);
    Y.applyUpdate(back.doc, Y.encodeStateAsUpdate(offline.doc));
    await back.synced().catch(() => undefined);
    expect((await back.closed).code).to.equal(4409);
  });

  it('refuses to start with two kinds of one name, or of the name of one of Parley’s own', async () => {
    const named = (name: string) => (): DocumentKind => ({
      name,
      authorize: () => Promise.resolve(null),
      open: () => ({ inspect: () => ({ ok: true, settle: () => [] }) }),
    });
    for (const names of [['twice', 'twice'], ['conversation']]) {
      const own = await createDataDir();
      const attempt = createParley({ ...testOptions, dataDir: own.path, documentKinds: names.map(named) });
      const error: unknown = await attempt.catch((reason: unknown) => reason);
      expect(error).to.be.an('error');
      expect(String(error)).to.include(`documentKinds: two are called "${names[0]}"`);
      await own.discard();
    }
    const unknown: unknown = await parley.documents
      .perform('nothing', 'x', {})
      .catch((reason: unknown) => reason);
    expect(String(unknown)).to.include('no kind of documents is called "nothing"');
  });
});
