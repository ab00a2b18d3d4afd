// Owns what of a task follows from what people say of it. Pure.
import { isDeepStrictEqual } from 'node:util';
import { foldName, type TaskPriority, type TaskStatus } from '@parley/shared';
import { termsOf } from '../../platform/terms.js';
import type { TaskRow } from './task.model.js';

/** So long before its time a task is near. */
const NEAR_MS = 24 * 60 * 60 * 1_000;
/** A title, and a page or so of the description; every term is an entry of an index. */
const MAX_TERMS = 500;

/** As they stand side by side on the board. */
export const STATUSES: readonly TaskStatus[] = ['todo', 'inProgress', 'done'];
export const URGENCY: Readonly<Record<TaskPriority, number>> = { high: 0, medium: 1, low: 2 };

const fields = [
  'title',
  'description',
  'status',
  'priority',
  'assignees',
  'due',
  'labels',
  'rank',
] as const satisfies readonly (keyof TaskRow)[];
export type TaskField = (typeof fields)[number];
/** What people say of a task. */
export type TaskFields = Pick<TaskRow, TaskField>;
/** What of it is given anew; what is absent or undefined stays. */
export type TaskPatch = { readonly [Field in TaskField]?: TaskRow[Field] | undefined };

/** Those fields of a patch that are another way than they were. The order of assignees says nothing. */
export const changedFields = (row: TaskFields, patch: TaskPatch): TaskField[] =>
  fields.filter((field) => {
    const value = patch[field];
    if (value === undefined) return false;
    return field === 'assignees'
      ? !isDeepStrictEqual(new Set(row.assignees), new Set(patch.assignees))
      : !isDeepStrictEqual(row[field], value);
  });

/** What follows from the fields, `changed` or all of them. */
export const derived = (task: TaskFields, changed: readonly TaskField[] = fields) => {
  const has = (...names: readonly TaskField[]): boolean => names.some((name) => changed.includes(name));
  return {
    ...(has('title', 'description') && {
      terms: termsOf([task.title, task.description], MAX_TERMS),
      hasDescription: task.description !== '',
    }),
    ...(has('priority') && { urgency: URGENCY[task.priority] }),
    ...(has('labels') && { labelKeys: task.labels.map(foldName) }),
  };
};

/** When to tell that its time is near; null for what is done, has no time, or is late already. */
export const remindAtOf = ({ status, due }: Pick<TaskFields, 'status' | 'due'>, now: Date): Date | null =>
  status === 'done' || due === null || due.at <= now ? null : new Date(due.at.getTime() - NEAR_MS);

/** A new row. */
export const newTaskRow = (
  task: TaskFields & Pick<TaskRow, '_id' | 'project' | 'createdBy'>,
  now: Date,
): TaskRow => {
  const { terms = [], hasDescription = false, urgency = 1, labelKeys = [] } = derived(task);
  const remindAt = remindAtOf(task, now);
  return {
    ...task,
    ...{ terms, hasDescription, urgency, labelKeys, padId: null, version: 1, history: [] },
    ...{ createdAt: now, updatedAt: now },
    ...(remindAt !== null && { remindAt }),
  };
};
