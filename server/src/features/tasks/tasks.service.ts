import type {
  createTaskInputSchema,
  deleteTaskInputSchema,
  MovedTasks,
  moveTasksInputSchema,
  Task,
  TaskHistoryPage,
  TaskItem,
  taskHistoryInputSchema,
  updateTaskInputSchema,
} from '@parley/shared';
import type { z } from 'zod';
import { unassign } from './assignees.js';
import type { TasksParts } from './change-task.js';
import { deleteTask, finishTaskDeletions, removeTasksOf } from './delete-tasks.js';
import { tellDueSoon } from './due-soon.js';
import { listTasks, listWholeTasks } from './list-tasks.js';
import { moveTasks } from './move-tasks.js';
import { type OwnTasks, ownTasks } from './own-tasks.js';
import { toTask } from './show-tasks.js';
import { taskHistory } from './task-history.js';
import { openPadOf } from './task-pad.js';
import type { TasksListInput } from './task-queries.js';
import { createTask, getTask, updateTask } from './write-tasks.js';

/**
 * Every method answers NOT_FOUND to whoever is not in the project, FORBIDDEN to whoever may do less in it than is needed, and CONFLICT
 * to changes while it is archived. A `version` that is not the current one is CONFLICT, with the task as it is in `current`.
 */
export interface TasksService {
  create(userId: string, input: z.output<typeof createTaskInputSchema>): Promise<Task>;
  get(userId: string, taskId: string): Promise<Task>;
  list(userId: string, input: TasksListInput): Promise<{ items: TaskItem[]; nextCursor: string | null }>;
  /** The same with descriptions. */
  listWhole(userId: string, input: TasksListInput): Promise<{ items: Task[]; nextCursor: string | null }>;
  /** What is given is changed; what two change at once both lands, where neither names a version. */
  update(userId: string, input: z.output<typeof updateTaskInputSchema>): Promise<Task>;
  /** See move-tasks.ts. */
  move(userId: string, input: z.output<typeof moveTasksInputSchema>): Promise<MovedTasks>;
  /** The task with a pad of its own, which is made at the first call. */
  openPad(userId: string, taskId: string): Promise<Task>;
  delete(userId: string, input: z.output<typeof deleteTaskInputSchema>): Promise<void>;
  history(userId: string, input: z.output<typeof taskHistoryInputSchema>): Promise<TaskHistoryPage>;
  /** Nothing is somebody's to do any more who has left a project, or everything (null); safe to repeat. */
  unassign(userId: string, projectId: string | null): Promise<void>;
  /** Removes all tasks of a project that is being deleted; safe to repeat. */
  removeOf(projectId: string): Promise<void>;
  /** Tells of tasks whose time is near; to be called again and again. */
  tellDueSoon(): Promise<void>;
  /** For taking along. */
  own: OwnTasks;
  /** Finishes what an earlier process began to delete. */
  finishDeletions(): Promise<void>;
}

export const createTasksService = (parts: TasksParts): TasksService => ({
  create: (userId, input) => createTask(parts, userId, input),
  get: async (userId, taskId) =>
    await toTask(parts.users, await getTask(parts, { taskId, userId, needs: 'viewer' })),
  list: (userId, input) => listTasks(parts, userId, input),
  listWhole: (userId, input) => listWholeTasks(parts, userId, input),
  update: (userId, input) => updateTask(parts, userId, input),
  move: (userId, input) => moveTasks(parts, userId, input),
  openPad: (userId, taskId) => openPadOf(parts, userId, taskId),
  delete: (userId, input) => deleteTask(parts, userId, input),
  history: (userId, input) => taskHistory(parts, userId, input),
  unassign: (userId, projectId) => unassign(parts, userId, projectId),
  removeOf: (projectId) => removeTasksOf(parts, projectId),
  tellDueSoon: () => tellDueSoon(parts),
  own: (userId, cursor) => ownTasks(parts, userId, cursor),
  finishDeletions: () => finishTaskDeletions(parts),
});
