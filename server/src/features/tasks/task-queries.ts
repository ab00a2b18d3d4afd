// Owns how a page of tasks is asked for: which index gives the order, which rows of it, and where it goes on. Pure.
import { foldName, type tasksListInputSchema } from '@parley/shared';
import { z } from 'zod';
import { startsWith } from '../../platform/rows.js';
import { wordsSought } from '../../platform/terms.js';
import { type ListedTask, taskIndexes } from './task.model.js';
import { STATUSES, URGENCY } from './task-fields.js';

export type TasksListInput = z.output<typeof tasksListInputSchema>;
type Sort = TasksListInput['sort'];

/** Where a list is: the stretch, the key within it where it is in the order of one, and the id. */
export const placeSchema = z.tuple([
  z.number().int().min(0).max(2),
  z.union([z.string().max(1_000), z.number().int().min(-8_640_000_000_000_000).max(8_640_000_000_000_000)]),
  z.string().min(1).max(64),
]);
export type ListPlace = z.output<typeof placeSchema>;

/** A stretch of a list: rows that one run through an index gives in order, by the key and then by id. */
interface Stretch {
  readonly where: object;
  readonly key?: { readonly path: string; readonly of: (row: ListedTask) => string | Date };
  readonly order: 1 | -1;
}

interface Order {
  readonly index: object;
  /** One after the other. */
  readonly stretches: readonly Stretch[];
}

const rank = { path: 'rank', of: (row: ListedTask) => row.rank };
const dueAt = { path: 'due.at', of: (row: ListedTask) => row.due?.at ?? new Date(0) };
const updatedAt = { path: 'updatedAt', of: (row: ListedTask) => row.updatedAt };

export const orders: Readonly<Record<Sort, Order>> = {
  board: {
    index: taskIndexes.board,
    stretches: STATUSES.map((status) => ({ where: { status }, key: rank, order: 1 })),
  },
  created: { index: taskIndexes.created, stretches: [{ where: {}, order: -1 }] },
  updated: { index: taskIndexes.updated, stretches: [{ where: {}, key: updatedAt, order: -1 }] },
  due: {
    index: taskIndexes.due,
    stretches: [
      { where: { 'due.at': { $gte: new Date(-8_640_000_000_000_000) } }, key: dueAt, order: 1 },
      { where: { 'due.at': null }, order: 1 },
    ],
  },
  priority: {
    index: taskIndexes.priority,
    stretches: Object.values(URGENCY).map((urgency) => ({ where: { urgency }, order: -1 })),
  },
};

export const placeIn = (sort: Sort, stretch: number, row: ListedTask): ListPlace => {
  const value = orders[sort].stretches[stretch]?.key?.of(row) ?? '';
  return [stretch, value instanceof Date ? value.getTime() : value, row._id];
};

/** One question to the store. */
export interface TaskQuery {
  readonly filter: object;
  readonly sort: Record<string, 1 | -1>;
  readonly hint: object;
}

/** What of a list a stretch holds after a place. */
export const stretchQuery = (
  input: TasksListInput,
  from: {
    readonly stretch: number;
    readonly after: ListPlace | null;
    /** One of the conditions that little satisfies: what is found by it is put in order. */
    readonly narrow: Condition | null;
    readonly now: Date;
  },
): TaskQuery | null => {
  const { stretch, after, narrow, now } = from;
  const { index, stretches } = orders[input.sort];
  const part = stretches[stretch];
  if (part === undefined) return null;
  const { where, key, order } = part;
  const within = after !== null && after[0] === stretch ? [beyond(part, after)] : [];
  // Of two conditions on one list of values an index serves the first.
  const first = narrow === null ? [] : [narrow.is];
  return {
    filter: { $and: [...first, ...conditions(input, now).map(({ is }) => is), where, ...within] },
    sort: { ...(key !== undefined && { [key.path]: order }), _id: order },
    hint: narrow?.index ?? index,
  };
};

const beyond = ({ key, order }: Stretch, [, value, id]: ListPlace): object => {
  const way = order === 1 ? '$gt' : '$lt';
  if (key === undefined) return { _id: { [way]: id } };
  const at = key === rank ? value : new Date(value);
  // Said twice: the first is where to go into the index.
  return {
    $and: [
      { [key.path]: { [`${way}e`]: at } },
      { $or: [{ [key.path]: { [way]: at } }, { [key.path]: at, _id: { [way]: id } }] },
    ],
  };
};

/** One condition of a list, and the index that finds it, where one does. */
export interface Condition {
  readonly is: object;
  readonly index?: object;
}

/** All of them; each holds the project, so that it may be asked for alone. */
export const conditions = (input: TasksListInput, now: Date): Condition[] => {
  const { projectId: project, status, assignee, overdue, label, text, ids } = input;
  const given: Condition[] = [{ is: { project, deletedAt: null } }];
  if (ids !== undefined) given.push({ is: { project, _id: { $in: ids } }, index: { _id: 1 } });
  for (const word of wordsSought(text ?? ''))
    given.push({ is: { project, terms: startsWith(word) }, index: taskIndexes.terms });
  if (typeof assignee === 'string')
    given.push({ is: { project, assignees: assignee }, index: taskIndexes.assignees });
  if (assignee === null) given.push({ is: { assignees: { $size: 0 } } });
  if (label !== undefined)
    given.push({ is: { project, labelKeys: foldName(label) }, index: taskIndexes.labels });
  if (overdue) {
    const open = STATUSES.filter((one) => one !== 'done');
    const is = { project, status: { $in: open }, 'due.at': { $lt: now } };
    given.push({ is, index: taskIndexes.overdue });
  }
  if (status !== undefined)
    given.push({ is: { project, status: { $in: status } }, index: taskIndexes.board });
  return given;
};
