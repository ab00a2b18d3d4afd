import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { nameText, prose, someText } from '../text.js';
import { cursorSchema, foldName, pageLimitSchema, pageOf, personSchema, searchSchema } from './common.js';

export const taskStatusSchema = z.enum(['todo', 'inProgress', 'done']);
export type TaskStatus = z.infer<typeof taskStatusSchema>;

export const taskPrioritySchema = z.enum(['low', 'medium', 'high']);
export type TaskPriority = z.infer<typeof taskPrioritySchema>;

/** An instant, and the place (IANA time zone) where it was meant: clients show both. */
export const dueSchema = z.strictObject({
  at: z.date(),
  timeZone: z
    .string()
    .max(limits.timeZoneCharacters.value)
    .refine(isTimeZone, 'must be a time zone like Europe/Berlin')
    .meta({ format: 'time-zone' }),
});
export type Due = z.infer<typeof dueSchema>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false; // RangeError: no zone of that name.
  }
}

/** What of a task is small enough for lists and events. */
export const taskFieldsSchema = z.object({
  title: z.string(),
  status: taskStatusSchema,
  priority: taskPrioritySchema,
  /** User ids, all of them in the project. */
  assignees: z.array(z.string()),
  due: dueSchema.nullable(),
  labels: z.array(z.string()),
  /** Its place on the board among those of its status: compare as text, code unit by code unit. */
  rank: z.string(),
});

const titleSchema = z
  .string()
  .regex(...someText)
  .transform((value) => value.normalize('NFC').trim().replace(/\s+/gu, ' '))
  .pipe(
    z
      .string()
      .min(1, 'must not be empty')
      .max(limits.taskTitleCharacters.value)
      .regex(...nameText),
  );

/** One line, NFC, single spaces. */
const labelSchema = z
  .string()
  .regex(...someText)
  .transform((value) => value.normalize('NFC').trim().replace(/\s+/gu, ' '))
  .pipe(
    z
      .string()
      .min(1, 'must not be empty')
      .max(limits.labelCharacters.value)
      .regex(...nameText),
  );

const unique = (values: readonly string[], fold: (value: string) => string): boolean =>
  new Set(values.map(fold)).size === values.length;

const labelsSchema = z
  .array(labelSchema)
  .max(limits.labelsPerTask.value)
  .refine((labels) => unique(labels, foldName), 'must differ in more than letter case')
  .meta({ uniqueItems: true });
const assigneesSchema = z
  .array(opaqueIdSchema)
  .max(limits.taskAssignees.value)
  .refine((ids) => unique(ids, (id) => id), 'must not name somebody twice')
  .meta({ uniqueItems: true });
const descriptionSchema = z
  .string()
  .max(limits.descriptionCharacters.value)
  .regex(...prose);

/** A task as lists tell it. */
export const taskItemSchema = taskFieldsSchema.extend({
  id: z.string(),
  projectId: z.string(),
  hasDescription: z.boolean(),
  /** The pad that belongs to it; null where it has none. */
  padId: z.string().nullable(),
  /** 1 when it is made, one more with each change. */
  version: z.number().int(),
  createdBy: personSchema,
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type TaskItem = z.infer<typeof taskItemSchema>;

export const taskSchema = taskItemSchema.extend({ description: z.string() });
export type Task = z.infer<typeof taskSchema>;

export const createTaskInputSchema = z.strictObject({
  projectId: opaqueIdSchema,
  title: titleSchema,
  description: descriptionSchema.default(''),
  status: taskStatusSchema.default('todo'),
  priority: taskPrioritySchema.default('medium'),
  assignees: assigneesSchema.default([]),
  due: dueSchema.nullable().default(null),
  labels: labelsSchema.default([]),
});

export const taskRefSchema = z.strictObject({ taskId: opaqueIdSchema });

/** Where it is given and another one by now, nothing changes: CONFLICT, with the task as it is under `current`. */
const versionSchema = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional();

export const deleteTaskInputSchema = taskRefSchema.extend({ version: versionSchema });

/** What is given is changed. */
export const updateTaskInputSchema = z.strictObject({
  taskId: opaqueIdSchema,
  version: versionSchema,
  title: titleSchema.optional(),
  description: descriptionSchema.optional(),
  status: taskStatusSchema.optional(),
  priority: taskPrioritySchema.optional(),
  assignees: assigneesSchema.optional(),
  due: dueSchema.nullable().optional(),
  labels: labelsSchema.optional(),
});
/** Everything anew. */
export const replaceTaskInputSchema = z.strictObject({
  taskId: opaqueIdSchema,
  version: versionSchema,
  title: titleSchema,
  description: descriptionSchema,
  status: taskStatusSchema,
  priority: taskPrioritySchema,
  assignees: assigneesSchema,
  due: dueSchema.nullable(),
  labels: labelsSchema,
});

/** Among the tasks of a column; a neighbour is one of it that is not moved itself. */
const taskPlaceSchema = z.union(
  [
    z.enum(['first', 'last']),
    z.strictObject({ before: opaqueIdSchema }),
    z.strictObject({ after: opaqueIdSchema }),
  ],
  "must be 'first', 'last', { before: id } or { after: id }",
);
export type TaskPlace = z.infer<typeof taskPlaceSchema>;

/** In the order given, which they have afterwards. */
export const moveTasksInputSchema = z
  .strictObject({
    projectId: opaqueIdSchema,
    taskIds: z
      .array(opaqueIdSchema)
      .min(1)
      .max(limits.tasksMoved.value)
      .refine((ids) => unique(ids, (id) => id), 'must not name a task twice')
      .meta({ uniqueItems: true }),
    /** The column; without it they stay in theirs, which must be the same for all. */
    status: taskStatusSchema.optional(),
    place: taskPlaceSchema,
    version: versionSchema,
  })
  .refine(({ taskIds, version }) => version === undefined || taskIds.length === 1, {
    path: ['version'],
    message: 'is of one task alone',
  });
export const movedTasksSchema = z.object({
  moves: z.array(
    z.object({
      taskId: z.string(),
      version: z.number().int(),
      status: taskStatusSchema,
      rank: z.string(),
    }),
  ),
});
export type MovedTasks = z.infer<typeof movedTasksSchema>;

/** All that is given must hold. */
export const tasksListInputSchema = z.strictObject({
  projectId: opaqueIdSchema,
  status: z.array(taskStatusSchema).min(1).max(taskStatusSchema.options.length).optional(),
  /** Null: nobody's. */
  assignee: opaqueIdSchema.nullable().optional(),
  /** Its time is over, and it is not done. */
  overdue: z.literal(true).optional(),
  label: labelSchema.optional(),
  /** Words that words of title or description begin with. */
  text: searchSchema.optional(),
  /** Only those of them: what of a list that is shown still belongs there. */
  ids: z.array(opaqueIdSchema).min(1).max(limits.pageItemsMax.value).optional(),
  /** `created` and `updated`: newest first; `due`: soonest first, without one last; `priority`: high first, of equals the newest. */
  sort: z.enum(['board', 'created', 'updated', 'due', 'priority']).default('created'),
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
export const tasksPageSchema = pageOf(taskItemSchema);

export const taskHistoryInputSchema = z.strictObject({
  taskId: opaqueIdSchema,
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
/** What became of status and assignees, the newest first; `by` is null where nobody did it, as when an assignee has left. */
export const taskHistoryPageSchema = pageOf(
  z.object({
    /** Of the task, since then. */
    version: z.number().int(),
    at: z.date(),
    by: personSchema.nullable(),
    status: z.object({ from: taskStatusSchema, to: taskStatusSchema }).nullable(),
    assignees: z.object({ from: z.array(z.string()), to: z.array(z.string()) }).nullable(),
  }),
);
export type TaskHistoryPage = z.infer<typeof taskHistoryPageSchema>;
