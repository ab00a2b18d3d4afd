import { limits, type ParleyEvent, type TaskItem, type TaskPriority, type TaskStatus } from '@parley/shared';
import type { Api } from '../api/api.js';
import type { LiveList } from '../live/live-list-ports.js';
import type { OpenLiveList } from '../live/live-lists.js';
import { by, down, type Order, up } from '../live/order.js';

type ListInput = Parameters<Api['tasks']['list']['query']>[0];

/** What a live list of tasks holds and in which order, as in `tasks.list`; `limit`: of the first page, and of each that follows. */
export type LiveTasksInput = Omit<ListInput, 'cursor' | 'ids'>;

/** Tasks of projects. Every promise rejects with ParleyError. */
export interface Tasks {
  readonly create: Api['tasks']['create']['mutate'];
  readonly get: Api['tasks']['get']['query'];
  /** By page; all that is given must hold. */
  readonly list: Api['tasks']['list']['query'];
  /** Changes what is given. */
  readonly update: Api['tasks']['update']['mutate'];
  /** All fields anew. */
  readonly replace: Api['tasks']['replace']['mutate'];
  /** On the board. */
  readonly move: Api['tasks']['move']['mutate'];
  /** The task with a pad of its own, made at the first call; `client.pads.open` opens it. */
  readonly openPad: Api['tasks']['openPad']['mutate'];
  readonly delete: Api['tasks']['delete']['mutate'];
  readonly history: Api['tasks']['history']['query'];
  /**
   * A list that stays current. Where the project goes, or one is put out of it, it is empty, and its error NOT_FOUND. Nobody tells of a
   * time that passes: a list of what is overdue is fetched anew every minute. Throws NOT_SIGNED_IN.
   */
  readonly live: (input: LiveTasksInput) => LiveList<TaskItem>;
}

export const createTasks = (api: Api, openList: OpenLiveList): Tasks => ({
  create: (input, options) => api.tasks.create.mutate(input, options),
  get: (input, options) => api.tasks.get.query(input, options),
  list: (input, options) => api.tasks.list.query(input, options),
  update: (input, options) => api.tasks.update.mutate(input, options),
  replace: (input, options) => api.tasks.replace.mutate(input, options),
  move: (input, options) => api.tasks.move.mutate(input, options),
  openPad: (input, options) => api.tasks.openPad.mutate(input, options),
  delete: (input, options) => api.tasks.delete.mutate(input, options),
  history: (input, options) => api.tasks.history.query(input, options),
  live: ({ limit: pageSize = limits.pageItemsDefault.value, ...input }) =>
    openList((userId) => ({
      pageSize,
      keyOf: ({ id }) => id,
      order: orders[input.sort ?? 'created'],
      fetchPage: (page) => api.tasks.list.query({ ...input, ...page }),
      fetchSome: async (ids) =>
        (await api.tasks.list.query({ ...input, ids, limit: limits.pageItemsMax.value })).items,
      keysIn: (event) => tasksIn(event, input.projectId, userId),
      ...(input.overdue && { everyMs: OVERDUE_MS }),
    })),
});

const OVERDUE_MS = 60_000;

const columns: Readonly<Record<TaskStatus, number>> = { todo: 0, inProgress: 1, done: 2 };
const urgency: Readonly<Record<TaskPriority, number>> = { high: 0, medium: 1, low: 2 };

const id = ({ id }: TaskItem): string => id;

/** Those of the server. */
const orders: Readonly<Record<NonNullable<ListInput['sort']>, Order<TaskItem>>> = {
  board: by(
    up(({ status }) => columns[status]),
    up(({ rank }) => rank),
    up(id),
  ),
  created: down(id),
  updated: by(
    down(({ updatedAt }) => updatedAt.getTime()),
    down(id),
  ),
  due: by(
    up(({ due }) => due?.at.getTime() ?? Number.POSITIVE_INFINITY),
    up(id),
  ),
  priority: by(
    up(({ priority }) => urgency[priority]),
    down(id),
  ),
};

const tasksIn = (event: ParleyEvent, projectId: string, userId: string): readonly string[] | 'all' => {
  if (!('projectId' in event) || event.projectId !== projectId) return [];
  switch (event.type) {
    case 'task.created':
    case 'task.updated':
    case 'task.deleted':
      return [event.taskId];
    case 'task.moved':
      return event.moves.map(({ taskId }) => taskId);
    case 'project.deleted':
      return 'all';
    case 'project.memberAdded':
    case 'project.memberRemoved':
      return event.userId === userId ? 'all' : [];
    default:
      return [];
  }
};
