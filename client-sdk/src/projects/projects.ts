import { limits, type ParleyEvent, type Project } from '@parley/shared';
import type { Api } from '../api/api.js';
import { endsAccess, toParleyError } from '../api/errors.js';
import type { LiveList } from '../live/live-list-ports.js';
import type { OpenLiveList } from '../live/live-lists.js';
import { down } from '../live/order.js';

type ListInput = Extract<Parameters<Api['projects']['list']['query']>[0], object>;

/** `limit`: of the first page, and of each that follows. */
export type LiveProjectsInput = Omit<ListInput, 'cursor'>;

/** Projects one is in, and who else is. Every promise rejects with ParleyError. */
export interface Projects {
  readonly create: Api['projects']['create']['mutate'];
  readonly get: Api['projects']['get']['query'];
  /** Newest first, by page. */
  readonly list: Api['projects']['list']['query'];
  /** Changes what is given. */
  readonly update: Api['projects']['update']['mutate'];
  /** All fields anew. */
  readonly replace: Api['projects']['replace']['mutate'];
  readonly archive: Api['projects']['archive']['mutate'];
  readonly restore: Api['projects']['restore']['mutate'];
  readonly delete: Api['projects']['delete']['mutate'];
  readonly leave: Api['projects']['leave']['mutate'];
  readonly transfer: Api['projects']['transfer']['mutate'];
  readonly members: Api['projects']['members'];
  /** A list that stays current, with the counts of members and tasks. Throws NOT_SIGNED_IN. */
  readonly live: (input?: LiveProjectsInput) => LiveList<Project>;
}

export const createProjects = (api: Api, openList: OpenLiveList): Projects => ({
  create: (input, options) => api.projects.create.mutate(input, options),
  get: (input, options) => api.projects.get.query(input, options),
  list: (input, options) => api.projects.list.query(input, options),
  update: (input, options) => api.projects.update.mutate(input, options),
  replace: (input, options) => api.projects.replace.mutate(input, options),
  archive: (input, options) => api.projects.archive.mutate(input, options),
  restore: (input, options) => api.projects.restore.mutate(input, options),
  delete: (input, options) => api.projects.delete.mutate(input, options),
  leave: (input, options) => api.projects.leave.mutate(input, options),
  transfer: (input, options) => api.projects.transfer.mutate(input, options),
  members: api.projects.members,
  live: ({ limit: pageSize = limits.pageItemsDefault.value, archived = false } = {}) =>
    openList(() => ({
      pageSize,
      keyOf: ({ id }) => id,
      order: down(({ id }) => id),
      fetchPage: (page) => api.projects.list.query({ archived, ...page }),
      fetchSome: async (ids) => {
        const found = await Promise.all(ids.map((projectId) => find(api, projectId)));
        return found
          .filter((project) => project !== null)
          .filter((project) => (project.archivedAt !== null) === archived);
      },
      keysIn: projectsIn,
    })),
});

/** Null for one that is not there, or not for the caller. All that are asked for at once go out together. */
const find = async (api: Api, projectId: string): Promise<Project | null> => {
  try {
    return await api.projects.get.query({ projectId });
  } catch (reason) {
    const error = toParleyError(reason);
    if (endsAccess(error)) return null;
    throw error;
  }
};

const projectsIn = (event: ParleyEvent): readonly string[] => {
  switch (event.type) {
    case 'project.created':
    case 'project.updated':
    case 'project.deleted':
    case 'project.transferred':
    case 'project.memberAdded':
    case 'project.memberChanged':
    case 'project.memberRemoved':
    case 'task.created':
    case 'task.deleted':
      return [event.projectId];
    case 'task.updated':
      return event.changes.status === undefined ? [] : [event.projectId];
    case 'task.moved':
      return [event.projectId];
    default:
      return [];
  }
};
