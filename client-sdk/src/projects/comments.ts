import { type Comment, limits, type ParleyEvent } from '@parley/shared';
import type { Api } from '../api/api.js';
import type { LiveList } from '../live/live-list-ports.js';
import type { OpenLiveList } from '../live/live-lists.js';
import { up } from '../live/order.js';

/** The comments of which task; `limit`: of the first page, and of each that follows. */
export type LiveCommentsInput = Omit<Parameters<Api['comments']['list']['query']>[0], 'cursor' | 'ids'>;

/** What is said of tasks. Every promise rejects with ParleyError. */
export interface Comments {
  readonly create: Api['comments']['create']['mutate'];
  readonly get: Api['comments']['get']['query'];
  /** By page, the oldest first. */
  readonly list: Api['comments']['list']['query'];
  /** One's own: what is given is changed. */
  readonly update: Api['comments']['update']['mutate'];
  /** One's own, or as an admin of the project anybody's. */
  readonly delete: Api['comments']['delete']['mutate'];
  /** A list that stays current. With its task it is empty, and its error NOT_FOUND. Throws NOT_SIGNED_IN. */
  readonly live: (input: LiveCommentsInput) => LiveList<Comment>;
}

export const createComments = (api: Api, openList: OpenLiveList): Comments => ({
  create: (input, options) => api.comments.create.mutate(input, options),
  get: (input, options) => api.comments.get.query(input, options),
  list: (input, options) => api.comments.list.query(input, options),
  update: (input, options) => api.comments.update.mutate(input, options),
  delete: (input, options) => api.comments.delete.mutate(input, options),
  live: ({ limit: pageSize = limits.pageItemsDefault.value, taskId }) =>
    openList((userId) => ({
      pageSize,
      keyOf: ({ id }) => id,
      order: up(({ id }) => id),
      fetchPage: (page) => api.comments.list.query({ taskId, ...page }),
      fetchSome: async (ids) =>
        (await api.comments.list.query({ taskId, ids, limit: limits.pageItemsMax.value })).items,
      keysIn: (event) => commentsIn(event, taskId, userId),
    })),
});

const commentsIn = (event: ParleyEvent, taskId: string, userId: string): readonly string[] | 'all' => {
  switch (event.type) {
    case 'comment.created':
    case 'comment.updated':
    case 'comment.deleted':
      return event.taskId === taskId ? [event.commentId] : [];
    case 'task.deleted':
      return event.taskId === taskId ? 'all' : [];
    // Which project the task is in does not stand in the question.
    case 'project.deleted':
      return 'all';
    case 'project.memberAdded':
    case 'project.memberRemoved':
      return event.userId === userId ? 'all' : [];
    default:
      return [];
  }
};
