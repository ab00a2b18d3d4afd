// Owns how tasks are told and taken by the plain API: one person of those who do it, and words for status and priority that people read.
import { createTaskInputSchema, opaqueIdSchema, type Task, updateTaskInputSchema } from '@parley/shared';
import { z } from 'zod';
import type { Api } from '../route.js';

const statuses = { 'To Do': 'todo', 'In Progress': 'inProgress', Done: 'done' } as const;
const priorities = { Low: 'low', Medium: 'medium', High: 'high' } as const;
const statusWord = z.enum(['To Do', 'In Progress', 'Done']);
const priorityWord = z.enum(['Low', 'Medium', 'High']);

const statusWords = { todo: 'To Do', inProgress: 'In Progress', done: 'Done' } as const;
const priorityWords = { low: 'Low', medium: 'Medium', high: 'High' } as const;

export const taskBody = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  status: statusWord,
  priority: priorityWord,
  /** The first of them. */
  assigned_to: z.string().nullable(),
  project: z.string(),
  created_at: z.date(),
  due_date: z.date().nullable(),
});

export const toTaskBody = (task: Task): z.input<typeof taskBody> => ({
  ...{ id: task.id, title: task.title, description: task.description, project: task.projectId },
  status: statusWords[task.status],
  priority: priorityWords[task.priority],
  assigned_to: task.assignees[0] ?? null,
  created_at: task.createdAt,
  due_date: task.due?.at ?? null,
});

const { title, description } = createTaskInputSchema.shape;
const changed = updateTaskInputSchema.shape;
const details = {
  status: statusWord.optional(),
  priority: priorityWord.optional(),
  assigned_to: opaqueIdSchema.nullable().optional(),
  due_date: z.date().nullable().optional(),
};

export const newTask = z.object({ title, description, ...details });
export const changedTask = z.object({ title: changed.title, description: changed.description, ...details });
export const replacedTask = z.object({ title, description: description.unwrap(), ...details });

/** What procedures call otherwise. */
export const taskNames = {
  assignees: 'assigned_to',
  'assignees.0': 'assigned_to',
  due: 'due_date',
  'due.at': 'due_date',
};

type Changed = z.output<typeof changedTask>;

/** For a new task; times are in UTC. */
export const toNew = ({ title, description, ...given }: z.output<typeof newTask>) => ({
  ...{ title, description, ...wordsOf(given) },
  ...(given.assigned_to && { assignees: [given.assigned_to] }),
  ...(given.due_date && { due: { at: given.due_date, timeZone: 'UTC' } }),
});

/**
 * What is given of a task. Others who do it too stay where its first is the one that is given, and its time keeps its zone: a task that
 * is written as it was read stays as it was.
 */
export const toChange = async (
  api: Api,
  taskId: string,
  { assigned_to: person, due_date: at, status, priority, ...texts }: Changed,
) => {
  const before = person === undefined && at === undefined ? null : await api.tasks.get({ taskId });
  const isFirst = person === undefined || person === before?.assignees[0];
  return {
    ...{ ...texts, ...wordsOf({ status, priority }) },
    ...(!isFirst && { assignees: person === null ? [] : [person] }),
    ...(at !== undefined && {
      due: at === null ? null : { at, timeZone: before?.due?.timeZone ?? 'UTC' },
    }),
  };
};

const wordsOf = ({ status, priority }: Pick<Changed, 'status' | 'priority'>) => ({
  ...(status !== undefined && { status: statuses[status] }),
  ...(priority !== undefined && { priority: priorities[priority] }),
});
