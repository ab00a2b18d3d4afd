// Lists of tasks: every filter in every order, page by page, by indexes alone, among as many as one likes.
import { narrowest } from '@parley/server/internal/features/tasks/list-tasks';
import {
  createTaskModel,
  type TaskModel,
  type TaskRow,
} from '@parley/server/internal/features/tasks/task.model';
import { newTaskRow } from '@parley/server/internal/features/tasks/task-fields';
import {
  type ListPlace,
  orders,
  placeIn,
  stretchQuery,
} from '@parley/server/internal/features/tasks/task-queries';
import { newId, type TaskItem, tasksListInputSchema } from '@parley/shared';
import { expect } from 'chai';
import { makeProject, type TestProject } from '../harness/project.js';
import { Random } from '../harness/random.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const COUNT = Number(process.env.PARLEY_LISTED_TASKS ?? 2_500);
const sorts = ['board', 'created', 'updated', 'due', 'priority'] as const;
type Wanted = Omit<Parameters<TestProject['owner']['api']['tasks']['list']['query']>[0], 'projectId'>;

describe('lists of tasks', () => {
  let place: ServerOnStore;
  let here: TestProject;
  let tasks: TaskModel;
  let rows: TaskRow[];
  before(async () => {
    place = await startServerOnStore('tasks-list');
    here = await makeProject(place.server);
    tasks = createTaskModel(place.database);
    const other = await makeProject(place.server);
    rows = makeRows(here.projectId, COUNT);
    await place.database
      .collection<TaskRow>('tasks')
      .insertMany([...rows, ...makeRows(other.projectId, 500)]);
  });
  after(() => place.close());

  const words = ['bridge', 'stone', 'river', 'mortar', 'мост', '大桥'];
  const makeRows = (project: string, count: number): TaskRow[] => {
    const random = new Random(7n);
    const start = Date.now() - 30 * 24 * 3_600_000;
    return Array.from({ length: count }, (_, index) => {
      const at = start + index * 60_000;
      const isRare = index % 1_000 === 0;
      const due = { at: new Date(start + random.below(60 * 24) * 3_600_000), timeZone: 'UTC' };
      const task = {
        ...{ _id: newId(at), project, createdBy: here.member.id },
        title: `${words[random.below(words.length)]} ${index}${isRare ? ' Keystone' : ''}`,
        description: random.below(3) === 0 ? 'in the description' : '',
        status: random.pick(['todo', 'inProgress', 'done'] as const),
        priority: random.pick(['low', 'medium', 'high'] as const),
        assignees: [[], [here.member.id], [here.member.id, here.viewer.id]][random.below(3)] ?? [],
        due: random.below(2) === 0 ? null : due,
        labels: random.below(3) === 0 ? ['Common'] : isRare ? ['Rare'] : [],
        // Some have the same.
        rank: `a${random.below(count / 2)}`,
      };
      return { ...newTaskRow(task, new Date(at)), updatedAt: new Date(at + random.below(100) * 86_400_000) };
    });
  };

  const filters: Record<string, () => { wanted: Wanted; holds: (row: TaskRow) => boolean }> = {
    none: () => ({ wanted: {}, holds: () => true }),
    'one status': () => ({
      wanted: { status: ['inProgress'] },
      holds: ({ status }) => status === 'inProgress',
    }),
    'two statuses': () => ({
      wanted: { status: ['done', 'todo'] },
      holds: ({ status }) => status !== 'inProgress',
    }),
    'somebody’s': () => ({
      wanted: { assignee: here.viewer.id },
      holds: ({ assignees }) => assignees.includes(here.viewer.id),
    }),
    'nobody’s': () => ({ wanted: { assignee: null }, holds: ({ assignees }) => assignees.length === 0 }),
    overdue: () => ({
      wanted: { overdue: true },
      holds: ({ status, due }) => status !== 'done' && due !== null && due.at.getTime() < Date.now(),
    }),
    'a common label': () => ({
      wanted: { label: 'COMMON' },
      holds: ({ labels }) => labels.includes('Common'),
    }),
    'a rare label': () => ({ wanted: { label: 'rare' }, holds: ({ labels }) => labels.includes('Rare') }),
    'a common word': () => ({ wanted: { text: 'bri' }, holds: ({ title }) => title.startsWith('bridge') }),
    'a rare word': () => ({ wanted: { text: 'keyst' }, holds: ({ title }) => title.includes('Keystone') }),
    'a word of another script': () => ({
      wanted: { text: '桥' },
      holds: ({ title }) => title.includes('桥'),
    }),
    'words of title and description': () => ({
      wanted: { text: 'descr мос' },
      holds: ({ title, description }) => title.includes('мост') && description !== '',
    }),
    'all at once': () => ({
      wanted: { text: 'stone', status: ['todo'], assignee: here.member.id, label: 'common', overdue: true },
      holds: (row) =>
        row.title.includes('stone') &&
        row.status === 'todo' &&
        row.assignees.includes(here.member.id) &&
        row.labels.includes('Common') &&
        row.due !== null &&
        row.due.at.getTime() < Date.now(),
    }),
    'some ids': () => {
      const ids = rows.filter((_, index) => index % 150 === 0).map(({ _id }) => _id);
      return {
        wanted: { ids, status: ['done'] },
        holds: ({ _id, status }) => ids.includes(_id) && status === 'done',
      };
    },
  };

  const byText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
  const statuses = ['todo', 'inProgress', 'done'];
  const priorities = ['high', 'medium', 'low'];
  const dueOf = ({ due }: TaskRow) => due?.at.getTime() ?? Number.POSITIVE_INFINITY;
  const newest = (left: TaskRow, right: TaskRow) => byText(right._id, left._id);
  const inOrderOf: Record<(typeof sorts)[number], (left: TaskRow, right: TaskRow) => number> = {
    board: (left, right) =>
      statuses.indexOf(left.status) - statuses.indexOf(right.status) ||
      byText(left.rank, right.rank) ||
      byText(left._id, right._id),
    created: newest,
    updated: (left, right) => right.updatedAt.getTime() - left.updatedAt.getTime() || newest(left, right),
    due: (left, right) =>
      (dueOf(left) === dueOf(right) ? 0 : dueOf(left) - dueOf(right)) || byText(left._id, right._id),
    priority: (left, right) =>
      priorities.indexOf(left.priority) - priorities.indexOf(right.priority) || newest(left, right),
  };

  const listAll = async (wanted: Wanted, between: () => Promise<unknown> = async () => undefined) => {
    const items: TaskItem[] = [];
    let cursor: string | undefined;
    do {
      const page = await here.viewer.api.tasks.list.query({
        ...{ projectId: here.projectId, limit: 100, ...wanted },
        ...(cursor !== undefined && { cursor }),
      });
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
      await between();
    } while (cursor !== undefined);
    return items;
  };

  for (const sort of sorts) {
    for (const [name, filter] of Object.entries(filters)) {
      it(`hold all and only what is wanted, in order: ${name}, by ${sort}`, async () => {
        const { wanted, holds } = filter();
        const items = await listAll({ ...wanted, sort });
        const expected = rows.filter(holds).sort(inOrderOf[sort]);
        expect(expected).not.to.have.length(0);
        expect(items.map(({ id }) => id)).to.deep.equal(expected.map(({ _id }) => _id));
      });

      it(`are read by an index: ${name}, by ${sort}`, async () => {
        const input = tasksListInputSchema.parse({ ...filter().wanted, projectId: here.projectId, sort });
        const now = new Date();
        const narrow = await narrowest(tasks, input, now);
        const last = rows[COUNT / 2];
        if (last === undefined) throw new Error('there are rows');
        for (const [stretch] of orders[sort].stretches.entries()) {
          const places: (ListPlace | null)[] = [null, placeIn(sort, stretch, last)];
          for (const after of places) {
            const query = stretchQuery(input, { stretch, after, narrow, now });
            if (query === null) throw new Error('there is such a stretch');
            const plan = JSON.stringify(
              await tasks
                .find(query.filter)
                .hint({ ...query.hint })
                .sort(query.sort)
                .limit(50)
                .explain('executionStats'),
            );
            expect(plan).to.include('IXSCAN').and.not.to.include('COLLSCAN');
            if (narrow === null) expect(plan, 'nothing is sorted that is many').not.to.include('"SORT"');
            const looked = Number(/"totalDocsExamined":(\d+)/.exec(plan)?.[1]);
            if (narrow !== null || name === 'none') expect(looked, 'wherever it goes on').to.be.below(320);
          }
        }
      });
    }
  }

  it('tell what is small of each task', async () => {
    const { items, nextCursor } = await here.viewer.api.tasks.list.query({
      projectId: here.projectId,
      limit: 1,
    });
    const row = rows.at(-1);
    expect(nextCursor).to.be.a('string');
    expect(items).to.deep.equal([
      {
        ...{ id: row?._id, projectId: here.projectId, title: row?.title, status: row?.status },
        ...{ priority: row?.priority, assignees: row?.assignees, due: row?.due, labels: row?.labels },
        ...{ rank: row?.rank, hasDescription: row?.description !== '', padId: null, version: 1 },
        createdBy: { id: here.member.id, username: here.member.username, name: here.member.username },
        ...{ createdAt: row?.createdAt, updatedAt: row?.updatedAt },
      },
    ]);
  });

  it('refuse the cursor of another order', async () => {
    const { api } = here.viewer;
    const { projectId } = here;
    const { nextCursor } = await api.tasks.list.query({ projectId, sort: 'due', limit: 1 });
    const call = api.tasks.list.query({ projectId, sort: 'board', cursor: nextCursor ?? '' });
    expect(await call.catch(({ data }: { data: { code: string } }) => data.code)).to.equal('INVALID_INPUT');
  });

  for (const sort of sorts) {
    it(`tell of each that stays as it is, and once, while others come, change and go: by ${sort}`, async () => {
      const fresh = await makeProject(place.server);
      const { projectId, member, viewer } = fresh;
      const stock = makeRows(projectId, 600);
      await place.database.collection<TaskRow>('tasks').insertMany(stock);
      const touched = new Set<string>();
      const random = new Random(11n);
      const disturb = async (): Promise<void> => {
        const one = stock[random.below(stock.length)];
        const two = stock[random.below(stock.length)];
        if (one === undefined || two === undefined || touched.has(one._id) || touched.has(two._id)) return;
        for (const { _id } of [one, two]) touched.add(_id);
        await Promise.all([
          member.api.tasks.create.mutate({ projectId, title: 'new', priority: 'high', due: one.due }),
          member.api.tasks.update.mutate({ taskId: one._id, status: 'done', priority: 'high', due: null }),
          ...(one === two ? [] : [member.api.tasks.delete.mutate({ taskId: two._id })]),
        ]);
      };
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await viewer.api.tasks.list.query({
          projectId,
          sort,
          limit: 30,
          ...(cursor && { cursor }),
        });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
        await disturb();
      } while (cursor !== undefined);
      const stayed = stock.filter(({ _id }) => !touched.has(_id)).map(({ _id }) => _id);
      const told = seen.filter((id) => stayed.includes(id));
      expect(told).to.have.length(stayed.length);
      expect(new Set(told).size).to.equal(stayed.length);
    });
  }
});
