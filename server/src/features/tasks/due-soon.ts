// Owns telling, once, that the time of a task is near. Several nodes may look at once: what is told has a key of its own.
import { type NewEvent, projectAudience } from '../events/index.js';
import type { TasksParts } from './change-task.js';
import type { TaskRow } from './task.model.js';

/** Tasks in one go. */
const STRETCH = 100;

type Near = Pick<TaskRow, '_id' | 'project' | 'due' | 'assignees'> & { readonly remindAt: Date };

/** Tells of those that are near and not told of yet, then marks them; cut short in between, the next time tells again under the same key. */
export const tellDueSoon = async (parts: Pick<TasksParts, 'tasks' | 'publish'>): Promise<void> => {
  for (;;) {
    const now = new Date();
    const rows = await parts.tasks
      .find({ remindAt: { $lte: now }, deletedAt: null })
      .sort({ remindAt: 1 })
      .limit(STRETCH)
      .select({ project: 1, due: 1, assignees: 1, remindAt: 1 })
      .lean<Near[]>();
    if (rows.length === 0) return;
    await parts.publish(rows.flatMap((row) => eventsOf(row, now)));
    await parts.tasks.bulkWrite(
      rows.map(({ _id, remindAt }) => ({
        updateOne: { filter: { _id, remindAt }, update: { $unset: { remindAt: 1 } } },
      })),
    );
  }
};

/** None where nobody was there to tell before it was late. */
const eventsOf = ({ _id, project, due, assignees }: Near, now: Date): NewEvent[] =>
  due === null || due.at <= now
    ? []
    : [
        {
          event: {
            ...{ type: 'task.dueSoon', projectId: project, taskId: _id, by: null },
            ...{ dueAt: due.at, assignees: [...assignees] },
          },
          audiences: [projectAudience(project)],
          key: `due:${_id}:${due.at.getTime()}`,
        },
      ];
