// Owns changing a task: on the version that was read, in one write, with its history.
import { AppError, limits } from '@parley/shared';
import type { Publish } from '../events/index.js';
import type { AccessModels } from '../projects/index.js';
import type { UsersService } from '../users/index.js';
import { toTask } from './show-tasks.js';
import { type ReadTask, type TaskHistoryRow, type TaskModel, UNREAD } from './task.model.js';
import { changedFields, derived, remindAtOf, type TaskField, type TaskPatch } from './task-fields.js';

/** What tasks are read from. */
export interface TaskModels extends AccessModels {
  readonly tasks: TaskModel;
}

export interface TaskPlace {
  readonly projectId: string;
  readonly taskId: string;
}

export interface TasksParts extends TaskModels {
  readonly users: Pick<UsersService, 'people'>;
  readonly publish: Publish;
  /** One's own of each task, for writing what it is about together; both may be repeated. */
  readonly pads: {
    openForTask(task: TaskPlace & { readonly title: string; readonly userId: string }): Promise<string>;
    removeOfTask(task: TaskPlace): Promise<void>;
  };
  /** Removes what was said of a task that is being deleted; may be repeated. */
  removeComments(taskId: string): Promise<void>;
}

/** A change that is stored; nothing `changed` where all was so already. */
export interface Changed {
  readonly before: ReadTask;
  readonly after: ReadTask;
  readonly changed: readonly TaskField[];
}

interface Wanted {
  readonly taskId: string;
  /** The only one that may be changed. */
  readonly version?: number | undefined;
  /** Who does it; null for the server. */
  readonly by: string | null;
}

/** Each round somebody gets through: so many would have to be at one task at once. */
const MAX_ROUNDS = 200;

export const findTask = async (
  { tasks }: Pick<TaskModels, 'tasks'>,
  taskId: string,
): Promise<ReadTask | null> => await tasks.findOne({ _id: taskId, deletedAt: null }, UNREAD).lean<ReadTask>();

/** Throws CONFLICT, with the task as it is, where another version of it was meant. */
export const refuseStale = async (
  { users }: TasksParts,
  row: ReadTask,
  version: number | undefined,
): Promise<void> => {
  if (version === undefined || version === row.version) return;
  const current = await toTask(users, row);
  throw new AppError('CONFLICT', { details: { fields: { version: ['is another by now'] }, current } });
};

/**
 * Changes what `plan` says of the task as it is. Who loses the race against another change reads again: what the two did to different
 * fields both lands. Null for a task that is gone; CONFLICT where a version was named and is not the current one.
 */
export const changeTask = async (
  parts: TasksParts,
  { taskId, version, by }: Wanted,
  plan: (row: ReadTask) => TaskPatch | Promise<TaskPatch>,
): Promise<Changed | null> => {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = await findTask(parts, taskId);
    if (before === null) return null;
    await refuseStale(parts, before, version);
    const patch = await plan(before);
    const changed = changedFields(before, patch);
    if (changed.length === 0) return { before, after: before, changed };
    const after = await parts.tasks
      .findOneAndUpdate(
        { _id: taskId, version: before.version, deletedAt: null },
        updateOf(before, { patch, changed, by }),
        { returnDocument: 'after', projection: UNREAD },
      )
      .lean<ReadTask>();
    if (after !== null) return { before, after, changed };
  }
  throw new AppError('CONFLICT');
};

interface Step {
  readonly patch: TaskPatch;
  readonly changed: readonly TaskField[];
  readonly by: string | null;
}

const updateOf = (before: ReadTask, { patch, changed, by }: Step): object => {
  const now = new Date();
  const given = Object.fromEntries(changed.map((field) => [field, patch[field]]));
  const after: ReadTask = { ...before, ...given };
  const remindAt = isNearAnew(before, after) ? remindAtOf(after, now) : undefined;
  const entry = historyOf(before, after, { changed, by, now });
  return {
    $set: { ...given, ...derived(after, changed), updatedAt: now, ...(remindAt && { remindAt }) },
    ...(remindAt === null && { $unset: { remindAt: 1 } }),
    $inc: { version: 1 },
    ...(entry !== null && {
      $push: { history: { $each: [entry], $slice: -limits.taskHistoryItems.value } },
    }),
  };
};

/** Whether what was told of its time, or not yet, is not so any more. */
const isNearAnew = (before: ReadTask, after: ReadTask): boolean =>
  before.due?.at.getTime() !== after.due?.at.getTime() ||
  (before.status === 'done') !== (after.status === 'done');

const historyOf = (
  before: ReadTask,
  after: ReadTask,
  { changed, by, now }: Pick<Step, 'changed' | 'by'> & { readonly now: Date },
): TaskHistoryRow | null => {
  const status = changed.includes('status') ? { from: before.status, to: after.status } : null;
  const assignees = changed.includes('assignees')
    ? { from: [...before.assignees], to: [...after.assignees] }
    : null;
  if (status === null && assignees === null) return null;
  return { version: before.version + 1, at: now, by, status, assignees };
};
