// Pads of tasks: one each, ruled by the project, on no shelf, gone with the task.
import { expect } from 'chai';
import { streamOverSocket } from '../harness/event-stream.js';
import { refusalOf, signUp, startTestServer, type TestPerson } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;

describe('pads of tasks', () => {
  let place: ServerOnStore;
  let ada: TestPerson;
  let bob: TestPerson;
  let projectId: string;
  let taskId: string;
  const clients: RawClient[] = [];
  before(async () => {
    place = await startServerOnStore('task-pads');
    [ada, bob] = await Promise.all([signUp(place.server), signUp(place.server)]);
  });
  after(() => place.close());
  beforeEach(async () => {
    projectId = (await ada.api.projects.create.mutate({ name: 'The bridge' })).id;
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id, role: 'viewer' });
    taskId = (await ada.api.tasks.create.mutate({ projectId, title: 'a stone' })).id;
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  const raw = ({ token }: TestPerson, id: string): RawClient => {
    const client = new RawClient({ url: place.server.url, conversationId: id, token, acks: true });
    clients.push(client);
    return client;
  };
  const write = async (client: RawClient, words: string): Promise<void> => {
    client.write((doc) => doc.getText('text').insert(0, words));
    await client.until(() =>
      client.frames.some((frame) => frame.type === 'stored' && frame.upTo === client.sent),
    );
  };
  /** Rows in which something of a pad is left. */
  const left = async (id: string): Promise<number> => {
    const rows = (name: string) => place.database.collection<{ _id: string; document: string }>(name);
    const counts = await Promise.all([
      rows('pads').countDocuments({ _id: id }),
      rows('documents').countDocuments({ _id: id }),
      rows('document_log').countDocuments({ document: id }),
      rows('document_snapshots').countDocuments({ document: id }),
    ]);
    return counts.reduce((sum, count) => sum + count, 0);
  };
  const open = async (): Promise<string> => {
    const { padId } = await ada.api.tasks.openPad.mutate({ taskId });
    if (padId === null) throw new Error('the task has no pad');
    return padId;
  };

  it('are one a task, however many want it at once; told of; on no shelf', async () => {
    using stream = streamOverSocket(place.server, () => bob.token);
    await stream.until(({ heard }) => heard.length > 0);
    const all = await Promise.all(Array.from({ length: 10 }, () => ada.api.tasks.openPad.mutate({ taskId })));
    const ids = new Set(all.map(({ padId }) => padId));
    expect(ids.size).to.equal(1);
    const task = await bob.api.tasks.get.query({ taskId });
    expect(task).to.include({ padId: all[0]?.padId, version: 2 });
    await stream.until((it) => it.of('task.updated').length > 0);
    expect(stream.of('task.updated')).to.deep.equal([
      {
        ...{ type: 'task.updated', projectId, taskId, by: ada.id, version: 2 },
        ...{ changes: {}, changed: ['padId'], assigned: [] },
      },
    ]);
    const pad = await bob.api.pads.get.query({ id: task.padId ?? '' });
    expect(pad).to.deep.include({ projectId, taskId, conversationId: null, title: 'a stone' });
    expect((await ada.api.pads.list.query({ projectId })).items).to.deep.equal([]);
    expect(await codeOf(ada.api.pads.delete.mutate({ id: pad.id }))).to.equal('CONFLICT');
    expect(await codeOf(bob.api.tasks.openPad.mutate({ taskId })), 'a viewer').to.equal('FORBIDDEN');
  });

  it('are written by members, read by viewers, and gone with their task', async () => {
    const padId = await open();
    const hers = await raw(ada, padId).synced();
    const his = await raw(bob, padId).synced();
    await write(hers, 'of granite');
    await his.until(() => his.doc.getText('text').toString() === 'of granite');
    his.write((doc) => doc.getText('text').insert(0, 'x'));
    expect((await his.next('refused')).refusal.code).to.equal('FORBIDDEN');
    await ada.api.tasks.delete.mutate({ taskId });
    expect((await hers.closed).code).to.equal(4404);
    expect(await left(padId)).to.equal(0);
  });

  it('go with their project, and with a task whose end was cut short', async () => {
    const padId = await open();
    await write(await raw(ada, padId).synced(), 'of granite');
    const other = (await ada.api.tasks.create.mutate({ projectId, title: 'sand' })).id;
    const { padId: otherPad } = await ada.api.tasks.openPad.mutate({ taskId: other });
    const tasks = place.database.collection<{ _id: string }>('tasks');
    await tasks.updateOne({ _id: other }, { $set: { deletedAt: new Date() } });
    await using _next = await startTestServer({ mongodbUri: place.uri });
    expect(await left(otherPad ?? '')).to.equal(0);
    expect(await left(padId)).to.be.greaterThan(0);
    await ada.api.projects.delete.mutate({ projectId });
    expect(await left(padId)).to.equal(0);
  });

  it('are not left behind by a task that is deleted while one is opened', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await ada.api.tasks.create.mutate({ projectId, title: 'a stone' });
      await Promise.allSettled([
        ada.api.tasks.openPad.mutate({ taskId: id }),
        ada.api.tasks.delete.mutate({ taskId: id }),
      ]);
      expect(await left(`pad_p_${projectId}_${id}`)).to.equal(0);
    }
  });
});
