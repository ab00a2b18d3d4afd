import { createParley, type Parley } from '@parley/server';
import { limits } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { refusalOf, signUp, type TestPerson, testOptions } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { StockClient } from '../harness/stock-client.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';

/** After so many client ids a pad that nobody looks at begins anew. */
const CLIENTS = 5;

describe('pads', () => {
  let store: TestStore;
  let parley: Parley;
  let server: { readonly url: string };
  let port = 0;
  let ada: TestPerson;
  let bob: TestPerson;
  let conversationId: string;
  let padId: string;
  let count = 0;
  const clients: StockClient[] = [];

  before(async () => {
    store = await startTestStore();
    await start();
    ada = await signUp(server, 'ada');
    bob = await signUp(server, 'bob');
  });
  after(async () => {
    await parley.close();
    await store.close();
  });

  const start = async (): Promise<void> => {
    parley = await createParley({
      ...testOptions,
      mongodbUri: store.uri,
      port,
      generationClients: CLIENTS,
      documentIdleMs: 0,
    });
    server = await parley.listen();
    port = Number(new URL(server.url).port);
  };
  beforeEach(async () => {
    count += 1;
    conversationId = (await ada.api.rooms.joinOrCreate.mutate({ name: `Pads ${count}` })).room.id;
    await bob.api.rooms.joinOrCreate.mutate({ name: `Pads ${count}` });
    padId = (await ada.api.pads.create.mutate({ conversationId, title: 'Plans' })).id;
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client[Symbol.dispose]();
  });

  const stock = async ({ id: userId, token }: TestPerson): Promise<StockClient> => {
    const client = new StockClient({
      wsUrl: server.url.replace(/^http/, 'ws'),
      conversationId: padId,
      userId,
      token,
    });
    clients.push(client);
    await client.synced();
    return client;
  };
  const raw = ({ token }: TestPerson): RawClient =>
    new RawClient({ url: server.url, conversationId: padId, token, acks: true });
  const isStored = (client: RawClient): boolean =>
    client.frames.some((frame) => frame.type === 'stored' && frame.upTo === client.sent);
  const text = (doc: Y.Doc): string => doc.getText('text').toString();

  it('are made, listed newest first by page, told of and deleted', async () => {
    const made = [padId];
    for (const title of ['Second', '  Third   one ']) {
      const pad = await bob.api.pads.create.mutate({ conversationId, title });
      expect(pad).to.deep.include({ conversationId, title: title.trim().replace(/\s+/g, ' ') });
      expect(pad.createdBy.id).to.equal(bob.id);
      made.unshift(pad.id);
    }
    const first = await ada.api.pads.list.query({ conversationId, limit: 2 });
    const cursor = first.nextCursor ?? expect.fail('a second page');
    const second = await ada.api.pads.list.query({ conversationId, limit: 2, cursor });
    expect([...first.items, ...second.items].map(({ id }) => id)).to.deep.equal(made);
    expect(second.nextCursor).to.equal(null);
    expect((await bob.api.pads.get.query({ id: padId })).title).to.equal('Plans');
    // Bob is no admin of the room.
    expect((await refusalOf(bob.api.pads.delete.mutate({ id: padId }))).code).to.equal('FORBIDDEN');
    await ada.api.pads.delete.mutate({ id: made[0] ?? '' });
    expect((await refusalOf(bob.api.pads.get.query({ id: made[0] ?? '' }))).code).to.equal('NOT_FOUND');
    expect((await ada.api.pads.list.query({ conversationId })).items).to.have.length(2);
  });

  it('are kept to the limit of a conversation, however many are made at once', async () => {
    const most = limits.padsPerPlace.value;
    const tries = Array.from({ length: most + 20 }, (_, at) =>
      ada.api.pads.create.mutate({ conversationId, title: `${at}` }).then(
        () => 'made',
        (error: { data?: { code?: string } }) => error.data?.code,
      ),
    );
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter((outcome) => outcome === 'made')).to.have.length(most - 1);
    expect(outcomes.filter((outcome) => outcome === 'CONFLICT')).to.have.length(21);
    const { items } = await ada.api.pads.list.query({ conversationId, limit: 1 });
    await ada.api.pads.delete.mutate({ id: items[0]?.id ?? '' });
    await ada.api.pads.create.mutate({ conversationId, title: 'in its place' });
  });

  it('are nobody’s who is not in the conversation', async () => {
    const eve = await signUp(server, 'eve');
    // A public room: she may know that it is there.
    for (const call of [
      () => eve.api.pads.create.mutate({ conversationId, title: 'Hm' }),
      () => eve.api.pads.list.query({ conversationId }),
      () => eve.api.pads.get.query({ id: padId }),
      () => eve.api.pads.delete.mutate({ id: padId }),
    ])
      expect((await refusalOf(call())).code).to.equal('FORBIDDEN');
    expect((await raw(eve).closed).code).to.equal(4403);
    const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
    const { id } = await ada.api.pads.create.mutate({ conversationId: conversation.id, title: 'Ours' });
    expect((await refusalOf(eve.api.pads.get.query({ id }))).code).to.equal('NOT_FOUND');
    padId = id;
    expect((await raw(eve).closed).code).to.equal(4404);
  });

  it('[F5] bring together what two stock clients write at once, and have it after a restart', async () => {
    const [one, two] = [await stock(ada), await stock(bob)];
    for (let at = 0; at < 30; at += 1) {
      one.doc.getText('text').insert(0, `a${at} `);
      two.doc.getText('text').insert(two.doc.getText('text').length, ` b${at}`, { bold: true });
      if (at % 7 === 0) await new Promise(setImmediate);
    }
    const paragraph = new Y.XmlElement('p');
    two.doc.getXmlFragment('xml').insert(0, [paragraph]);
    paragraph.setAttribute('align', 'left');
    const isWhole = ({ doc }: StockClient): boolean =>
      text(doc).includes('a29') &&
      text(doc).includes('b29') &&
      doc.getXmlFragment('xml').toString() === '<p align="left"></p>';
    await Promise.all([one, two].map((client) => client.until(() => isWhole(client))));
    expect(one.doc.getText('text').toDelta()).to.deep.equal(two.doc.getText('text').toDelta());
    const newcomer = await raw(bob).synced();
    expect(text(newcomer.doc)).to.equal(text(one.doc));
    await newcomer.close();
    const before = one.doc.getText('text').toDelta();
    for (const client of clients.splice(0)) client[Symbol.dispose]();
    await parley.close();
    await start();
    const after = await raw(bob).synced();
    expect(after.doc.getText('text').toDelta()).to.deep.equal(before);
    await after.close();
  });

  it('tell when they were edited', async () => {
    const before = await ada.api.pads.get.query({ id: padId });
    const client = await raw(bob).synced();
    client.write((doc) => doc.getText('text').insert(0, 'x'));
    await client.until(() => isStored(client));
    await client.close();
    let after = before;
    while (after.updatedAt.getTime() === before.updatedAt.getTime())
      after = await ada.api.pads.get.query({ id: padId });
    expect(after.updatedAt.getTime()).to.be.above(before.updatedAt.getTime());
  });

  it('[F5] [R6] put out at once whoever leaves the conversation, in the middle of a word', async () => {
    const inside = await raw(bob).synced();
    const leaving = bob.api.rooms.leave.mutate({ conversationId });
    let typed = 0;
    let closed: { code: number } | null = null;
    void inside.closed.then((ending) => {
      closed = ending;
    });
    while (closed === null) {
      inside.write((doc) => doc.getText('text').insert(0, 'x'));
      typed += 1;
      await new Promise(setImmediate);
    }
    await leaving;
    expect((await inside.closed).code).to.equal(4403);
    const rest = await raw(ada).synced();
    expect(text(rest.doc).length).to.be.at.most(typed);
    expect((await raw(bob).closed).code).to.equal(4403);
    expect((await refusalOf(bob.api.pads.list.query({ conversationId }))).code).to.equal('FORBIDDEN');
    await rest.close();
  });

  it('[F5] can be read by who is silenced, and not written, from that moment on', async () => {
    const client = await raw(bob).synced();
    const rows = store.connection.collection('memberships');
    await rows.updateOne({ conversation: conversationId, user: bob.id }, { $set: { silenced: true } });
    parley.documents.rightsChanged(conversationId, bob.id);
    await client.next('notice', ({ notice }) => notice.type === 'welcome' && notice.access === 'read');
    client.write((doc) => doc.getText('text').insert(0, 'x'));
    expect((await client.next('refused')).refusal.code).to.equal('FORBIDDEN');
    await client.close();
    const call = bob.api.pads.create.mutate({ conversationId, title: 'Hm' });
    expect((await refusalOf(call)).code).to.equal('FORBIDDEN');
    expect((await bob.api.pads.list.query({ conversationId })).items).to.have.length(1);
  });

  const stored = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const [name, field] of [
      ['pads', '_id'],
      ['documents', '_id'],
      ['document_log', 'document'],
      ['document_snapshots', 'document'],
    ] as const)
      if ((await store.connection.collection(name).countDocuments({ [field]: padId })) > 0) found.push(name);
    return found;
  };

  it('[F7] [R7] close with 4404 for everybody when they are deleted, and leave nothing behind', async () => {
    const [one, two] = [await raw(ada).synced(), await raw(bob).synced()];
    const typing = setInterval(() => one.write((doc) => doc.getText('text').insert(0, 'soon gone')), 1);
    await two.next('update');
    const arriving = Array.from({ length: 10 }, () => raw(bob));
    await ada.api.pads.delete.mutate({ id: padId });
    clearInterval(typing);
    for (const { closed } of [one, two, ...arriving, raw(ada)]) expect((await closed).code).to.equal(4404);
    expect((await refusalOf(ada.api.pads.delete.mutate({ id: padId }))).code).to.equal('NOT_FOUND');
    expect(await stored()).to.deep.equal([]);
  });

  for (const [left, gone] of [
    ['before anything else', []],
    ['with the log gone', ['document_log']],
    ['with log and snapshots gone', ['document_log', 'document_snapshots']],
    ['with all gone but its row', ['document_log', 'document_snapshots', 'documents']],
  ] as const)
    it(`[F7] are deleted to the end at the next start when the process died in it, ${left}`, async () => {
      const client = await raw(ada).synced();
      client.write((doc) => doc.getText('text').insert(0, 'soon gone'));
      await client.until(() => isStored(client));
      await client.close();
      const pads = store.connection.collection<{ _id: string }>('pads');
      await pads.updateOne({ _id: padId }, { $set: { deletedAt: new Date() } });
      await parley.close();
      for (const name of gone) {
        const field = name === 'documents' ? '_id' : 'document';
        await store.connection.collection(name).deleteMany({ [field]: padId });
      }
      expect(await stored()).to.include('pads');
      await start();
      expect(await stored()).to.deep.equal([]);
      expect((await raw(ada).closed).code).to.equal(4404);
    });

  it('[F8] begin anew when nobody is there, with all that showed, and tell an older copy apart', async () => {
    const write = async (change: (doc: Y.Doc) => void): Promise<RawClient> => {
      const client = await raw(ada).synced();
      client.write(change);
      await client.until(() => isStored(client));
      return client;
    };
    const older = await write((doc) => doc.getText('text').insert(0, 'kept', { bold: true }));
    for (let at = 0; at < 2 * CLIENTS; at += 1)
      await (await write((doc) => doc.getMap('map').set(`key ${at % 3}`, at))).close();
    const generation = async (): Promise<number> => {
      const client = await raw(bob).synced();
      const { notice } = await client.next('notice', (frame) => frame.notice.type === 'welcome');
      await client.close();
      return notice.type === 'welcome' ? notice.generation : 0;
    };
    // Somebody was here all the time.
    expect(await generation()).to.equal(1);
    await older.close();
    while ((await generation()) < 2) await new Promise(setImmediate);
    const client = await raw(bob).synced();
    expect(client.doc.getText('text').toDelta()).to.deep.equal([
      { insert: 'kept', attributes: { bold: true } },
    ]);
    expect(client.doc.getMap('map').toJSON()).to.deep.equal(older.doc.getMap('map').toJSON());
    await client.close();
    const back = raw(ada);
    Y.applyUpdate(back.doc, Y.encodeStateAsUpdate(older.doc));
    await back.synced().catch(() => undefined);
    expect((await back.closed).code).to.equal(4409);
  });

  it('[D1] [G1] [F1] survive garbage, and whoever sends it', async () => {
    const liar = await raw(bob).synced();
    for (const bytes of [[1, 0x80, 0x80, 0x80, 0x10, 1, 0], [0, 1, 5, 1, 0, 0xff, 0xff, 0xff, 0x7f], [0xff]])
      liar.update(new Uint8Array(bytes));
    liar.write((doc) => doc.getMap('map').set('sub', new Y.Doc()));
    await liar.until(() => liar.frames.filter(({ type }) => type === 'refused').length === 4);
    const honest = await raw(ada).synced();
    expect(honest.doc.share.size).to.equal(0);
    honest.write((doc) => doc.getText('text').insert(0, 'fine'));
    await honest.until(() => isStored(honest));
    await Promise.all([liar.close(), honest.close()]);
  });
});
