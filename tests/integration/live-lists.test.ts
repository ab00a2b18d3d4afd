// Live lists on a real server: who is put out, what ends with its project, and what comes of one's projects.
import { type LiveList, ParleyError } from '@parley/client';
import { limits } from '@parley/shared';
import { expect } from 'chai';
import { startTestServer, type TestServer } from '../harness/kit.js';
import { sdkSignUp } from '../harness/sdk-person.js';

const until = (list: LiveList<unknown>, condition: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (!condition()) return;
      stop();
      resolve();
    };
    const stop = list.onChange(look);
    look();
  });

describe('live lists of the SDK', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const withProject = async () => {
    const [ada, bob] = await Promise.all([sdkSignUp(server), sdkSignUp(server)]);
    const { id: projectId } = await ada.client.projects.create({ name: 'The bridge' });
    await ada.client.projects.members.add.mutate({ projectId, userId: bob.id });
    const close = (): void => {
      ada.client.close();
      bob.client.close();
    };
    return { ada, bob, projectId, [Symbol.dispose]: close };
  };

  it('of tasks are empty for whoever is put out, and filled again for who comes back', async () => {
    using place = await withProject();
    const { ada, bob, projectId } = place;
    await ada.client.tasks.create({ projectId, title: 'one' });
    const list = bob.client.tasks.live({ projectId });
    await until(list, () => list.items.length === 1);
    await ada.client.projects.members.remove.mutate({ projectId, userId: bob.id });
    await until(list, () => list.error !== null);
    expect([list.items.length, list.error?.code, list.isLoading]).to.deep.equal([0, 'NOT_FOUND', false]);
    await ada.client.tasks.create({ projectId, title: 'two' });
    await ada.client.projects.members.add.mutate({ projectId, userId: bob.id });
    await until(list, () => list.items.length === 2);
    expect(list.error).to.equal(null);
    await ada.client.projects.delete({ projectId });
    await until(list, () => list.error !== null);
    expect([list.items.length, list.error?.code]).to.deep.equal([0, 'NOT_FOUND']);
  });

  it('of tasks hear who is assigned no more because they left', async () => {
    using place = await withProject();
    const { ada, bob, projectId } = place;
    const { id } = await ada.client.tasks.create({ projectId, title: 'his', assignees: [bob.id] });
    const [his, nobodys] = [bob.id, null].map((assignee) => ada.client.tasks.live({ projectId, assignee }));
    if (his === undefined || nobodys === undefined) throw new Error('no lists');
    await until(his, () => his.items.length === 1);
    await bob.client.projects.leave({ projectId });
    await until(nobodys, () => nobodys.items.length === 1);
    await until(his, () => his.items.length === 0);
    expect(nobodys.items[0]).to.deep.include({ id, assignees: [] });
  });

  it('of tasks take in what is moved in bulk, and more', async () => {
    using place = await withProject();
    const { ada, bob, projectId } = place;
    const all = limits.tasksMoved.value + 20;
    const taskIds: string[] = [];
    for (let count = 0; count < all; count += 1)
      taskIds.push((await ada.client.tasks.create({ projectId, title: `task ${count}` })).id);
    const done = bob.client.tasks.live({ projectId, status: ['done'], sort: 'board', limit: 100 });
    const open = bob.client.tasks.live({ projectId, status: ['todo'], limit: 100 });
    await until(open, () => !open.isLoading);
    while (open.hasMore) await open.loadMore();
    expect(open.items).to.have.length(all);
    const some = taskIds.slice(0, limits.tasksMoved.value);
    await ada.client.tasks.move({ projectId, taskIds: some, status: 'done', place: 'first' });
    await until(done, () => done.items.length === some.length);
    await until(open, () => open.items.length === all - some.length);
    expect(done.items.map(({ id }) => id)).to.deep.equal(some);
    // Few enough to be fetched one by one, and as many as that can be.
    const few = taskIds.slice(-20);
    await ada.client.tasks.move({ projectId, taskIds: few, status: 'done', place: 'last' });
    await until(open, () => open.items.length === 0);
    await done.loadMore();
    await until(done, () => done.items.length === all);
    expect(done.items.map(({ id }) => id)).to.deep.equal([...some, ...few]);
  });

  it('of comments hear what is said, changed and taken back, and end with their task', async () => {
    using place = await withProject();
    const { ada, bob, projectId } = place;
    const { id: taskId } = await ada.client.tasks.create({ projectId, title: 'one' });
    const { id: otherId } = await ada.client.tasks.create({ projectId, title: 'another' });
    const list = bob.client.comments.live({ taskId, limit: 3 });
    await until(list, () => !list.isLoading);
    const ids: string[] = [];
    for (const content of ['first', 'second', 'third', 'fourth'])
      ids.push((await ada.client.comments.create({ taskId, content })).id);
    await ada.client.comments.create({ taskId: otherId, content: 'elsewhere' });
    await ada.client.comments.update({ commentId: ids[1] ?? '', content: 'second thoughts' });
    await ada.client.comments.delete({ commentId: ids[0] ?? '' });
    await until(
      list,
      () => list.items.map(({ content }) => content).join() === 'second thoughts,third,fourth',
    );
    await ada.client.tasks.delete({ taskId });
    await until(list, () => list.error !== null);
    expect([list.items.length, list.error?.code]).to.deep.equal([0, 'NOT_FOUND']);
  });

  it('of projects tell what one is in, and what becomes of it', async () => {
    using place = await withProject();
    const { ada, bob, projectId } = place;
    const open = bob.client.projects.live({ limit: 2 });
    const archived = bob.client.projects.live({ archived: true });
    await until(open, () => open.items.length === 1);
    await ada.client.tasks.create({ projectId, title: 'one' });
    const { id: taskId } = await ada.client.tasks.create({ projectId, title: 'two' });
    await ada.client.tasks.move({ projectId, taskIds: [taskId], status: 'done', place: 'first' });
    await until(open, () => open.items[0]?.taskCounts.todo === 1 && open.items[0].taskCounts.done === 1);
    await ada.client.projects.update({ projectId, name: 'The other bridge' });
    await until(open, () => open.items[0]?.name === 'The other bridge');
    const own = await bob.client.projects.create({ name: 'his own' });
    await until(open, () => open.items.length === 2);
    expect(open.items.map(({ id }) => id)).to.deep.equal([own.id, projectId]);
    await ada.client.projects.archive({ projectId });
    await until(open, () => open.items.length === 1);
    await until(archived, () => archived.items.length === 1);
    await ada.client.projects.members.remove.mutate({ projectId, userId: bob.id });
    await until(archived, () => archived.items.length === 0);
    expect([open.error, archived.error]).to.deep.equal([null, null]);
  });

  it('end with the session, and are none without one', async () => {
    using place = await withProject();
    const { ada, projectId } = place;
    const list = ada.client.tasks.live({ projectId });
    await until(list, () => !list.isLoading);
    await ada.client.signOut();
    expect(list.error).to.include({ code: 'NOT_SIGNED_IN' });
    expect(() => ada.client.tasks.live({ projectId }))
      .to.throw(ParleyError)
      .that.includes({ code: 'NOT_SIGNED_IN' });
  });

  it('say what is wrong with what was asked', async () => {
    using place = await withProject();
    const { ada } = place;
    const list = ada.client.tasks.live({ projectId: 'no project' });
    await until(list, () => list.error !== null);
    expect(list.error?.code).to.be.oneOf(['NOT_FOUND', 'INVALID_INPUT']);
    expect(list.isLoading).to.equal(false);
  });
});
