// Owns that a task has a pad, for writing what it is about together.
import { AppError, limits, type Task } from '@parley/shared';
import type { TasksParts } from './change-task.js';
import { toTask } from './show-tasks.js';
import { type ReadTask, UNREAD } from './task.model.js';
import { padEvent } from './tell-tasks.js';
import { getTask } from './write-tasks.js';

const MAX_TITLE = limits.padTitleCharacters.value;

/** The task with its pad, which is made where it has none. */
export const openPadOf = async (parts: TasksParts, userId: string, taskId: string): Promise<Task> => {
  const row = await getTask(parts, { taskId, userId, needs: 'member' });
  if (row.padId !== null) return await toTask(parts.users, row);
  const ref = { taskId, projectId: row.project };
  const padId = await parts.pads.openForTask({ ...ref, title: row.title.slice(0, MAX_TITLE), userId });
  const after = await parts.tasks
    .findOneAndUpdate(
      { _id: taskId, deletedAt: null, padId: null },
      { $set: { padId, updatedAt: new Date() }, $inc: { version: 1 } },
      { returnDocument: 'after', projection: UNREAD },
    )
    .lean<ReadTask>();
  if (after !== null) {
    await parts.publish([padEvent(after, userId)]);
    return await toTask(parts.users, after);
  }
  const now = await parts.tasks.findOne({ _id: taskId, deletedAt: null }, UNREAD).lean<ReadTask>();
  if (now !== null) return await toTask(parts.users, now);
  await parts.pads.removeOfTask(ref);
  throw new AppError('NOT_FOUND');
};
