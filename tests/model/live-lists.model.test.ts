// Live lists while several people make, change, move and delete tasks, lines are cut and the server goes and comes back: in the end each
// list is what the server lists, and hardly anything was fetched twice.
import { isDeepStrictEqual } from 'node:util';
import type { LiveList, LiveTasksInput, ParleyClient } from '@parley/client';
import type { TaskItem } from '@parley/shared';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { createDataDir, startTestServer } from '../harness/kit.js';
import { Random } from '../harness/random.js';
import { type SdkPerson, sdkSignUp } from '../harness/sdk-person.js';

const SEED = BigInt(process.env.PARLEY_LIVE_SEED ?? Date.now());
const STEPS = Number(process.env.PARLEY_LIVE_STEPS ?? 60);

const statuses = ['todo', 'inProgress', 'done'] as const;
const priorities = ['low', 'medium', 'high'] as const;

/** A line that can be cut, and a count of what the server listed over it: whole pages, and single tasks. */
const watchedLine = () => {
  const open = new Set<WebSocket>();
  const asked = { pages: 0, some: 0 };
  return {
    asked,
    cut: () => {
      for (const socket of open) socket.terminate();
    },
    options: {
      fetch: (async (input, init) => {
        const url = new URL(String(input));
        const names = url.pathname.split('/').at(-1)?.split(',') ?? [];
        const inputs: Record<string, { json?: { ids?: unknown } }> = JSON.parse(
          url.searchParams.get('input') ?? '{}',
        );
        const response = await fetch(input, init);
        names.forEach((name, at) => {
          if (name !== 'tasks.list') return;
          if (inputs[at]?.json?.ids === undefined) asked.pages += 1;
          else asked.some += 1;
        });
        return response;
      }) satisfies typeof fetch,
      WebSocket: class extends WebSocket {
        constructor(url: string) {
          super(url);
          open.add(this);
          this.on('close', () => open.delete(this));
        }
      },
    },
  };
};

const inputsFor = (projectId: string, assignee: string): LiveTasksInput[] => [
  { projectId },
  { projectId, limit: 10 },
  { projectId, sort: 'board' },
  { projectId, sort: 'board', limit: 7 },
  { projectId, sort: 'updated', limit: 5 },
  { projectId, sort: 'due' },
  { projectId, sort: 'priority', limit: 10 },
  { projectId, status: ['todo', 'done'], sort: 'priority' },
  { projectId, assignee, sort: 'due', limit: 5 },
  { projectId, assignee: null },
  { projectId, label: 'bridge', sort: 'updated' },
  { projectId, overdue: true },
  { projectId, text: 'one' },
];

const allOf = async (client: ParleyClient, input: LiveTasksInput): Promise<TaskItem[]> => {
  const items: TaskItem[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.tasks.list({ ...input, limit: 100, ...(cursor !== undefined && { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
};

/** Long after everything has been told and asked for. */
const GIVE_UP_MS = 30_000;

/** Resolves once the list is the beginning of what it must be, and all of it where it says so, at the latest when it is asked for more. */
const untilSame = <Item extends { readonly id: string }>(
  list: LiveList<Item>,
  truth: readonly Item[],
  what: string,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const ids = (items: readonly Item[]): string => items.map(({ id }) => id.slice(-4)).join(' ');
    const look = (): void => {
      if (list.isLoading || list.error !== null) return;
      const shown = list.hasMore ? truth.slice(0, list.items.length) : truth;
      if (!isDeepStrictEqual([...list.items], [...shown])) return;
      // What was behind its end may have come in or gone, which only asking for it tells.
      if (list.hasMore && list.items.length === truth.length) void list.loadMore();
      else done(resolve);
    };
    const giveUp = setTimeout(() => {
      const state = { loading: list.isLoading, hasMore: list.hasMore, error: list.error?.code };
      const shown = `is     ${ids(list.items)}\nshould ${ids(truth)}\n${JSON.stringify(state)}`;
      done(() => reject(new Error(`PARLEY_LIVE_SEED=${SEED} ${what}\n${shown}`)));
    }, GIVE_UP_MS);
    const done = (then: () => void): void => {
      clearTimeout(giveUp);
      stop();
      then();
    };
    const stop = list.onChange(look);
    look();
  });

describe('live lists', () => {
  it(`are what the server lists, whatever happened and broke (PARLEY_LIVE_SEED=${SEED})`, async function () {
    this.timeout(60_000 + STEPS * 1_000);
    const random = new Random(SEED);
    await using place = await createDataDir();
    const options = { dataDir: place.path, mongodbUri: place.mongodbUri };
    let server = await startTestServer(options);
    const port = Number(new URL(server.url).port);
    const lines = [watchedLine(), watchedLine(), watchedLine()];
    const [ada, bob, guest] = (await Promise.all(lines.map((line) => sdkSignUp(server, line.options)))) as [
      SdkPerson,
      SdkPerson,
      SdkPerson,
    ];
    const { id: projectId } = await ada.client.projects.create({ name: 'The bridge' });
    for (const { id: userId } of [bob, guest])
      await ada.client.projects.members.add.mutate({ projectId, userId });
    const taskIds: string[] = [];
    const some = <T>(values: readonly T[]): T[] => values.filter(() => random.chance(40));
    const fields = () => ({
      status: random.pick(statuses),
      priority: random.pick(priorities),
      assignees: some([ada.id, bob.id, guest.id]),
      labels: some(['bridge', 'steel']),
      due: random.chance(50)
        ? { at: new Date(Date.now() + (random.below(20) - 10) * 86_400_000), timeZone: 'Europe/Berlin' }
        : null,
    });
    const create = async (client: ParleyClient) => {
      const title = `${random.pick(['one', 'two'])} ${random.below(100)}`;
      const given = { projectId, title, ...fields() };
      // Whoever is not in it just now is not assigned.
      const { id } = await client.tasks
        .create(given)
        .catch(() => client.tasks.create({ ...given, assignees: [] }));
      taskIds.push(id);
    };
    for (let count = 0; count < 40; count += 1) await create(ada.client);

    const open = ({ client, id }: SdkPerson, inputs = inputsFor(projectId, id)) =>
      inputs.map((input) => ({ client, input, list: client.tasks.live(input) }));
    const lists = [...open(bob), ...open(guest, inputsFor(projectId, guest.id).slice(3, 7))];
    const projects = [bob, guest].map(({ client }) => ({ client, list: client.projects.live() }));
    const events = { heard: 0, gaps: 0, tasks: 0 };
    bob.client.events.onAny((event) => {
      events.heard += 1;
      if (event.type === 'stream.gap') events.gaps += 1;
      if (event.type === 'task.moved') events.tasks += event.moves.length;
      else if ('taskId' in event) events.tasks += 1;
    });
    let isGuestIn = true;
    const step = async (): Promise<void> => {
      const { client } = random.pick([ada, bob]);
      const taskId = random.pick(taskIds);
      const kind = random.below(100);
      if (kind < 15) await create(client);
      else if (kind < 50) {
        const all = { title: random.pick(['one', 'two']), ...fields() };
        const field = random.pick(['title', 'status', 'priority', 'assignees', 'labels', 'due'] as const);
        await client.tasks.update({ taskId, [field]: all[field] });
      } else if (kind < 75) {
        const moved = [...new Set([taskId, random.pick(taskIds)])];
        await client.tasks.move({
          ...{ projectId, taskIds: moved, status: random.pick(statuses) },
          place: random.pick(['first', 'last'] as const),
        });
      } else if (kind < 85) {
        await client.tasks.delete({ taskId });
        taskIds.splice(taskIds.indexOf(taskId), 1);
      } else if (kind < 90) await random.pick(lists).list.loadMore();
      else if (kind < 95) random.pick(lines).cut();
      else if (isGuestIn) {
        await ada.client.projects.members.remove.mutate({ projectId, userId: guest.id });
        isGuestIn = false;
      } else {
        await ada.client.projects.members.add.mutate({ projectId, userId: guest.id });
        isGuestIn = true;
      }
    };
    const refusals = new Map<string, number>();
    for (let count = 0; count < STEPS; count += 1) {
      const together = Array.from({ length: 1 + random.below(4) }, () =>
        step().catch((error: { code: string }) => {
          refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
        }),
      );
      if (count === Math.floor(STEPS / 2)) {
        await server.close();
        server = await startTestServer({ ...options, port });
      }
      // After it is back: whoever asked for more waits for that.
      await Promise.all(together);
    }
    await using _last = server;
    // What is told last: everything before it has been told then.
    const told = new Promise<void>((resolve) => {
      bob.client.events.on('project.updated', ({ changes }) => changes.name === 'the end' && resolve());
    });
    await ada.client.projects.update({ projectId, name: 'the end' });
    await told;
    if (!isGuestIn) await ada.client.projects.members.add.mutate({ projectId, userId: guest.id });
    // Before what this test itself asks for.
    const asked = { ...(lines[1] ?? watchedLine()).asked };
    for (const { client, input, list } of lists) {
      const truth = await allOf(client, input);
      await untilSame(list, truth, JSON.stringify(input));
    }
    for (const { client, list } of projects) {
      const truth = (await client.projects.list()).items;
      await untilSame(list, truth, 'projects');
    }
    const own = inputsFor(projectId, bob.id).length;
    const counts = JSON.stringify({ seed: String(SEED), asked, events, refusals: [...refusals] });
    expect(events.heard, counts).to.be.greaterThan(STEPS);
    // The first pages, those that were asked for, all of them again after a gap: none for an event. Where more than twenty tasks were told
    // of while the last were fetched, pages are less to fetch.
    expect(asked.pages, counts).to.be.below(own * (4 * (1 + events.gaps) + events.tasks / 20));
    // What happens together is fetched together.
    expect(asked.some, counts).to.be.below(own * events.heard);
    for (const { client } of [ada, bob, guest]) client.close();
  });
});
