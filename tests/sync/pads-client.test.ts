import {
  createParleyClient,
  type ParleyClient,
  type SharedDocument,
  type SharedDocumentEvents,
} from '@parley/client';
import { createParley, type Parley } from '@parley/server';
import { limits } from '@parley/shared';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import type * as Y from 'yjs';
import { signUp, TEST_PASSWORD, type TestPerson, testOptions } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { StockClient } from '../harness/stock-client.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';

/** After so many client ids a pad that nobody looks at begins anew. */
const CLIENTS = 5;

/** A WebSocket that can be kept from connecting. */
class HeldSocket extends WebSocket {
  static #held = false;

  constructor(url: string) {
    // Nobody listens there.
    super(HeldSocket.#held ? 'ws://127.0.0.1:1/' : url);
  }

  static hold(): void {
    HeldSocket.#held = true;
  }

  static release(): void {
    HeldSocket.#held = false;
  }
}

describe('pads in the SDK', () => {
  let store: TestStore;
  let parley: Parley;
  let server: { readonly url: string };
  let port = 0;
  let ada: TestPerson;
  let bob: TestPerson;
  let client: ParleyClient;
  let conversationId: string;
  let padId: string;
  let count = 0;

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

  before(async () => {
    store = await startTestStore();
    await start();
    ada = await signUp(server, 'ada');
    bob = await signUp(server, 'bob');
    client = createParleyClient({ url: server.url, WebSocket: HeldSocket });
    await client.signIn({ login: bob.username, password: TEST_PASSWORD });
  });
  after(async () => {
    client.close();
    await parley.close();
    await store.close();
  });

  beforeEach(async () => {
    count += 1;
    conversationId = (await ada.api.rooms.joinOrCreate.mutate({ name: `Writers ${count}` })).room.id;
    await bob.api.rooms.joinOrCreate.mutate({ name: `Writers ${count}` });
    padId = (await client.pads.create({ conversationId, title: 'Plans' })).id;
  });
  afterEach(() => client.close());

  const next = <Name extends keyof SharedDocumentEvents>(
    pad: SharedDocument,
    name: Name,
    fits: (event: SharedDocumentEvents[Name]) => boolean = () => true,
  ): Promise<SharedDocumentEvents[Name]> =>
    new Promise((resolve) => {
      const stop = pad.on(name, (event) => {
        if (!fits(event)) return;
        stop();
        resolve(event);
      });
    });
  const text = (doc: Y.Doc): Y.Text => doc.getText('text');
  const raw = (): RawClient =>
    new RawClient({ url: server.url, conversationId: padId, token: ada.token, acks: true });
  /** What a newcomer sees. */
  const seen = async (): Promise<string> => {
    const newcomer = await raw().synced();
    await newcomer.close();
    return text(newcomer.doc).toString();
  };
  const visit = async (change: (doc: Y.Doc) => void): Promise<number> => {
    const visitor = await raw().synced();
    visitor.write(change);
    await visitor.until(() =>
      visitor.frames.some((frame) => frame.type === 'stored' && frame.upTo === visitor.sent),
    );
    const { notice } = await visitor.next('notice', (frame) => frame.notice.type === 'welcome');
    await visitor.close();
    return notice.type === 'welcome' ? notice.generation : 0;
  };
  const wearOut = async (): Promise<void> => {
    for (let at = 0; (await visit((doc) => doc.getMap('visits').set(`${at % 3}`, at))) < 2; at += 1)
      await new Promise(setImmediate);
  };

  it('opens those of projects as well, and hears at once what one may still do there', async () => {
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'The bridge' });
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id, role: 'member' });
    const made = await client.pads.create({ projectId, title: 'Plans' });
    expect((await client.pads.list({ projectId })).items).to.deep.equal([made]);
    const pad = client.pads.open(made.id);
    await pad.whenSynced();
    text(pad.doc).insert(0, 'hello');
    await pad.whenStored();
    const reading = next(pad, 'access', (access) => access === 'read');
    await ada.api.projects.members.setRole.mutate({ projectId, userId: bob.id, role: 'viewer' });
    await reading;
    const closing = next(pad, 'status', ({ status }) => status === 'closed');
    await ada.api.projects.delete.mutate({ projectId });
    expect((await closing).error?.code).to.equal('NOT_FOUND');
  });

  it('lists, tells of and deletes them, typed from the router', async () => {
    const { items } = await client.pads.list({ conversationId });
    expect(items.map(({ id, title }) => ({ id, title }))).to.deep.equal([{ id: padId, title: 'Plans' }]);
    expect((await client.pads.get({ id: padId })).createdBy.id).to.equal(bob.id);
    const pad = client.pads.open(padId);
    expect(client.pads.open(padId)).to.equal(pad);
    await pad.whenSynced();
    expect(pad.access).to.equal('write');
    const closing = next(pad, 'status', ({ status }) => status === 'closed');
    await client.pads.delete({ id: padId });
    expect((await closing).error?.code).to.equal('NOT_FOUND');
    expect(client.pads.open(padId)).not.to.equal(pad);
  });

  it('[F5] edits together with two stock clients, all at once', async () => {
    const stock = [ada, bob].map(
      ({ id: userId, token }) =>
        new StockClient({ wsUrl: server.url.replace(/^http/, 'ws'), conversationId: padId, userId, token }),
    );
    const pad = client.pads.open(padId);
    await Promise.all([pad.whenSynced(), ...stock.map((each) => each.synced())]);
    const docs = [pad.doc, ...stock.map(({ doc }) => doc)];
    for (let turn = 0; turn < 25; turn += 1) {
      for (const [who, doc] of docs.entries()) {
        text(doc).insert(turn % 2 === 0 ? 0 : text(doc).length, `${who}:${turn} `);
        doc.getMap('map').set(`key ${turn % 4}`, `${who}:${turn}`);
        if (turn % 5 === 4) text(doc).delete(3, 4);
      }
      if (turn % 6 === 0) await new Promise(setImmediate);
    }
    await pad.whenStored();
    expect(pad.pending).to.equal(false);
    const wanted = async (): Promise<boolean> => {
      const states = docs.map((doc) => JSON.stringify([text(doc).toDelta(), doc.getMap('map').toJSON()]));
      return new Set(states).size === 1 && (await seen()) === text(pad.doc).toString();
    };
    while (!(await wanted())) await new Promise(setImmediate);
    for (const each of stock) each[Symbol.dispose]();
  });

  it('tells what waits, through a server that is away', async () => {
    const pad = client.pads.open(padId);
    const told: boolean[] = [];
    pad.on('pending', (pending) => told.push(pending));
    text(pad.doc).insert(0, 'before it was in step. ');
    expect(pad.pending).to.equal(true);
    await pad.whenStored();
    expect(await seen()).to.equal('before it was in step. ');
    const offline = next(pad, 'status', ({ status }) => status === 'offline');
    await parley.close();
    await offline;
    text(pad.doc).insert(0, 'while it was away. ');
    await start();
    await pad.whenStored();
    expect(told).to.deep.equal([true, false, true, false]);
    expect(await seen()).to.equal('while it was away. before it was in step. ');
  });

  it('[F9] hands over what was never stored when the pad has begun anew meanwhile', async () => {
    const pad = client.pads.open(padId);
    text(pad.doc).insert(0, 'stored. ');
    await pad.whenStored();
    const offline = next(pad, 'status', ({ status }) => status === 'offline');
    await parley.close();
    await offline;
    text(pad.doc).insert(0, 'never stored. ');
    const before = pad.doc;
    const stored = pad.whenStored().catch((error: unknown) => error);
    // Somebody else's visits wear the pad out before it comes back.
    const replaced = next(pad, 'replaced');
    HeldSocket.hold();
    await start();
    await wearOut();
    HeldSocket.release();
    const { doc, setAside } = await replaced;
    expect(doc).to.equal(pad.doc).and.not.to.equal(before);
    expect(setAside?.doc).to.equal(before);
    expect(setAside?.error.code).to.equal('OLDER_GENERATION');
    expect(text(before).toString()).to.equal('never stored. stored. ');
    expect(await stored).to.include({ code: 'OLDER_GENERATION' });
    await pad.whenSynced();
    expect(text(pad.doc).toString()).to.equal('stored. ');
    expect(pad.pending).to.equal(false);
    // What the app makes of it is an edit like any.
    text(pad.doc).insert(0, 'never stored. ');
    await pad.whenStored();
    expect(await seen()).to.equal('never stored. stored. ');
  });

  it('[F9] starts over without a word where everything was stored', async () => {
    const pad = client.pads.open(padId);
    text(pad.doc).insert(0, 'stored. ');
    await pad.whenStored();
    const offline = next(pad, 'status', ({ status }) => status === 'offline');
    await parley.close();
    await offline;
    const replaced = next(pad, 'replaced');
    HeldSocket.hold();
    await start();
    await wearOut();
    HeldSocket.release();
    expect((await replaced).setAside).to.equal(null);
    await pad.whenSynced();
    expect(text(pad.doc).toString()).to.equal('stored. ');
  });

  it('[F4] sets aside what is too large, and goes on with what the server has', async () => {
    const pad = client.pads.open(padId);
    const part = 'x'.repeat(limits.padBytes.value / 3);
    for (let at = 0; at < 2; at += 1) {
      text(pad.doc).insert(0, part);
      // Both together would not fit one frame.
      await pad.whenStored();
    }
    const replaced = next(pad, 'replaced');
    text(pad.doc).insert(0, part);
    text(pad.doc).insert(0, 'and then some');
    const { setAside } = await replaced;
    expect(setAside?.error).to.include({ code: 'TOO_LARGE', rule: 'F4' });
    expect(setAside && text(setAside.doc).length).to.equal(3 * part.length + 'and then some'.length);
    await pad.whenSynced();
    expect(text(pad.doc).length).to.equal(2 * part.length);
    text(pad.doc).delete(0, part.length);
    text(pad.doc).insert(0, part);
    await pad.whenStored();
  });

  it('[F5] closes for one who is put out while they write, and keeps what they wrote', async () => {
    const pad = client.pads.open(padId);
    await pad.whenSynced();
    const closing = next(pad, 'status', ({ status }) => status === 'closed');
    const leaving = client.api.rooms.leave.mutate({ conversationId });
    let typed = 0;
    while (pad.status !== 'closed') {
      text(pad.doc).insert(0, 'x');
      typed += 1;
      await new Promise(setImmediate);
    }
    await leaving;
    expect((await closing).error?.code).to.equal('FORBIDDEN');
    expect(text(pad.doc).length).to.equal(typed);
    if (pad.pending)
      expect(await pad.whenStored().catch((error: unknown) => error)).to.include({ code: 'FORBIDDEN' });
  });

  it('[F5] sets aside what one writes who may only read', async () => {
    const pad = client.pads.open(padId);
    await pad.whenSynced();
    const reads = next(pad, 'access', (access) => access === 'read');
    const rows = store.connection.collection('memberships');
    await rows.updateOne({ conversation: conversationId, user: bob.id }, { $set: { silenced: true } });
    parley.documents.rightsChanged(conversationId, bob.id);
    await reads;
    const replaced = next(pad, 'replaced');
    text(pad.doc).insert(0, 'x');
    expect((await replaced).setAside?.error).to.include({ code: 'FORBIDDEN', rule: 'G1' });
    await pad.whenSynced();
    expect(text(pad.doc).toString()).to.equal('');
  });
});
