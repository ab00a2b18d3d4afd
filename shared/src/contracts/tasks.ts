import { z } from 'zod';
import { limits } from '../limits.js';
import { nameText } from '../text.js';

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
    .refine(isTimeZone, 'must be a time zone like Europe/Berlin'),
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

export const taskTitleSchema = z
  .string()
  .transform((value) => value.normalize('NFC').trim().replace(/\s+/gu, ' '))
  .pipe(
    z
      .string()
      .min(1, 'must not be empty')
      .max(limits.taskTitleCharacters.value)
      .regex(...nameText),
  );
