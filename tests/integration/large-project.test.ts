import { newTaskRow } from '@parley/server/internal/features/tasks/task-fields';
import { newId } from '@parley/shared';
import { expect } from 'chai';
import { createDataDir, signUp, spawnTestServer, startTestServer } from '../harness/kit.js';
import { startTestStore } from '../harness/test-store.js';

describe('a project of ten thousand tasks', () => {
  it('is gone after the next start of a server that died while it deleted it', async () => {
    await using data = await createDataDir();
    const store = await startTestStore();
    try {
      const uri = new URL(store.uri);
      uri.pathname = '/tasks-killed';
      const database = store.connection.useDb('tasks-killed');
      const rows = database.collection<{ _id: string; project: string }>('tasks');
      await using first = await spawnTestServer(data.path, { MONGODB_URI: uri.href });
      const owner = await signUp(first);
      const { id: projectId } = await owner.api.projects.create.mutate({ name: 'huge' });
      await rows.insertMany(
        Array.from({ length: 10_000 }, (_, index) =>
          newTaskRow(
            {
              ...{ _id: newId(), title: `task ${index}`, description: '', status: 'todo', priority: 'low' },
              ...{
                assignees: [],
                due: null,
                labels: [],
                rank: 'a0',
                project: projectId,
                createdBy: owner.id,
              },
            },
            new Date(),
          ),
        ),
      );
      const left = () => rows.countDocuments({ project: projectId });
      const deleted = owner.api.projects.delete.mutate({ projectId }).then(
        () => 'ok',
        () => 'cut off',
      );
      while ((await left()) === 10_000) await new Promise(setImmediate);
      await first.kill('SIGKILL');
      expect(await deleted).to.equal('cut off');
      expect(await left(), 'it died half-way').to.be.within(1, 9_999);
      await using next = await startTestServer({ mongodbUri: uri.href });
      expect(next.url).to.be.a('string');
      expect(await left()).to.equal(0);
      const projects = database.collection<{ _id: string }>('projects');
      expect(await projects.countDocuments({ _id: projectId })).to.equal(0);
      await database.dropDatabase();
    } finally {
      await store.close();
    }
  });
});
