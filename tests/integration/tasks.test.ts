import { beginDeletion } from '@parley/server/internal/features/users/delete-user';
import { createUserModel } from '@parley/server/internal/features/users/user.model';
import { limits } from '@parley/shared';
import { expect } from 'chai';
import { refusalOf, signUp, startTestServer, TEST_PASSWORD, type TestServer } from '../harness/kit.js';
import { makeProject, type TestProject } from '../harness/project.js';
import { sdkSignUp } from '../harness/sdk-person.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;
const outcomeOf = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => 'ok',
    () => codeOf(call),
  );
const roles = ['stranger', 'viewer', 'member', 'admin', 'owner'] as const;
const writers = { stranger: 'NOT_FOUND', viewer: 'FORBIDDEN', member: 'ok', admin: 'ok', owner: 'ok' };
const readers = { ...writers, viewer: 'ok' };

describe('tasks', () => {
  let place: ServerOnStore;
  let server: TestServer;
  let here: TestProject;
  before(async () => {
    place = await startServerOnStore('tasks');
    server = place.server;
  });
  beforeEach(async () => {
    here = await makeProject(server);
  });
  after(() => place.close());

  const rows = () => place.database.collection<{ _id: string; project: string }>('tasks');
  const make = async (input: { title?: string; assignees?: string[] } = {}) =>
    await here.member.api.tasks.create.mutate({
      projectId: here.projectId,
      title: 'Lay stones',
      ...input,
    });
  const everything = (taskId: string) => ({
    ...{ taskId, title: 'Anew', description: '', status: 'todo' as const, priority: 'low' as const },
    ...{ assignees: [], due: null, labels: [] },
  });

  it('are made, read, changed and replaced', async () => {
    const { member, projectId, viewer } = here;
    const due = { at: new Date('2030-03-01T09:00:00Z'), timeZone: 'Europe/Berlin' };
    const made = await member.api.tasks.create.mutate({
      ...{ projectId, title: '  Lay   stones ', description: 'one\nby one', priority: 'high', due },
      ...{ labels: [' river  side '], assignees: [viewer.id, member.id] },
    });
    expect(made).to.deep.include({
      ...{ projectId, title: 'Lay stones', description: 'one\nby one', hasDescription: true },
      ...{ status: 'todo', priority: 'high', due, labels: ['river side'], padId: null, version: 1 },
      assignees: [viewer.id, member.id],
    });
    expect(made.createdBy.id).to.equal(member.id);
    const { id: taskId } = made;
    expect(await viewer.api.tasks.get.query({ taskId })).to.deep.equal(made);
    const changed = await member.api.tasks.update.mutate({ taskId, due: null, description: '', labels: [] });
    expect(changed).to.deep.equal({
      ...made,
      ...{ due: null, description: '', hasDescription: false, labels: [], version: 2 },
      updatedAt: changed.updatedAt,
    });
    expect(changed.updatedAt.getTime()).to.be.at.least(made.updatedAt.getTime());
    const replaced = await member.api.tasks.replace.mutate(everything(taskId));
    expect(replaced).to.deep.include({ title: 'Anew', priority: 'low', assignees: [], version: 3 });
    const same = await member.api.tasks.replace.mutate(everything(taskId));
    expect(same, 'nothing is written where nothing changes').to.deep.equal(replaced);
  });

  it('let each role do what it may, and no more; nothing while the project is archived', async () => {
    const { projectId, owner, viewer } = here;
    const calls: Record<
      string,
      readonly [(role: (typeof roles)[number], taskId: string) => Promise<unknown>, object]
    > = {
      create: [(role) => here[role].api.tasks.create.mutate({ projectId, title: 'x' }), writers],
      update: [(role, taskId) => here[role].api.tasks.update.mutate({ taskId, title: 'x' }), writers],
      replace: [(role, taskId) => here[role].api.tasks.replace.mutate(everything(taskId)), writers],
      move: [
        (role, id) =>
          here[role].api.tasks.move.mutate({ projectId, taskIds: [id], place: 'first', status: 'done' }),
        writers,
      ],
      delete: [(role, taskId) => here[role].api.tasks.delete.mutate({ taskId }), writers],
      get: [(role, taskId) => here[role].api.tasks.get.query({ taskId }), readers],
      list: [(role) => here[role].api.tasks.list.query({ projectId }), readers],
      history: [(role, taskId) => here[role].api.tasks.history.query({ taskId }), readers],
    };
    for (const [name, [call, wanted]] of Object.entries(calls)) {
      const found: Record<string, string> = {};
      for (const role of roles) found[role] = await outcomeOf(call(role, (await make()).id));
      expect(found, name).to.deep.equal(wanted);
    }
    const { id } = await make();
    await owner.api.projects.archive.mutate({ projectId });
    for (const [name, [call, wanted]] of Object.entries(calls))
      expect(await outcomeOf(call('member', id)), name).to.equal(wanted === writers ? 'CONFLICT' : 'ok');
    expect(await outcomeOf(viewer.api.tasks.get.query({ taskId: 'nobody’s' }))).to.equal('NOT_FOUND');
  });

  it('belong to people of the project alone, and count their statuses there', async () => {
    const { member, stranger, owner, projectId } = here;
    const { id: taskId } = await make();
    for (const call of [
      () => make({ assignees: [member.id, stranger.id] }),
      () => member.api.tasks.update.mutate({ taskId, assignees: ['nobody'] }),
      () => member.api.tasks.replace.mutate({ ...everything(taskId), assignees: [stranger.id] }),
    ]) {
      const { code, fields } = await refusalOf(call());
      expect([code, Object.keys(fields)]).to.deep.equal(['INVALID_INPUT', ['assignees']]);
    }
    await make();
    await member.api.tasks.update.mutate({ taskId, status: 'done' });
    const counts = { todo: 1, inProgress: 0, done: 1 };
    expect((await owner.api.projects.get.query({ projectId })).taskCounts).to.deep.equal(counts);
    expect((await owner.api.projects.list.query()).items.map((one) => one.taskCounts)).to.deep.equal([
      counts,
    ]);
  });

  it('tell who changed status and assignees, and when, the newest first', async () => {
    const { member, admin, viewer, owner } = here;
    const { id: taskId } = await make({ assignees: [viewer.id] });
    await admin.api.tasks.update.mutate({ taskId, status: 'inProgress', assignees: [member.id] });
    await admin.api.tasks.update.mutate({ taskId, title: 'of no interest' });
    await member.api.tasks.move.mutate({
      projectId: here.projectId,
      taskIds: [taskId],
      status: 'done',
      place: 'last',
    });
    await owner.api.projects.members.remove.mutate({ projectId: here.projectId, userId: member.id });
    const { items, nextCursor } = await viewer.api.tasks.history.query({ taskId });
    expect(nextCursor).to.equal(null);
    expect(items.map(({ at: _, by, ...item }) => ({ ...item, by: by?.id ?? null }))).to.deep.equal([
      { version: 5, by: null, status: null, assignees: { from: [member.id], to: [] } },
      { version: 4, by: member.id, status: { from: 'inProgress', to: 'done' }, assignees: null },
      {
        ...{ version: 2, by: admin.id, status: { from: 'todo', to: 'inProgress' } },
        assignees: { from: [viewer.id], to: [member.id] },
      },
    ]);
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await viewer.api.tasks.history.query({ taskId, limit: 1, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ version }) => version));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).to.deep.equal([5, 4, 2]);
  });

  it('keep so much of their history, and no more', async () => {
    const { id: taskId } = await make();
    const entry = (version: number) => ({
      ...{ version, at: new Date(), by: null, assignees: null },
      status: { from: 'todo', to: 'done' },
    });
    const history = Array.from({ length: limits.taskHistoryItems.value }, (_, index) => entry(index + 2));
    await rows().updateOne({ _id: taskId }, { $set: { history, version: 600 } });
    await here.member.api.tasks.update.mutate({ taskId, status: 'inProgress' });
    const row = await rows().findOne({ _id: taskId });
    const versions = (row as unknown as { history: { version: number }[] }).history.map(
      ({ version }) => version,
    );
    expect([versions.length, versions[0], versions.at(-1)]).to.deep.equal([
      limits.taskHistoryItems.value,
      3,
      601,
    ]);
  });

  it('are changed by exactly one of those who mean the same version; the others get the one that stands', async () => {
    const { member, admin } = here;
    for (let round = 0; round < 10; round += 1) {
      const { id: taskId, version } = await make();
      const settled = await Promise.allSettled([
        member.api.tasks.update.mutate({ taskId, version, title: 'by the member' }),
        admin.api.tasks.update.mutate({ taskId, version, description: 'by the admin' }),
      ]);
      const lost = settled.filter((one) => one.status === 'rejected');
      expect(lost).to.have.length(1);
      const { code, fields, current } = await refusalOf(Promise.reject(lost[0]?.reason));
      expect([code, Object.keys(fields)]).to.deep.equal(['CONFLICT', ['version']]);
      const stands = await member.api.tasks.get.query({ taskId });
      expect(stands.version).to.equal(2);
      expect(current).to.deep.equal(stands);
      expect(current?.createdAt).to.be.a('date');
    }
  });

  it('refuse an older version wherever one is named, through the SDK too', async () => {
    await using other = await startTestServer({ mongodbUri: place.uri });
    const { client, api, id } = await sdkSignUp(other);
    await here.owner.api.projects.members.add.mutate({ projectId: here.projectId, userId: id });
    const { id: taskId } = await api.tasks.create.mutate({
      ...{ projectId: here.projectId, title: 'x' },
      due: { at: new Date('2031-01-01'), timeZone: 'UTC' },
    });
    const stands = await api.tasks.update.mutate({ taskId, title: 'y' });
    for (const call of [
      () => api.tasks.update.mutate({ taskId, version: 1, title: 'z' }),
      () => api.tasks.replace.mutate({ ...everything(taskId), version: 1 }),
      () =>
        api.tasks.move.mutate({
          projectId: here.projectId,
          taskIds: [taskId],
          version: 1,
          place: 'first',
          status: 'done',
        }),
      () => api.tasks.delete.mutate({ taskId, version: 1 }),
    ]) {
      const error = await call().then(
        () => expect.fail('it was answered'),
        (reason: unknown) => reason,
      );
      expect(error).to.deep.include({ code: 'CONFLICT', current: stands });
    }
    const two = [taskId, (await make()).id];
    expect(
      Object.keys(
        (
          await refusalOf(
            here.member.api.tasks.move.mutate({
              projectId: here.projectId,
              taskIds: two,
              version: 2,
              place: 'first',
            }),
          )
        ).fields,
      ),
    ).to.deep.equal(['version']);
    await api.tasks.delete.mutate({ taskId, version: 2 });
    client.close();
  });

  it('take what many change at once of different fields, all of it', async () => {
    const { member, admin, owner, viewer } = here;
    const { id: taskId } = await make();
    const due = { at: new Date('2031-01-01'), timeZone: 'UTC' };
    await Promise.all([
      member.api.tasks.update.mutate({ taskId, title: 'Lay bricks' }),
      admin.api.tasks.update.mutate({ taskId, description: 'straight' }),
      owner.api.tasks.update.mutate({ taskId, due }),
      member.api.tasks.update.mutate({ taskId, labels: ['a'] }),
      admin.api.tasks.update.mutate({ taskId, assignees: [viewer.id] }),
      owner.api.tasks.update.mutate({ taskId, priority: 'low' }),
      member.api.tasks.move.mutate({
        projectId: here.projectId,
        taskIds: [taskId],
        status: 'inProgress',
        place: 'first',
      }),
    ]);
    const task = await member.api.tasks.get.query({ taskId });
    expect(task).to.deep.include({
      ...{ title: 'Lay bricks', description: 'straight', due, labels: ['a'], assignees: [viewer.id] },
      ...{ priority: 'low', status: 'inProgress', version: 8, hasDescription: true },
    });
    for (const text of ['bricks', 'straight'])
      expect((await member.api.tasks.list.query({ projectId: here.projectId, text })).items).to.have.length(
        1,
      );
  });

  it('belong to nobody who has left, even who leaves while being assigned', async () => {
    const { owner, member, admin, projectId } = here;
    for (let round = 0; round < 10; round += 1) {
      const guest = await signUp(server);
      await owner.api.projects.members.add.mutate({ projectId, userId: guest.id });
      const { id: taskId } = await make();
      const before = await make({ assignees: [guest.id, admin.id] });
      const [, made] = await Promise.allSettled([
        guest.api.projects.leave.mutate({ projectId }),
        make({ assignees: [guest.id] }),
        member.api.tasks.update.mutate({ taskId, assignees: [member.id, guest.id] }),
      ]);
      expect((await member.api.tasks.get.query({ taskId: before.id })).assignees).to.deep.equal([admin.id]);
      const { items } = await member.api.tasks.list.query({ projectId, assignee: guest.id });
      expect(items).to.deep.equal([]);
      if (made.status === 'fulfilled') {
        const task = await member.api.tasks.get.query({ taskId: made.value.id });
        expect(task.assignees).to.deep.equal([]);
        expect(
          (await member.api.tasks.history.query({ taskId: task.id })).items.map(({ by }) => by),
        ).to.deep.equal(task.version === 1 ? [] : [null]);
      }
    }
  });

  it('stay when the account of who made them ends, by a deleted user, and belong to nobody who is gone', async () => {
    const { member, owner } = here;
    const { id: taskId } = await make({ assignees: [member.id, owner.id] });
    await member.api.users.delete.mutate({ password: TEST_PASSWORD });
    const task = await owner.api.tasks.get.query({ taskId });
    expect(task.assignees).to.deep.equal([owner.id]);
    expect(task.createdBy).to.deep.include({ id: member.id, username: null, name: 'Deleted user' });
  });

  it('belong to nobody whose account ended as the server died, once it has started again', async () => {
    const { member, owner, projectId } = here;
    const { id: taskId } = await make({ assignees: [member.id, owner.id] });
    expect(await beginDeletion(createUserModel(place.database), member.id)).to.equal(true);
    // As a process leaves it that dies once they are not in the project any more.
    await place.database.collection('project_members').deleteOne({ project: projectId, user: member.id });
    await using _next = await startTestServer({ mongodbUri: place.uri });
    expect((await owner.api.tasks.get.query({ taskId })).assignees).to.deep.equal([owner.id]);
  });

  it('of one’s own are handed over, of projects one is in', async () => {
    const { member, owner, projectId } = here;
    const made = await make();
    await owner.api.tasks.create.mutate({ projectId, title: 'another’s' });
    const elsewhere = await makeProject(server);
    await elsewhere.owner.api.projects.members.add.mutate({
      projectId: elsewhere.projectId,
      userId: member.id,
    });
    await member.api.tasks.create.mutate({ projectId: elsewhere.projectId, title: 'left behind' });
    await member.api.projects.leave.mutate({ projectId: elsewhere.projectId });
    const found: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await member.api.users.export.query(cursor === undefined ? {} : { cursor });
      if (page.part === 'tasks') found.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(found).to.deep.equal([made]);
  });

  it('are gone at once when deleted; a crash on the way is made up for at the next start', async () => {
    const { member, projectId } = here;
    const { id: taskId } = await make();
    const half = await make();
    await member.api.tasks.delete.mutate({ taskId });
    expect(await codeOf(member.api.tasks.delete.mutate({ taskId }))).to.equal('NOT_FOUND');
    // As a process leaves it that dies after the first write.
    await rows().updateOne({ _id: half.id }, { $set: { deletedAt: new Date() } });
    for (const call of [
      () => member.api.tasks.get.query({ taskId: half.id }),
      () => member.api.tasks.update.mutate({ taskId: half.id, title: 'x' }),
      () => member.api.tasks.move.mutate({ projectId, taskIds: [half.id], place: 'first' }),
    ])
      expect(await codeOf(call())).to.equal('NOT_FOUND');
    expect((await member.api.tasks.list.query({ projectId })).items).to.deep.equal([]);
    await using _next = await startTestServer({ mongodbUri: place.uri });
    expect(await rows().countDocuments({ project: projectId })).to.equal(0);
  });

  it('are not left behind by a project that is deleted while they are made', async () => {
    const { owner, member, projectId } = here;
    await Promise.allSettled([
      ...Array.from({ length: 20 }, () => make()),
      owner.api.projects.delete.mutate({ projectId }),
      ...Array.from({ length: 20 }, () => make()),
    ]);
    expect(await rows().countDocuments({ project: projectId })).to.equal(0);
    expect(await codeOf(member.api.tasks.list.query({ projectId }))).to.equal('NOT_FOUND');
  });

  it('are so many in a project, and no more', async () => {
    const { value } = limits.tasksPerProject;
    const { id: taskId } = await make();
    try {
      Reflect.set(limits.tasksPerProject, 'value', 3);
      const made = await Promise.all([make(), make()]);
      const { code, fields } = await refusalOf(make());
      expect([code, Object.keys(fields)]).to.deep.equal(['CONFLICT', ['projectId']]);
      await here.member.api.tasks.delete.mutate({ taskId });
      expect((await make()).id).not.to.be.oneOf(made.map(({ id }) => id));
    } finally {
      Reflect.set(limits.tasksPerProject, 'value', value);
    }
  });
});
