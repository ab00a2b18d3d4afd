// Owns that whoever is assigned to a task is in its project, whatever happens at once: who assigns looks again once it is written, and
// who leaves is taken out once they are not in it any more. One of the two always sees the other.
import { AppError } from '@parley/shared';
import type { NewEvent } from '../events/index.js';
import type { AccessModels } from '../projects/index.js';
import { type Changed, changeTask, type TasksParts } from './change-task.js';
import { type ReadTask, taskIndexes } from './task.model.js';
import { updatedEvent } from './tell-tasks.js';

/** Those of them who are not in the project. */
const strangersOf = async (
  { projectMembers }: AccessModels,
  projectId: string,
  userIds: readonly string[],
): Promise<string[]> => {
  if (userIds.length === 0) return [];
  const rows = await projectMembers
    .find({ project: projectId, user: { $in: [...userIds] } })
    .select({ user: 1 })
    .lean();
  const inside = new Set(rows.map(({ user }) => user));
  return userIds.filter((id) => !inside.has(id));
};

/** INVALID_INPUT on the field where one of them is not in the project. */
export const refuseStrangers = async (
  parts: AccessModels,
  { projectId, userIds, field }: { projectId: string; userIds: readonly string[]; field: string },
): Promise<void> => {
  const strangers = await strangersOf(parts, projectId, userIds);
  if (strangers.length > 0)
    throw new AppError('INVALID_INPUT', { details: { fields: { [field]: ['must all be in the project'] } } });
};

/** Takes out who has left since; null where nobody has. */
export const takeOutStrangers = async (parts: TasksParts, row: ReadTask): Promise<Changed | null> => {
  const strangers = await strangersOf(parts, row.project, row.assignees);
  return strangers.length === 0 ? null : await takeOut(parts, row._id, new Set(strangers));
};

const takeOut = (parts: TasksParts, taskId: string, who: ReadonlySet<string>): Promise<Changed | null> =>
  changeTask(parts, { taskId, by: null }, ({ assignees }) => ({
    assignees: assignees.filter((id) => !who.has(id)),
  }));

/** Tasks that are written to side by side. */
const AT_ONCE = 50;

/** Takes somebody out of all tasks of a project, or of all there are; to be repeated where it failed. */
export const unassign = async (
  parts: TasksParts,
  userId: string,
  projectId: string | null,
): Promise<void> => {
  const who = new Set([userId]);
  for (;;) {
    const rows = await parts.tasks
      .find({ assignees: userId, ...(projectId !== null && { project: projectId }), deletedAt: null })
      .hint(taskIndexes.assignees)
      .limit(AT_ONCE)
      .select({ _id: 1 })
      .lean();
    if (rows.length === 0) return;
    const changes = await Promise.all(rows.map(({ _id }) => takeOut(parts, _id, who)));
    const events = changes.flatMap((change): NewEvent[] =>
      change === null || change.changed.length === 0 ? [] : [updatedEvent(change, null)],
    );
    await parts.publish(events);
  }
};
