// Owns making tasks, and changing them by hand.
import {
  AppError,
  type createTaskInputSchema,
  limits,
  newId,
  type Task,
  type updateTaskInputSchema,
} from '@parley/shared';
import type { z } from 'zod';
import { getAccess, getOpen } from '../projects/index.js';
import { refuseStrangers, takeOutStrangers } from './assignees.js';
import { rankAtEnd } from './board.js';
import { changeTask, findTask, type TaskModels, type TasksParts } from './change-task.js';
import { toTask } from './show-tasks.js';
import { type ReadTask, taskIndexes } from './task.model.js';
import { newTaskRow } from './task-fields.js';
import { createdEvent, updatedEvent } from './tell-tasks.js';

type CreateInput = z.output<typeof createTaskInputSchema>;
type UpdateInput = z.output<typeof updateTaskInputSchema>;

/** At the end of its column. CONFLICT where the project has as many as it may. */
export const createTask = async (
  parts: TasksParts,
  userId: string,
  { projectId, ...fields }: CreateInput,
): Promise<Task> => {
  await getOpen(parts, { projectId, userId, needs: 'member' });
  await refuseStrangers(parts, { projectId, userIds: fields.assignees, field: 'assignees' });
  await refuseFull(parts, projectId);
  const rank = await rankAtEnd(parts, projectId, fields.status);
  const made = { ...fields, rank, _id: newId(), project: projectId, createdBy: userId };
  const row = newTaskRow(made, new Date());
  await parts.tasks.insertOne(row);
  await undoIfGone(parts, row);
  const taken = await takeOutStrangers(parts, row);
  await parts.publish([createdEvent(row), ...(taken === null ? [] : [updatedEvent(taken, null)])]);
  return await toTask(parts.users, taken?.after ?? row);
};

const refuseFull = async ({ tasks }: TasksParts, projectId: string): Promise<void> => {
  const count = await tasks.countDocuments({ project: projectId }).hint(taskIndexes.created);
  if (count >= limits.tasksPerProject.value)
    throw new AppError('CONFLICT', { details: { fields: { projectId: ['has as many tasks as it may'] } } });
};

/** A project that was deleted meanwhile has taken its tasks along before ours was written. */
const undoIfGone = async ({ projects, tasks }: TasksParts, { _id, project }: ReadTask): Promise<void> => {
  if ((await projects.exists({ _id: project, deletedAt: null })) !== null) return;
  await tasks.deleteOne({ _id });
  throw new AppError('NOT_FOUND');
};

/** A task and what one may do there: NOT_FOUND as for whoever is not in its project, and as `getAccess`. */
export const getTask = async (
  parts: TaskModels,
  { taskId, userId, needs }: { taskId: string; userId: string; needs: 'viewer' | 'member' },
): Promise<ReadTask> => {
  const row = await findTask(parts, taskId);
  if (row === null) throw new AppError('NOT_FOUND');
  const wanted = { projectId: row.project, userId, needs };
  await (needs === 'viewer' ? getAccess(parts, wanted) : getOpen(parts, wanted));
  return row;
};

/** What is given is changed. Another status puts it at the end of that column. */
export const updateTask = async (
  parts: TasksParts,
  userId: string,
  { taskId, version, ...given }: UpdateInput,
): Promise<Task> => {
  const { project } = await getTask(parts, { taskId, userId, needs: 'member' });
  const userIds = given.assignees ?? [];
  await refuseStrangers(parts, { projectId: project, userIds, field: 'assignees' });
  const change = await changeTask(parts, { taskId, version, by: userId }, async (row) => {
    const { status = row.status } = given;
    return status === row.status ? given : { ...given, rank: await rankAtEnd(parts, project, status) };
  });
  if (change === null) throw new AppError('NOT_FOUND');
  if (change.changed.length === 0) return await toTask(parts.users, change.after);
  const taken = change.changed.includes('assignees') ? await takeOutStrangers(parts, change.after) : null;
  await parts.publish([
    updatedEvent(change, userId, taken?.after.assignees),
    ...(taken === null ? [] : [updatedEvent(taken, null)]),
  ]);
  return await toTask(parts.users, taken?.after ?? change.after);
};
