// Owns what is told of a task that has changed.
import { type NewEvent, projectAudience } from '../events/index.js';
import type { Changed } from './change-task.js';
import type { ReadTask } from './task.model.js';

type Told = NewEvent['event'];
/** Where a task is on the board. */
export type Moved = Pick<ReadTask, '_id' | 'version' | 'status' | 'rank'>;

const inProject = (row: ReadTask, event: Told): NewEvent => ({
  event,
  audiences: [projectAudience(row.project)],
});

const placeOf = (row: ReadTask, by: string | null) => ({ projectId: row.project, taskId: row._id, by });

export const createdEvent = (row: ReadTask): NewEvent =>
  inProject(row, {
    ...{ type: 'task.created', ...placeOf(row, row.createdBy) },
    ...{ version: row.version, assigned: [...row.assignees] },
  });

/** `assigned`: those of the new assignees who still are, by what is known later. */
export const updatedEvent = (
  { before, after, changed }: Changed,
  by: string | null,
  still: readonly string[] = after.assignees,
): NewEvent => {
  const { title, status, priority, due, rank } = after;
  const values = {
    title,
    status,
    priority,
    due,
    rank,
    assignees: [...after.assignees],
    labels: [...after.labels],
  };
  const small = Object.entries(values).filter(([name]) => changed.some((field) => field === name));
  return inProject(after, {
    ...{ type: 'task.updated', ...placeOf(after, by), version: after.version },
    changes: Object.fromEntries(small),
    changed: changed.includes('description') ? ['description'] : [],
    assigned: after.assignees.filter((id) => !before.assignees.includes(id) && still.includes(id)),
  });
};

export const padEvent = (row: ReadTask, by: string): NewEvent =>
  inProject(row, {
    ...{ type: 'task.updated', ...placeOf(row, by), version: row.version },
    ...{ changes: {}, changed: ['padId'], assigned: [] },
  });

/** All of one call. */
export const movedEvent = (projectId: string, rows: readonly Moved[], by: string): NewEvent => ({
  event: {
    ...{ type: 'task.moved', projectId, by },
    moves: rows.map(({ _id, version, status, rank }) => ({ taskId: _id, version, status, rank })),
  },
  audiences: [projectAudience(projectId)],
});

export const deletedEvent = (row: ReadTask, by: string): NewEvent =>
  inProject(row, { type: 'task.deleted', ...placeOf(row, by) });
