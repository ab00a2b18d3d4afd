// Owns the end of tasks: gone for everybody with the first write, the rest follows, after a crash too. Each step may be repeated.
import { AppError } from '@parley/shared';
import { removeInParts } from '../../platform/rows.js';
import { findTask, refuseStale, type TasksParts } from './change-task.js';
import { type ReadTask, taskIndexes } from './task.model.js';
import { deletedEvent } from './tell-tasks.js';
import { getTask } from './write-tasks.js';

export const deleteTask = async (
  parts: TasksParts,
  userId: string,
  { taskId, version }: { taskId: string; version?: number | undefined },
): Promise<void> => {
  const row = await getTask(parts, { taskId, userId, needs: 'member' });
  await refuseStale(parts, row, version);
  const { modifiedCount } = await parts.tasks.updateOne(
    { _id: taskId, deletedAt: null, ...(version !== undefined && { version }) },
    { $set: { deletedAt: new Date() } },
  );
  if (modifiedCount === 0) {
    const now = await findTask(parts, taskId);
    if (now !== null) await refuseStale(parts, now, version);
    throw new AppError('NOT_FOUND');
  }
  await remove(parts, row);
  await parts.publish([deletedEvent(row, userId)]);
};

export const finishTaskDeletions = async (parts: TasksParts): Promise<void> => {
  const unfinished = await parts.tasks.find({ deletedAt: { $gt: new Date(0) } }, { project: 1 }).lean();
  for (const row of unfinished) await remove(parts, row);
};

/** The row last: as long as it stands, something may be left to do. */
const remove = async (
  { tasks, pads, removeComments }: TasksParts,
  { _id, project }: Pick<ReadTask, '_id' | 'project'>,
): Promise<void> => {
  await removeComments(_id);
  await pads.removeOfTask({ projectId: project, taskId: _id });
  await tasks.deleteOne({ _id, deletedAt: { $gt: new Date(0) } });
};

/** All that a project has, but for their pads, which are the project's. The caller has marked it, so that none are added any more. */
export const removeTasksOf = async ({ tasks }: TasksParts, projectId: string): Promise<void> => {
  await removeInParts(tasks, { project: projectId }, taskIndexes.created);
};
