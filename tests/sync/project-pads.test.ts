// Pads of projects: what somebody is in the project decides what they may do, at once; and they end with it.
import { createParley, type Parley } from '@parley/server';
import { limits } from '@parley/shared';
import { expect } from 'chai';
import type * as Y from 'yjs';
import { refusalOf, signUp, type TestPerson, testOptions } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';

const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;

describe('pads of projects', () => {
  let store: TestStore;
  let parley: Parley;
  let server: { readonly url: string };
  let port = 0;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let projectId: string;
  let padId: string;
  const clients: RawClient[] = [];

  const start = async (): Promise<void> => {
    parley = await createParley({ ...testOptions, mongodbUri: store.uri, port, documentIdleMs: 0 });
    server = await parley.listen();
    port = Number(new URL(server.url).port);
  };
  before(async () => {
    store = await startTestStore();
    await start();
    [ada, bob, eve] = await Promise.all([
      signUp(server, 'ada'),
      signUp(server, 'bob'),
      signUp(server, 'eve'),
    ]);
  });
  after(async () => {
    await parley.close();
    await store.close();
  });
  beforeEach(async () => {
    projectId = (await ada.api.projects.create.mutate({ name: 'The bridge' })).id;
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id, role: 'member' });
    padId = (await bob.api.pads.create.mutate({ projectId, title: 'Plans' })).id;
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  const raw = ({ token }: TestPerson, id = padId): RawClient => {
    const client = new RawClient({ url: server.url, conversationId: id, token, acks: true });
    clients.push(client);
    return client;
  };
  const text = (doc: Y.Doc): string => doc.getText('text').toString();
  const write = async (client: RawClient, words: string): Promise<void> => {
    client.write((doc) => doc.getText('text').insert(0, words));
    await client.until(() =>
      client.frames.some((frame) => frame.type === 'stored' && frame.upTo === client.sent),
    );
  };
  const refusedToWrite = async (client: RawClient): Promise<string> => {
    client.write((doc) => doc.getText('text').insert(0, 'x'));
    return (await client.next('refused')).refusal.code;
  };
  const becomes = async (client: RawClient, access: 'read' | 'write' | 'admin'): Promise<unknown> =>
    await client.next('notice', ({ notice }) => notice.type === 'welcome' && notice.access === access);
  /** Where something of the pad is left. */
  const stored = async (id = padId): Promise<string[]> => {
    const found: string[] = [];
    for (const [name, field] of [
      ['pads', '_id'],
      ['documents', '_id'],
      ['document_log', 'document'],
      ['document_snapshots', 'document'],
    ] as const)
      if ((await store.connection.collection(name).countDocuments({ [field]: id })) > 0) found.push(name);
    return found;
  };

  it('are made by members, listed and read by viewers, and nobody’s who is not in it', async () => {
    await ada.api.projects.members.add.mutate({ projectId, userId: eve.id, role: 'viewer' });
    const pad = await eve.api.pads.get.query({ id: padId });
    expect(pad).to.deep.include({ id: padId, projectId, conversationId: null, title: 'Plans' });
    expect(padId.length, 'an id that every input takes').to.be.at.most(64);
    expect((await eve.api.pads.list.query({ projectId })).items).to.deep.equal([pad]);
    expect(await codeOf(eve.api.pads.create.mutate({ projectId, title: 'Mine' }))).to.equal('FORBIDDEN');
    expect(await codeOf(eve.api.pads.delete.mutate({ id: padId }))).to.equal('FORBIDDEN');
    const hers = await ada.api.pads.create.mutate({ projectId, title: 'Ada’s' });
    expect(await codeOf(bob.api.pads.delete.mutate({ id: hers.id }))).to.equal('FORBIDDEN');
    await ada.api.projects.members.remove.mutate({ projectId, userId: eve.id });
    for (const call of [
      () => eve.api.pads.create.mutate({ projectId, title: 'Hm' }),
      () => eve.api.pads.list.query({ projectId }),
      () => eve.api.pads.get.query({ id: padId }),
      () => eve.api.pads.delete.mutate({ id: padId }),
    ])
      expect(await codeOf(call())).to.equal('NOT_FOUND');
    expect((await raw(eve).closed).code).to.equal(4404);
    await ada.api.pads.delete.mutate({ id: padId });
    expect(await stored()).to.deep.equal([]);
  });

  it('are in one place, not in two and not in none', async () => {
    for (const call of [
      () => ada.api.pads.create.mutate({ projectId, conversationId: projectId, title: 'Both' }),
      () => ada.api.pads.create.mutate({ title: 'Nowhere' }),
      () => ada.api.pads.list.query({}),
      () => ada.api.pads.list.query({ projectId, conversationId: projectId }),
    ])
      expect(Object.keys((await refusalOf(call())).fields)).to.deep.equal(['conversationId']);
    // A project is no conversation.
    expect(await codeOf(ada.api.pads.create.mutate({ conversationId: projectId, title: 'Hm' }))).to.equal(
      'NOT_FOUND',
    );
  });

  it('[F5] are written by members and only read by viewers', async () => {
    await ada.api.projects.members.add.mutate({ projectId, userId: eve.id, role: 'viewer' });
    const [writer, reader] = [await raw(bob).synced(), await raw(eve).synced()];
    await write(writer, 'hello');
    await reader.until(() => text(reader.doc) === 'hello');
    expect(await refusedToWrite(reader)).to.equal('FORBIDDEN');
    const late = await raw(ada).synced();
    expect(text(late.doc)).to.equal('hello');
  });

  it('[F5] [R6] follow a changed role at once, both ways', async () => {
    const client = await raw(bob).synced();
    await write(client, 'one');
    await ada.api.projects.members.setRole.mutate({ projectId, userId: bob.id, role: 'viewer' });
    await becomes(client, 'read');
    expect(await refusedToWrite(client)).to.equal('FORBIDDEN');
    // What was refused is still in the copy of a client that speaks by hand.
    await ada.api.projects.transfer.mutate({ projectId, userId: bob.id });
    await becomes(client, 'admin');
    const fresh = await raw(bob).synced();
    await write(fresh, 'two');
    const other = await raw(ada).synced();
    expect(text(other.doc)).to.equal('twoone');
  });

  it('[F5] [R6] put out at once whoever is removed or leaves, in the middle of a word', async () => {
    await ada.api.projects.members.add.mutate({ projectId, userId: eve.id, role: 'admin' });
    for (const [person, end] of [
      [bob, () => ada.api.projects.members.remove.mutate({ projectId, userId: bob.id })],
      [eve, () => eve.api.projects.leave.mutate({ projectId })],
    ] as const) {
      const inside = await raw(person).synced();
      const ending = end();
      let closed: { code: number } | null = null;
      void inside.closed.then((how) => {
        closed = how;
      });
      while (closed === null) {
        inside.write((doc) => doc.getText('text').insert(0, 'x'));
        await new Promise(setImmediate);
      }
      await ending;
      expect((await inside.closed).code).to.equal(4404);
      expect((await raw(person).closed).code).to.equal(4404);
    }
  });

  it('[F5] [R6] are read by all and written by nobody while the project is archived', async () => {
    const [one, two] = [await raw(ada).synced(), await raw(bob).synced()];
    await ada.api.projects.archive.mutate({ projectId });
    await Promise.all([becomes(one, 'read'), becomes(two, 'read')]);
    expect(await refusedToWrite(one)).to.equal('FORBIDDEN');
    expect(await codeOf(ada.api.pads.create.mutate({ projectId, title: 'Hm' }))).to.equal('CONFLICT');
    expect(await codeOf(ada.api.pads.delete.mutate({ id: padId }))).to.equal('CONFLICT');
    expect((await bob.api.pads.list.query({ projectId })).items).to.have.length(1);
    await ada.api.projects.restore.mutate({ projectId });
    await becomes(two, 'write');
    await write(two, 'again');
  });

  it('[F7] [R7] go with their project: closed with 4404, and nothing of them is left', async () => {
    const second = await ada.api.pads.create.mutate({ projectId, title: 'Second' });
    const kept = await ada.api.projects.create.mutate({ name: 'Another' });
    const other = await ada.api.pads.create.mutate({ projectId: kept.id, title: 'stays' });
    const inside = [await raw(ada).synced(), await raw(bob).synced(), await raw(bob, second.id).synced()];
    for (const client of inside) await write(client, 'soon gone');
    await ada.api.projects.delete.mutate({ projectId });
    for (const { closed } of inside) expect((await closed).code).to.equal(4404);
    expect([...(await stored()), ...(await stored(second.id))]).to.deep.equal([]);
    expect((await raw(bob).closed).code).to.equal(4404);
    expect((await ada.api.pads.get.query({ id: other.id })).projectId).to.equal(kept.id);
  });

  it('[F7] go with their project at the next start when the process died in it', async () => {
    await write(await raw(bob).synced(), 'soon gone');
    // As it is left after the first write; and after the pads’ own.
    const projects = store.connection.collection<{ _id: string }>('projects');
    await projects.updateOne({ _id: projectId }, { $set: { deletedAt: new Date() } });
    await parley.close();
    expect(await stored()).to.include.members(['pads', 'documents']);
    await start();
    expect(await stored()).to.deep.equal([]);
    expect(await projects.countDocuments({ _id: projectId })).to.equal(0);
  });

  it('that were being made when the process died are not there at the next start', async () => {
    const pads = store.connection.collection<{ _id: string }>('pads');
    await pads.updateOne({ _id: padId }, { $set: { deletedAt: new Date() } });
    expect(await codeOf(bob.api.pads.get.query({ id: padId }))).to.equal('NOT_FOUND');
    await parley.close();
    await start();
    expect(await stored()).to.deep.equal([]);
  });

  it('that are made while the project is deleted do not stay behind', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await ada.api.projects.create.mutate({ name: 'soon gone' });
      const making = Array.from({ length: 20 }, (_, at) =>
        ada.api.pads.create.mutate({ projectId: id, title: `${at}` }),
      );
      const settled = Promise.allSettled(making);
      await making[round]?.catch(() => undefined);
      await ada.api.projects.delete.mutate({ projectId: id });
      await settled;
      const left = await store.connection.collection('pads').countDocuments({ conversation: id });
      expect(left).to.equal(0);
    }
  });

  it('are kept to the limit of a project, however many are made at once', async () => {
    const most = limits.padsPerPlace.value;
    const outcomes = await Promise.allSettled(
      Array.from({ length: most + 5 }, (_, at) => ada.api.pads.create.mutate({ projectId, title: `${at}` })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(most - 1);
    const refusal = await refusalOf(ada.api.pads.create.mutate({ projectId, title: 'one more' }));
    expect([refusal.code, Object.keys(refusal.fields)]).to.deep.equal(['CONFLICT', ['projectId']]);
  });
});
