// What crosses a change of a task or a comment at the worst moment, and what is told of changes.
import { createCommentModel, createCommentsService } from '@parley/server/internal/features/comments/index';
import {
  createProjectMemberModel,
  createProjectModel,
} from '@parley/server/internal/features/projects/index';
import { createTaskModel, createTasksService } from '@parley/server/internal/features/tasks/index';
import { createTaskInputSchema } from '@parley/shared';
import { expect } from 'chai';
import { makeProject, type TestProject } from '../harness/project.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const codeOf = async (call: Promise<unknown>): Promise<unknown> =>
  await call.then(
    () => 'ok',
    (error: unknown) => (error instanceof Error ? Reflect.get(error, 'code') : error),
  );

/** The same, but that something happens at once before a method is called, once. */
const crossed = <T extends object>(target: T, method: string, cross: () => Promise<unknown>): T => {
  let isDone = false;
  return new Proxy(target, {
    get: (object, name) => {
      const value: unknown = Reflect.get(object, name);
      if (name !== method || isDone || typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        isDone = true;
        const answer = cross().then((): unknown => Reflect.apply(value, object, args));
        // As a query of mongoose answers.
        return Object.assign(answer, { lean: () => answer });
      };
    },
  });
};

describe('what crosses', () => {
  let place: ServerOnStore;
  let here: TestProject;
  let models: ReturnType<typeof modelsOf>;
  let told: { readonly event: { readonly type: string } }[];
  const modelsOf = ({ database }: ServerOnStore) => ({
    projects: createProjectModel(database),
    projectMembers: createProjectMemberModel(database),
    tasks: createTaskModel(database),
    comments: createCommentModel(database),
  });
  before(async () => {
    place = await startServerOnStore('tasks-crossing');
    models = modelsOf(place);
  });
  beforeEach(async () => {
    here = await makeProject(place.server);
    told = [];
  });
  after(() => place.close());

  const parts = () => ({
    ...models,
    users: { people: async () => new Map<string, never>() },
    publish: async (events: readonly { readonly event: { readonly type: string } }[]) => {
      told.push(...events);
    },
    pads: { openForTask: async () => 'a pad', removeOfTask: async () => undefined },
    removeComments: async () => undefined,
  });
  const input = (fields: object) =>
    createTaskInputSchema.parse({ projectId: here.projectId, title: 'Lay stones', ...fields });
  const leave = () => here.viewer.api.projects.leave.mutate({ projectId: here.projectId });
  const events = () => told.map(({ event }) => event);
  const common = (taskId: string, by: string | null) => ({ projectId: here.projectId, taskId, by });

  it('an assignee who leaves as a task is made is taken out of it, and that is told', async () => {
    const { member, viewer, admin } = here;
    const tasks = createTasksService({ ...parts(), tasks: crossed(models.tasks, 'insertOne', leave) });
    const made = await tasks.create(member.id, input({ assignees: [viewer.id, admin.id] }));
    expect([made.assignees, made.version]).to.deep.equal([[admin.id], 2]);
    expect(events()).to.deep.equal([
      { type: 'task.created', ...common(made.id, member.id), version: 1, assigned: [viewer.id, admin.id] },
      {
        ...{ type: 'task.updated', ...common(made.id, null), version: 2 },
        ...{ changes: { assignees: [admin.id] }, changed: [], assigned: [] },
      },
    ]);
  });

  it('an assignee who leaves as they are assigned is taken out again', async () => {
    const { member, viewer, admin } = here;
    const { id: taskId } = await createTasksService(parts()).create(member.id, input({}));
    told = [];
    const tasks = createTasksService({ ...parts(), tasks: crossed(models.tasks, 'findOneAndUpdate', leave) });
    const changed = await tasks.update(member.id, { taskId, assignees: [viewer.id, admin.id] });
    expect([changed.assignees, changed.version]).to.deep.equal([[admin.id], 3]);
    expect(events()).to.deep.include({
      ...{ type: 'task.updated', ...common(taskId, member.id), version: 2 },
      ...{ changes: { assignees: [viewer.id, admin.id] }, changed: [], assigned: [admin.id] },
    });
  });

  it('a project that is deleted as a task is made takes it along', async () => {
    const { member, owner, projectId } = here;
    const remove = () => owner.api.projects.delete.mutate({ projectId });
    const tasks = createTasksService({ ...parts(), tasks: crossed(models.tasks, 'insertOne', remove) });
    expect(await codeOf(tasks.create(member.id, input({})))).to.equal('NOT_FOUND');
    expect(await models.tasks.countDocuments({ project: projectId })).to.equal(0);
    expect(told).to.deep.equal([]);
  });

  it('a task, or a project, that is deleted as a comment is made takes it along', async () => {
    const { member, owner, projectId } = here;
    // `half`: as it is between the end of its comments and the end of its tasks.
    for (const removed of ['task', 'half', 'project'] as const) {
      const { id: taskId } = await member.api.tasks.create.mutate({ projectId, title: 'x' });
      const mark = (deletedAt: Date | null) =>
        models.projects.updateOne({ _id: projectId }, { $set: { deletedAt } }).exec();
      const cross = (): Promise<unknown> => {
        if (removed === 'task') return member.api.tasks.delete.mutate({ taskId });
        return removed === 'half' ? mark(new Date()) : owner.api.projects.delete.mutate({ projectId });
      };
      const comments = createCommentsService({
        ...parts(),
        comments: crossed(models.comments, 'insertOne', cross),
      });
      const call = comments.create(member.id, { taskId, content: 'x', mentions: [] });
      expect(await codeOf(call), removed).to.equal('NOT_FOUND');
      expect(await models.comments.countDocuments({ project: projectId })).to.equal(0);
      if (removed === 'half') await mark(null);
    }
    expect(told).to.deep.equal([]);
  });

  it('another change lands as well, and is not written over', async () => {
    const { member, admin } = here;
    const { id: taskId } = await createTasksService(parts()).create(
      member.id,
      input({ description: 'before' }),
    );
    told = [];
    const cross = () => admin.api.tasks.update.mutate({ taskId, description: '', status: 'done' });
    const tasks = createTasksService({ ...parts(), tasks: crossed(models.tasks, 'findOneAndUpdate', cross) });
    const changed = await tasks.update(member.id, { taskId, title: 'Lay bricks', priority: 'high' });
    expect(changed).to.deep.include({
      ...{ title: 'Lay bricks', description: '', hasDescription: false, priority: 'high' },
      ...{ status: 'done', version: 3 },
    });
    expect(events()).to.deep.equal([
      {
        ...{ type: 'task.updated', ...common(taskId, member.id), version: 3 },
        ...{ changes: { title: 'Lay bricks', priority: 'high' }, changed: [], assigned: [] },
      },
    ]);
  });

  it('what changes is told, what does not is not', async () => {
    const { member, viewer, projectId } = here;
    const tasks = createTasksService(parts());
    const { id: taskId, rank } = await tasks.create(member.id, input({ assignees: [viewer.id] }));
    const { id: other } = await tasks.create(member.id, input({}));
    told = [];
    await tasks.update(member.id, { taskId, title: 'Lay stones', assignees: [viewer.id], labels: [] });
    await tasks.move(member.id, { projectId, taskIds: [taskId, other], place: 'first' });
    expect(told).to.deep.equal([]);
    await tasks.update(member.id, { taskId, description: 'long', assignees: [member.id, viewer.id] });
    const { moves } = await tasks.move(member.id, {
      projectId,
      taskIds: [taskId],
      status: 'done',
      place: 'last',
    });
    await tasks.delete(member.id, { taskId });
    expect(events()).to.deep.equal([
      {
        ...{ type: 'task.updated', ...common(taskId, member.id), version: 2, changed: ['description'] },
        ...{ changes: { assignees: [member.id, viewer.id] }, assigned: [member.id] },
      },
      { type: 'task.moved', projectId, by: member.id, moves },
      { type: 'task.deleted', ...common(taskId, member.id) },
    ]);
    expect(moves).to.deep.equal([{ taskId, version: 3, status: 'done', rank: moves[0]?.rank }]);
    expect(rank).to.be.a('string');
    told = [];
    const comments = createCommentsService(parts());
    const made = await comments.create(member.id, { taskId: other, content: 'x', mentions: [viewer.id] });
    const mentions = [viewer.id, here.admin.id];
    await comments.update(member.id, { commentId: made.id, mentions });
    await comments.update(member.id, { commentId: made.id, mentions, content: 'x' });
    await comments.delete(member.id, made.id);
    const of = { ...common(other, member.id), commentId: made.id };
    expect(events()).to.deep.equal([
      { type: 'comment.created', ...of, mentions: [viewer.id] },
      { type: 'comment.updated', ...of, mentions: [here.admin.id] },
      { type: 'comment.deleted', ...of },
    ]);
  });
});
