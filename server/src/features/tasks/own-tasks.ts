// Owns finding the tasks that somebody has made, in the projects they are still in.
import type { Task } from '@parley/shared';
import { z } from 'zod';
import { cutPage, decodeCursor } from '../../platform/cursor.js';
import type { TasksParts } from './change-task.js';
import { toTask } from './show-tasks.js';
import { type ReadTask, taskIndexes, UNREAD } from './task.model.js';

/** A page of them, oldest first. An empty one may still have a next. */
export type OwnTasks = (
  userId: string,
  cursor: string | undefined,
) => Promise<{ items: Task[]; nextCursor: string | null }>;

const LIST = 'own-tasks';
const place = z.tuple([z.string().min(1).max(64)]);
const PAGE = 100;

export const ownTasks = async (
  parts: TasksParts,
  userId: string,
  cursor: string | undefined,
): ReturnType<OwnTasks> => {
  const after = cursor === undefined ? {} : { _id: { $gt: decodeCursor(LIST, place, cursor)[0] } };
  const found = await parts.tasks
    .find({ createdBy: userId, deletedAt: null, ...after }, UNREAD)
    .hint(taskIndexes.createdBy)
    .sort({ _id: 1 })
    .limit(PAGE + 1)
    .lean<ReadTask[]>();
  const { rows, nextCursor } = cutPage(LIST, found, PAGE, (last) => [last._id]);
  const mine = await parts.projectMembers
    .find({ user: userId, project: { $in: [...new Set(rows.map(({ project }) => project))] } })
    .select({ project: 1 })
    .lean();
  const open = new Set(mine.map(({ project }) => project));
  const shown = rows.filter(({ project }) => open.has(project));
  return { items: await Promise.all(shown.map((row) => toTask(parts.users, row))), nextCursor };
};
