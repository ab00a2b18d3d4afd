// The board: where tasks stand after they were moved, alone, in a crowd, and in gaps without room.
import type { TaskStatus } from '@parley/shared';
import { expect } from 'chai';
import { refusalOf } from '../harness/kit.js';
import { makeProject, type TestProject } from '../harness/project.js';
import { Random } from '../harness/random.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const statuses = ['todo', 'inProgress', 'done'] as const;
const SEED = BigInt(process.env.PARLEY_BOARD_SEED ?? 42);

describe('the board of tasks', () => {
  let place: ServerOnStore;
  let here: TestProject;
  before(async () => {
    place = await startServerOnStore('tasks-board');
  });
  beforeEach(async () => {
    here = await makeProject(place.server);
  });
  after(() => place.close());

  const rows = () => place.database.collection<{ _id: string; rank: string; project: string }>('tasks');
  const make = async (title: string, status: TaskStatus = 'todo'): Promise<string> => {
    const { projectId, member } = here;
    return (await member.api.tasks.create.mutate({ projectId, title, status })).id;
  };
  const makeAll = async (...titles: readonly string[]): Promise<string[]> => {
    const ids: string[] = [];
    for (const title of titles) ids.push(await make(title));
    return ids;
  };
  type Move = Omit<Parameters<TestProject['owner']['api']['tasks']['move']['mutate']>[0], 'projectId'>;
  const move = async (input: Move, who: 'member' | 'admin' = 'member') =>
    await here[who].api.tasks.move.mutate({ projectId: here.projectId, ...input });
  const column = async (status: TaskStatus = 'todo') =>
    (
      await here.viewer.api.tasks.list.query({
        ...{ projectId: here.projectId, sort: 'board', status: [status], limit: 100 },
      })
    ).items.map(({ title }) => title);
  const refused = async (input: Move) => {
    const { code, fields } = await refusalOf(move(input));
    return [code, ...Object.keys(fields)];
  };

  it('puts what is new at the end, and what is moved where it is meant', async () => {
    const [a = '', b = '', c = '', d = ''] = await makeAll('a', 'b', 'c', 'd');
    expect(await column()).to.deep.equal(['a', 'b', 'c', 'd']);
    const { moves } = await move({ taskIds: [d], place: 'first' });
    expect(moves).to.deep.include({ taskId: d, version: 2, status: 'todo', rank: moves[0]?.rank });
    expect(await column()).to.deep.equal(['d', 'a', 'b', 'c']);
    await move({ taskIds: [a], place: { after: b } });
    expect(await column()).to.deep.equal(['d', 'b', 'a', 'c']);
    await move({ taskIds: [c], place: { before: a } });
    expect(await column()).to.deep.equal(['d', 'b', 'c', 'a']);
    await move({ taskIds: [a, d], status: 'done', place: 'last' });
    expect(await column('done')).to.deep.equal(['a', 'd']);
    await move({ taskIds: [c, b], status: 'done', place: { before: d } });
    expect(await column('done')).to.deep.equal(['a', 'c', 'b', 'd']);
    expect(await column()).to.deep.equal([]);
    await here.member.api.tasks.update.mutate({ taskId: a, status: 'todo' });
    await here.member.api.tasks.update.mutate({ taskId: c, status: 'todo' });
    expect(await column(), 'another status is the end of another column').to.deep.equal(['a', 'c']);
  });

  it('writes nothing where all stand so already', async () => {
    const [a = '', b = '', c = ''] = await makeAll('a', 'b', 'c');
    for (const input of [
      { taskIds: [a, b], place: 'first' as const },
      { taskIds: [b], place: { after: a } },
      { taskIds: [b], place: { before: c } },
      { taskIds: [a, b, c], place: 'last' as const, status: 'todo' as const },
    ])
      expect((await move(input)).moves.map(({ version }) => version)).to.deep.equal(
        input.taskIds.map(() => 1),
      );
    // Whoever put it there now would give it another rank.
    const [d = ''] = await makeAll('d');
    await here.member.api.tasks.delete.mutate({ taskId: b });
    expect((await move({ taskIds: [c], place: { after: a } })).moves[0]?.version).to.equal(1);
    expect((await move({ taskIds: [d], place: { before: c } })).moves[0]?.version).to.equal(2);
  });

  it('refuses what cannot be meant, and moves nothing then', async () => {
    const [a = '', b = ''] = await makeAll('a', 'b');
    const done = await make('done', 'done');
    const elsewhere = await makeProject(place.server);
    const { id: theirs } = await elsewhere.owner.api.tasks.create.mutate({
      projectId: elsewhere.projectId,
      title: 'x',
    });
    expect(await refused({ taskIds: [a, done], place: 'first' })).to.deep.equal(['INVALID_INPUT', 'status']);
    expect(await refused({ taskIds: [a, b], place: { after: b } })).to.deep.equal(['INVALID_INPUT', 'place']);
    expect(await refused({ taskIds: [a], place: { after: done } })).to.deep.equal(['CONFLICT', 'place']);
    expect(await refused({ taskIds: [a], place: { after: theirs } })).to.deep.equal(['CONFLICT', 'place']);
    expect(await refused({ taskIds: [a, theirs], place: 'last' })).to.deep.equal(['NOT_FOUND']);
    expect(await column()).to.deep.equal(['a', 'b']);
  });

  it('takes in who comes between two that got the same place at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      here = await makeProject(place.server);
      const [low = '', high = ''] = await makeAll('low', 'high');
      const [a = '', b = '', c = '', d = ''] = await makeAll('a', 'b', 'c', 'd');
      await Promise.all([
        move({ taskIds: [a], place: { after: low } }),
        move({ taskIds: [b], place: { after: low } }, 'admin'),
        move({ taskIds: [c], place: { before: high } }),
        move({ taskIds: [d], place: { before: high } }, 'admin'),
      ]);
      const before = await column();
      expect(before).to.have.members(['low', 'a', 'b', 'c', 'd', 'high']);
      expect([before[0], before.at(-1)]).to.deep.equal(['low', 'high']);
      const idOf = new Map(Object.entries({ low, high, a, b, c, d }));
      for (const [index, left] of before.entries()) {
        const right = before[index + 1];
        if (right === undefined) break;
        const between = await make(`${left}-${right}`);
        await move({ taskIds: [between], place: { after: idOf.get(left) ?? '' } });
        const now = await column();
        expect(now.slice(now.indexOf(left), now.indexOf(left) + 3)).to.deep.equal([
          left,
          `${left}-${right}`,
          right,
        ]);
      }
    }
  });

  it('makes room where many have one rank, and where ranks have grown too long', async () => {
    const ids = await makeAll(...Array.from({ length: 8 }, (_, index) => `t${index}`));
    const titles = ids.map((_, index) => `t${index}`);
    const long = `a0${'z'.repeat(195)}`;
    for (const ranks of [
      () => 'a0V',
      (index: number) => (index < 3 ? 'a0' : 'a1'),
      (index: number) => `${long}${String(index + 1).repeat(3)}`,
      (index: number) => (index < 6 ? `${long}${index + 1}` : `b0${index}1`),
    ]) {
      for (const gap of [0, 2, 5, 6]) {
        for (const [index, id] of ids.entries())
          await rows().updateOne({ _id: id }, { $set: { rank: ranks(index) } });
        expect(await column()).to.deep.equal(titles);
        const others = await makeAll('x', 'y');
        await move({ taskIds: others, place: { after: ids[gap] ?? '' } });
        const wanted = [...titles];
        wanted.splice(gap + 1, 0, 'x', 'y');
        expect(await column()).to.deep.equal(wanted);
        for (const taskId of others) await here.member.api.tasks.delete.mutate({ taskId });
      }
    }
    const all = await rows().find({ project: here.projectId }).toArray();
    for (const { rank } of all) expect(rank.length).to.be.at.most(200);
  });

  it(`stands as a simple list does, whatever is moved (seed ${SEED})`, async () => {
    const random = new Random(SEED);
    const titles = Array.from({ length: 15 }, (_, index) => `t${index}`);
    const model: Record<TaskStatus, string[]> = { todo: [...titles], inProgress: [], done: [] };
    const ids = new Map((await makeAll(...titles)).map((id, index) => [`t${index}`, id]));
    const idOf = (title: string): string => ids.get(title) ?? '';
    for (let step = 0; step < 150; step += 1) {
      const status = random.pick(statuses);
      const moved = titles.filter(() => random.below(6) === 0).sort(() => (random.below(2) === 0 ? -1 : 1));
      if (moved.length === 0) continue;
      const rest = model[status].filter((title) => !moved.includes(title));
      const neighbour = rest[random.below(Math.max(rest.length, 1))];
      const kinds =
        neighbour === undefined
          ? (['first', 'last'] as const)
          : (['first', 'last', 'before', 'after'] as const);
      const kind = random.pick(kinds);
      const beside = neighbour ?? '';
      const target: Move['place'] =
        kind === 'before' ? { before: idOf(beside) } : kind === 'after' ? { after: idOf(beside) } : kind;
      await move({ taskIds: moved.map(idOf), status, place: target });
      for (const each of statuses) model[each] = model[each].filter((title) => !moved.includes(title));
      const at =
        kind === 'first'
          ? 0
          : kind === 'last'
            ? rest.length
            : rest.indexOf(beside) + (kind === 'after' ? 1 : 0);
      model[status] = [...rest.slice(0, at), ...moved, ...rest.slice(at)];
      for (const each of statuses)
        expect(await column(each), `${each} after step ${step}`).to.deep.equal(model[each]);
    }
  });
});
