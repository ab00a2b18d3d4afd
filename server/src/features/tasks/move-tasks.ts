// Owns moving tasks on the board, one or many.
import { AppError, type MovedTasks, type moveTasksInputSchema, type TaskStatus } from '@parley/shared';
import type { z } from 'zod';
import { findByKeys, inParts } from '../../platform/rows.js';
import { getOpen } from '../projects/index.js';
import { type Column, type Gap, gapAt, makeRoom } from './board.js';
import { changeTask, refuseStale, type TasksParts } from './change-task.js';
import { inOrder, ranksBetween } from './ranks.js';
import { type ReadTask, UNREAD } from './task.model.js';
import { type Moved, movedEvent } from './tell-tasks.js';

type MoveInput = z.output<typeof moveTasksInputSchema>;

/**
 * Puts tasks next to each other in the order given. INVALID_INPUT where it is not clear which column is meant, CONFLICT where the
 * neighbour is not in it.
 */
export const moveTasks = async (parts: TasksParts, userId: string, input: MoveInput): Promise<MovedTasks> => {
  const { projectId, taskIds, place, version } = input;
  await getOpen(parts, { projectId, userId, needs: 'member' });
  const rows = await rowsToMove(parts, projectId, taskIds);
  const [first] = rows;
  if (first !== undefined) await refuseStale(parts, first, version);
  if (typeof place === 'object' && taskIds.includes('before' in place ? place.before : place.after))
    throw wrong('place', 'must not be one of those that are moved');
  const status = input.status ?? columnOf(rows);
  const column = { project: projectId, status, without: taskIds };
  const ranks = await ranksFor(parts, userId, { column, place, rows });
  const moved: Moved[] = [];
  const changed: Moved[] = [];
  for (const part of inParts([...rows.entries()])) {
    const changes = await Promise.all(
      part.map(([index, { _id: taskId }]) =>
        changeTask(parts, { taskId, version, by: userId }, () => ({ status, rank: ranks[index] })),
      ),
    );
    for (const change of changes) {
      if (change === null) continue;
      moved.push(change.after);
      if (change.changed.length > 0) changed.push(change.after);
    }
  }
  // All of them were deleted meanwhile.
  if (moved.length === 0) throw new AppError('NOT_FOUND');
  if (changed.length > 0) await parts.publish([movedEvent(projectId, changed, userId)]);
  return { moves: moved.map(({ _id, version, status, rank }) => ({ taskId: _id, version, status, rank })) };
};

const wrong = (field: string, message: string): AppError =>
  new AppError('INVALID_INPUT', { details: { fields: { [field]: [message] } } });

/** In the order asked for. NOT_FOUND where one of them is not there. */
const rowsToMove = async (
  { tasks }: TasksParts,
  projectId: string,
  taskIds: readonly string[],
): Promise<ReadTask[]> => {
  const found = await findByKeys(taskIds, (ids) =>
    tasks
      .find({ _id: { $in: ids }, project: projectId, deletedAt: null }, UNREAD)
      .hint({ _id: 1 })
      .lean<ReadTask[]>(),
  );
  const byId = new Map(found.map((row) => [row._id, row]));
  return taskIds.map((id) => {
    const row = byId.get(id);
    if (row === undefined) throw new AppError('NOT_FOUND');
    return row;
  });
};

const columnOf = (rows: readonly ReadTask[]): TaskStatus => {
  const [status, ...others] = new Set(rows.map((row) => row.status));
  if (status === undefined || others.length > 0)
    throw wrong('status', 'must be given, for they are of several');
  return status;
};

interface Target {
  readonly column: Column;
  readonly place: MoveInput['place'];
  readonly rows: readonly ReadTask[];
}

/** Each time others may have come into the gap that was made. */
const MAX_ROUNDS = 20;

/** A rank for each row; those they have where they stand there already. */
const ranksFor = async (parts: TasksParts, userId: string, target: Target): Promise<readonly string[]> => {
  const { column, place, rows } = target;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const gap = await gapAt(parts, column, place);
    if (standsIn(gap, target)) return rows.map(({ rank }) => rank);
    const ranks = ranksBetween(gap.low?.rank ?? null, gap.high?.rank ?? null, rows.length);
    if (ranks !== null) return ranks;
    if (gap.high === null) throw new TypeError('there is always room at the end');
    const dealt = await makeRoom(parts, column, gap.high);
    if (dealt.length > 0) await parts.publish([movedEvent(column.project, dealt, userId)]);
  }
  throw new AppError('CONFLICT');
};

const standsIn = ({ low, high }: Gap, { column, rows }: Target): boolean =>
  rows.every(({ status }) => status === column.status) &&
  inOrder([...(low === null ? [] : [low]), ...rows, ...(high === null ? [] : [high])]);
