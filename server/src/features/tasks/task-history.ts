// Owns telling what became of a task: its status, and who does it.
import type { TaskHistoryPage, taskHistoryInputSchema } from '@parley/shared';
import { z } from 'zod';
import { cutPage, decodeCursor } from '../../platform/cursor.js';
import type { TasksParts } from './change-task.js';
import type { TaskHistoryRow, TaskRow } from './task.model.js';
import { getTask } from './write-tasks.js';

const LIST = 'tasks.history';
const place = z.tuple([z.number().int().min(1)]);

export const taskHistory = async (
  parts: TasksParts,
  userId: string,
  { taskId, cursor, limit }: z.output<typeof taskHistoryInputSchema>,
): Promise<TaskHistoryPage> => {
  const [before] = cursor === undefined ? [null] : decodeCursor(LIST, place, cursor);
  await getTask(parts, { taskId, userId, needs: 'viewer' });
  const row = await parts.tasks.findOne({ _id: taskId }, { history: 1 }).lean<Pick<TaskRow, 'history'>>();
  const found = [...(row?.history ?? [])]
    .reverse()
    .filter(({ version }) => before === null || version < before);
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last.version]);
  return { items: await toEntries(parts, rows), nextCursor };
};

const toEntries = async (
  { users }: TasksParts,
  rows: readonly TaskHistoryRow[],
): Promise<TaskHistoryPage['items']> => {
  const people = await users.people(rows.flatMap(({ by }) => by ?? []));
  return rows.map(({ version, at, by, status, assignees }) => ({
    ...{ version, at, status, assignees },
    by: by === null ? null : (people.get(by) ?? { id: by, username: null, name: '' }),
  }));
};
