// Tasks whose time is near.
import { tellDueSoon } from '@parley/server/internal/features/tasks/due-soon';
import { createTaskModel } from '@parley/server/internal/features/tasks/task.model';
import { expect } from 'chai';
import { makeProject } from '../harness/project.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

describe('tasks whose time is near', () => {
  let place: ServerOnStore;
  before(async () => {
    place = await startServerOnStore('tasks-due');
  });
  after(() => place.close());

  it('are told of once, again with another time, and not when done or late', async () => {
    const { projectId, member, viewer } = await makeProject(place.server);
    const told: unknown[] = [];
    const parts = {
      tasks: createTaskModel(place.database),
      publish: async (events: readonly unknown[]) => {
        told.push(...events);
      },
    };
    const inHours = (hours: number) => ({ at: new Date(Date.now() + hours * 3_600_000), timeZone: 'UTC' });
    const make = async (hours: number) =>
      await member.api.tasks.create.mutate({
        projectId,
        title: 'x',
        due: inHours(hours),
        assignees: [viewer.id],
      });
    const near = await make(23);
    const far = await make(25);
    await make(-1);
    const done = await make(2);
    await member.api.tasks.update.mutate({ taskId: done.id, status: 'done' });
    const eventOf = ({ id, due }: typeof near) => ({
      event: {
        ...{ type: 'task.dueSoon', projectId, taskId: id, by: null },
        ...{ dueAt: due?.at, assignees: [viewer.id] },
      },
      audiences: [`project:${projectId}`],
      key: `due:${id}:${due?.at.getTime()}`,
    });
    await Promise.all([tellDueSoon(parts), tellDueSoon(parts)]);
    const keys = new Set(told.map((one) => JSON.stringify(one)));
    expect([...keys]).to.deep.equal([JSON.stringify(eventOf(near))]);
    told.length = 0;
    await member.api.tasks.update.mutate({ taskId: near.id, title: 'another title' });
    await tellDueSoon(parts);
    expect(told).to.deep.equal([]);
    const sooner = await member.api.tasks.update.mutate({ taskId: far.id, due: inHours(3) });
    const again = await member.api.tasks.update.mutate({ taskId: done.id, status: 'todo' });
    await tellDueSoon(parts);
    expect(told).to.have.deep.members([eventOf(sooner), eventOf(again)]);
    told.length = 0;
    // Nobody was there to tell while it was near.
    const rows = place.database.collection<{ _id: string }>('tasks');
    const past = { at: new Date(Date.now() - 1), timeZone: 'UTC' };
    await rows.updateOne({ _id: far.id }, { $set: { due: past, remindAt: new Date(0) } });
    await tellDueSoon(parts);
    expect(told).to.deep.equal([]);
    expect(await rows.countDocuments({ remindAt: { $exists: true } })).to.equal(0);
  });
});
