// Owns listing tasks: page by page, by any filter in any order, and always through an index. What is rare is found by the index of its
// filter and put in order in memory; else the index of the order is gone through, and the rest is looked at on the way.
import type { Task, TaskItem } from '@parley/shared';
import { decodeCursor, encodeCursor } from '../../platform/cursor.js';
import { getAccess } from '../projects/index.js';
import type { TasksParts } from './change-task.js';
import { toItems, toTasks } from './show-tasks.js';
import { type ListedTask, type ReadTask, type TaskModel, UNREAD } from './task.model.js';
import {
  type Condition,
  conditions,
  type ListPlace,
  orders,
  placeIn,
  placeSchema,
  stretchQuery,
  type TaskQuery,
  type TasksListInput,
} from './task-queries.js';

/** Rows that are rare enough to be put in order in memory. */
const FEW = 300;

export const listTasks = async (
  parts: TasksParts,
  userId: string,
  input: TasksListInput,
): Promise<{ items: TaskItem[]; nextCursor: string | null }> => {
  const fields = { ...UNREAD, description: 0 } as const;
  const { rows, nextCursor } = await findPage<ListedTask>(parts, userId, { input, fields });
  return { items: await toItems(parts.users, rows), nextCursor };
};

/** The same with their descriptions. */
export const listWholeTasks = async (
  parts: TasksParts,
  userId: string,
  input: TasksListInput,
): Promise<{ items: Task[]; nextCursor: string | null }> => {
  const { rows, nextCursor } = await findPage<ReadTask>(parts, userId, { input, fields: UNREAD });
  return { items: await toTasks(parts.users, rows), nextCursor };
};

/** `fields`: those that are not read. */
interface Wanted {
  readonly input: TasksListInput;
  readonly fields: Readonly<Record<string, 0>>;
}

const findPage = async <Row extends ListedTask>(
  parts: TasksParts,
  userId: string,
  { input, fields }: Wanted,
): Promise<{ readonly rows: Row[]; readonly nextCursor: string | null }> => {
  const { projectId, sort, cursor, limit } = input;
  const list = `tasks.${sort}`;
  let after: ListPlace | null = cursor === undefined ? null : decodeCursor(list, placeSchema, cursor);
  await getAccess(parts, { projectId, userId, needs: 'viewer' });
  const now = new Date();
  const narrow = await narrowest(parts.tasks, input, now);
  const found: { readonly row: Row; readonly stretch: number }[] = [];
  for (let stretch = after?.[0] ?? 0; stretch < orders[sort].stretches.length; stretch += 1) {
    const query = stretchQuery(input, { stretch, after, narrow, now });
    if (query === null) break;
    const rows = await ask<Row>(parts.tasks, query, { fields, limit: limit + 1 - found.length });
    found.push(...rows.map((row) => ({ row, stretch })));
    if (found.length > limit) break;
    after = null;
  }
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return {
    rows: shown.map(({ row }) => row),
    nextCursor: hasMore ? encodeCursor(list, placeIn(sort, last.stretch, last.row)) : null,
  };
};

const ask = async <Row>(
  tasks: TaskModel,
  { filter, sort, hint }: TaskQuery,
  { fields, limit }: Pick<Wanted, 'fields'> & { readonly limit: number },
): Promise<Row[]> =>
  await tasks
    .find(filter, fields)
    .hint({ ...hint })
    .sort(sort)
    .limit(limit)
    .lean<Row[]>();

/** The first condition that few tasks satisfy; null where none is so rare. */
export const narrowest = async (
  tasks: TaskModel,
  input: TasksListInput,
  now: Date,
): Promise<Condition | null> => {
  for (const condition of conditions(input, now)) {
    const { is, index } = condition;
    if (index === undefined) continue;
    const found = await tasks
      .find(is)
      .hint({ ...index })
      .limit(FEW + 1)
      .select({ _id: 1 })
      .lean();
    if (found.length <= FEW) return condition;
  }
  return null;
};
