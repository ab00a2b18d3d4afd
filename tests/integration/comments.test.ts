// Comments on tasks: who may do what with one, whom they mention, and what becomes of them.
import { limits, newId } from '@parley/shared';
import { expect } from 'chai';
import { refusalOf, startTestServer, TEST_PASSWORD, type TestServer } from '../harness/kit.js';
import { makeProject, type TestProject } from '../harness/project.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;
const outcomeOf = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => 'ok',
    () => codeOf(call),
  );
const roles = ['stranger', 'viewer', 'member', 'admin', 'owner'] as const;
type Role = (typeof roles)[number];

describe('comments', () => {
  let place: ServerOnStore;
  let server: TestServer;
  let here: TestProject;
  let taskId: string;
  before(async () => {
    place = await startServerOnStore('comments');
    server = place.server;
  });
  beforeEach(async () => {
    here = await makeProject(server);
    const { projectId } = here;
    taskId = (await here.member.api.tasks.create.mutate({ projectId, title: 'Lay stones' })).id;
  });
  after(() => place.close());

  const rows = () => place.database.collection<{ _id: string; task: string; project: string }>('comments');
  const write = async (content = 'What of the mortar?', mentions: string[] = [], who: Role = 'member') =>
    await here[who].api.comments.create.mutate({ taskId, content, mentions });
  const listAll = async (limit: number): Promise<string[]> => {
    const contents: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await here.viewer.api.comments.list.query({ taskId, limit, ...(cursor && { cursor }) });
      contents.push(...page.items.map(({ content }) => content));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return contents;
  };

  it('are made, read, changed and replaced, and show that they were', async () => {
    const { member, viewer, admin, projectId } = here;
    const made = await write('one\nor two', [viewer.id]);
    expect(made).to.deep.include({
      projectId,
      taskId,
      content: 'one\nor two',
      mentions: [viewer.id],
      editedAt: null,
    });
    expect(made.author.id).to.equal(member.id);
    const commentId = made.id;
    expect(await viewer.api.comments.get.query({ commentId })).to.deep.equal(made);
    const same = await member.api.comments.update.mutate({
      commentId,
      content: made.content,
      mentions: [viewer.id],
    });
    expect(same, 'nothing is edited where nothing changes').to.deep.equal(made);
    const edited = await member.api.comments.update.mutate({ commentId, content: 'three' });
    expect(edited).to.deep.equal({ ...made, content: 'three', editedAt: edited.editedAt });
    expect(edited.editedAt).to.be.a('date');
    const replaced = await member.api.comments.replace.mutate({
      commentId,
      content: 'four',
      mentions: [admin.id],
    });
    expect(replaced).to.deep.include({ content: 'four', mentions: [admin.id] });
    expect((await viewer.api.comments.list.query({ taskId })).items).to.deep.equal([replaced]);
    await member.api.comments.delete.mutate({ commentId });
    for (const call of [
      () => member.api.comments.get.query({ commentId }),
      () => member.api.comments.update.mutate({ commentId, content: 'x' }),
      () => member.api.comments.delete.mutate({ commentId }),
    ])
      expect(await codeOf(call())).to.equal('NOT_FOUND');
  });

  it('let each role do what it may, and no more; nothing while the project is archived', async () => {
    const refuses = { stranger: 'NOT_FOUND', viewer: 'FORBIDDEN' };
    const calls: Record<
      string,
      readonly [(role: Role, commentId: string) => Promise<unknown>, Record<Role, string>]
    > = {
      create: [
        (role) => here[role].api.comments.create.mutate({ taskId, content: 'x' }),
        { ...refuses, member: 'ok', admin: 'ok', owner: 'ok' },
      ],
      update: [
        (role, commentId) => here[role].api.comments.update.mutate({ commentId, content: 'x' }),
        { ...refuses, member: 'ok', admin: 'FORBIDDEN', owner: 'FORBIDDEN' },
      ],
      replace: [
        (role, commentId) =>
          here[role].api.comments.replace.mutate({ commentId, content: 'x', mentions: [] }),
        { ...refuses, member: 'ok', admin: 'FORBIDDEN', owner: 'FORBIDDEN' },
      ],
      delete: [
        (role, commentId) => here[role].api.comments.delete.mutate({ commentId }),
        { ...refuses, member: 'ok', admin: 'ok', owner: 'ok' },
      ],
      get: [
        (role, commentId) => here[role].api.comments.get.query({ commentId }),
        { stranger: 'NOT_FOUND', viewer: 'ok', member: 'ok', admin: 'ok', owner: 'ok' },
      ],
      list: [
        (role) => here[role].api.comments.list.query({ taskId }),
        { stranger: 'NOT_FOUND', viewer: 'ok', member: 'ok', admin: 'ok', owner: 'ok' },
      ],
    };
    for (const [name, [call, wanted]] of Object.entries(calls)) {
      const found: Record<string, string> = {};
      for (const role of roles) found[role] = await outcomeOf(call(role, (await write()).id));
      expect(found, name).to.deep.equal(wanted);
    }
    const { id: theirs } = await write('by the admin', [], 'admin');
    expect(await outcomeOf(here.member.api.comments.delete.mutate({ commentId: theirs }))).to.equal(
      'FORBIDDEN',
    );
    const { id } = await write();
    await here.owner.api.projects.archive.mutate({ projectId: here.projectId });
    for (const [name, [call]] of Object.entries(calls)) {
      const wanted = name === 'get' || name === 'list' ? 'ok' : 'CONFLICT';
      expect(await outcomeOf(call('member', id)), name).to.equal(wanted);
    }
  });

  it('mention people of the project alone, when they are mentioned', async () => {
    const { member, stranger, viewer, owner, projectId } = here;
    const { id: commentId } = await write('hello', [viewer.id]);
    for (const call of [
      () => write('hello', [viewer.id, stranger.id]),
      () => member.api.comments.update.mutate({ commentId, mentions: ['nobody'] }),
      () => member.api.comments.replace.mutate({ commentId, content: 'x', mentions: [stranger.id] }),
    ]) {
      const { code, fields } = await refusalOf(call());
      expect([code, Object.keys(fields)]).to.deep.equal(['INVALID_INPUT', ['mentions']]);
    }
    await owner.api.projects.members.remove.mutate({ projectId, userId: viewer.id });
    const edited = await member.api.comments.replace.mutate({
      commentId,
      content: 'x',
      mentions: [viewer.id],
    });
    expect(edited.mentions, 'who was mentioned before may have left').to.deep.equal([viewer.id]);
  });

  it('are listed the oldest first, page by page, while others come and go', async () => {
    const made = [];
    for (let index = 0; index < 7; index += 1) made.push(await write(`comment ${index}`));
    expect(await listAll(3)).to.deep.equal(made.map(({ content }) => content));
    const first = await here.viewer.api.comments.list.query({ taskId, limit: 3 });
    await here.member.api.comments.delete.mutate({ commentId: made[0]?.id ?? '' });
    await here.member.api.comments.delete.mutate({ commentId: made[2]?.id ?? '' });
    await write('new');
    const rest = await here.viewer.api.comments.list.query({ taskId, cursor: first.nextCursor ?? '' });
    expect(rest.items.map(({ content }) => content)).to.deep.equal([
      ...made.slice(3).map(({ content }) => content),
      'new',
    ]);
    const ids = [made[0], made[5], made[4]].map((one) => one?.id ?? '');
    const some = await here.viewer.api.comments.list.query({ taskId, ids });
    expect(some.items.map(({ content }) => content)).to.deep.equal(['comment 4', 'comment 5']);
  });

  it('are so many on a task, and no more', async () => {
    const full = limits.commentsPerTask.value;
    await rows().insertMany(
      Array.from({ length: full - 1 }, (_, index) => ({
        ...{ _id: newId(), task: taskId, project: here.projectId, author: here.member.id },
        ...{ content: `comment ${index}`, mentions: [], createdAt: new Date(), editedAt: null },
      })),
    );
    await write();
    const { code, fields } = await refusalOf(write());
    expect([code, Object.keys(fields)]).to.deep.equal(['CONFLICT', ['taskId']]);
    await here.member.api.tasks.delete.mutate({ taskId });
    expect(await rows().countDocuments({ task: taskId })).to.equal(0);
  });

  it('go with their task and with their project, those that are being written as well', async () => {
    const { member, owner, projectId } = here;
    const many = () => Array.from({ length: 15 }, () => write());
    await Promise.allSettled([...many(), member.api.tasks.delete.mutate({ taskId }), ...many()]);
    expect(await rows().countDocuments({ task: taskId })).to.equal(0);
    taskId = (await member.api.tasks.create.mutate({ projectId, title: 'another' })).id;
    await Promise.allSettled([...many(), owner.api.projects.delete.mutate({ projectId }), ...many()]);
    expect(await rows().countDocuments({ project: projectId })).to.equal(0);
    expect(await codeOf(write())).to.equal('NOT_FOUND');
  });

  it('go at the next start where a crash cut the end of their task or project short', async () => {
    const { projectId, member } = here;
    const { id: commentId } = await write();
    const other = await makeProject(server);
    const { id: otherTask } = await other.owner.api.tasks.create.mutate({
      projectId: other.projectId,
      title: 'x',
    });
    await other.owner.api.comments.create.mutate({ taskId: otherTask, content: 'x' });
    // As a process leaves them that dies after the first write.
    const mark = { $set: { deletedAt: new Date() } };
    await place.database.collection<{ _id: string }>('tasks').updateOne({ _id: taskId }, mark);
    await place.database.collection<{ _id: string }>('projects').updateOne({ _id: other.projectId }, mark);
    expect(await codeOf(member.api.comments.get.query({ commentId }))).to.equal('NOT_FOUND');
    expect(await codeOf(write())).to.equal('NOT_FOUND');
    await using _next = await startTestServer({ mongodbUri: place.uri });
    expect(await rows().countDocuments({ project: { $in: [projectId, other.projectId] } })).to.equal(0);
  });

  it('stay when the account of their author ends, and are handed over before, wherever they stand', async () => {
    const { member, viewer, projectId } = here;
    const made = await write();
    await write('another’s', [], 'admin');
    const handedOver = async () => {
      const found: unknown[] = [];
      let cursor: string | undefined;
      do {
        const page = await member.api.users.export.query(cursor === undefined ? {} : { cursor });
        if (page.part === 'comments') found.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return found;
    };
    expect(await handedOver()).to.deep.equal([made]);
    await member.api.projects.leave.mutate({ projectId });
    expect(await handedOver()).to.deep.equal([made]);
    await member.api.users.delete.mutate({ password: TEST_PASSWORD });
    const stays = await viewer.api.comments.get.query({ commentId: made.id });
    expect(stays).to.deep.equal({ ...made, author: { id: member.id, username: null, name: 'Deleted user' } });
  });
});
