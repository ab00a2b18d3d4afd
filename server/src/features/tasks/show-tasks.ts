// Owns what others see of a task.
import type { Task, TaskItem } from '@parley/shared';
import type { UsersService } from '../users/index.js';
import type { ListedTask, ReadTask } from './task.model.js';

/** In the same order; the names come in one query. */
export const toItems = async (
  users: Pick<UsersService, 'people'>,
  rows: readonly ListedTask[],
): Promise<TaskItem[]> => {
  const people = await users.people(rows.map(({ createdBy }) => createdBy));
  return rows.map(
    ({ _id, project, title, status, priority, assignees, due, labels, rank, createdBy, ...row }) => ({
      ...{ id: _id, projectId: project, title, status, priority, rank },
      ...{ assignees: [...assignees], due, labels: [...labels] },
      ...{ hasDescription: row.hasDescription, padId: row.padId, version: row.version },
      createdBy: people.get(createdBy) ?? { id: createdBy, username: null, name: '' },
      ...{ createdAt: row.createdAt, updatedAt: row.updatedAt },
    }),
  );
};

/** The same with their descriptions. */
export const toTasks = async (
  users: Pick<UsersService, 'people'>,
  rows: readonly ReadTask[],
): Promise<Task[]> => {
  const items = await toItems(users, rows);
  return items.map((item, at) => ({ ...item, description: rows[at]?.description ?? '' }));
};

export const toTask = async (users: Pick<UsersService, 'people'>, row: ReadTask): Promise<Task> => {
  const [task] = await toTasks(users, [row]);
  if (task === undefined) throw new TypeError('a task that was found must be shown');
  return task;
};
