import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { prose, someText } from '../text.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema } from './common.js';

/** What somebody says of a task. */
export const commentSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  taskId: z.string(),
  author: personSchema,
  content: z.string(),
  /** User ids, in the project when they were mentioned. */
  mentions: z.array(z.string()),
  createdAt: z.date(),
  /** Null while it stands as it was first written. */
  editedAt: z.date().nullable(),
});
export type Comment = z.infer<typeof commentSchema>;

const contentSchema = z
  .string()
  .max(limits.textCharacters.value)
  .regex(...prose)
  .regex(...someText);
const mentionsSchema = z
  .array(opaqueIdSchema)
  .max(limits.mentionsPerMessage.value)
  .refine((ids) => new Set(ids).size === ids.length, 'must not name somebody twice')
  .meta({ uniqueItems: true });

export const createCommentInputSchema = z.strictObject({
  taskId: opaqueIdSchema,
  content: contentSchema,
  mentions: mentionsSchema.default([]),
});
export const commentRefSchema = z.strictObject({ commentId: opaqueIdSchema });

/** What is given is changed. */
export const updateCommentInputSchema = commentRefSchema.extend({
  content: contentSchema.optional(),
  mentions: mentionsSchema.optional(),
});
/** Both anew. */
export const replaceCommentInputSchema = commentRefSchema.extend({
  content: contentSchema,
  mentions: mentionsSchema,
});

/** The oldest first. */
export const commentsListInputSchema = z.strictObject({
  taskId: opaqueIdSchema,
  /** Only those of them. */
  ids: z.array(opaqueIdSchema).min(1).max(limits.pageItemsMax.value).optional(),
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
export const commentsPageSchema = pageOf(commentSchema);
