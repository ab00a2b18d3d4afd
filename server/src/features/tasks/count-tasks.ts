import type { TaskCounts } from '@parley/shared';
import { type TaskModel, taskIndexes } from './task.model.js';
import { STATUSES } from './task-fields.js';

/** Projects that are counted side by side. */
const AT_ONCE = 10;

/** How many tasks of each status projects have. Nothing but the keys of an index is read, however many there are. */
export const countTasks = async (
  tasks: TaskModel,
  projectIds: readonly string[],
): Promise<ReadonlyMap<string, TaskCounts>> => {
  const counts = new Map<string, TaskCounts>();
  for (let from = 0; from < projectIds.length; from += AT_ONCE) {
    await Promise.all(
      projectIds.slice(from, from + AT_ONCE).map(async (project) => {
        const [todo = 0, inProgress = 0, done = 0] = await Promise.all(
          STATUSES.map((status) => tasks.countDocuments({ project, status }).hint(taskIndexes.board)),
        );
        counts.set(project, { todo, inProgress, done });
      }),
    );
  }
  return counts;
};
