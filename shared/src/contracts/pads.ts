import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { nameText, someText } from '../text.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema } from './common.js';

/** One line, NFC, single spaces. Two pads may have the same. */
const padTitleSchema = z
  .string()
  .regex(...someText)
  .transform((value) => value.normalize('NFC').trim().replace(/\s+/gu, ' '))
  .pipe(
    z
      .string()
      .min(1, 'must not be empty')
      .max(limits.padTitleCharacters.value)
      .regex(...nameText),
  );

/** A shared document of free shape, of the members of a conversation or a project. Its document has the same id. */
export const padSchema = z.object({
  id: z.string(),
  /** Null for a project's. */
  conversationId: z.string().nullable(),
  /** Null for a conversation's. */
  projectId: z.string().nullable(),
  /** The task that it describes, of that project; null for every other. */
  taskId: z.string().nullable(),
  title: z.string(),
  createdBy: personSchema,
  createdAt: z.date(),
  /** When it was last edited, to about a minute. */
  updatedAt: z.date(),
});
export type Pad = z.infer<typeof padSchema>;

/** One of them, which says where it is. */
const placeShape = { conversationId: opaqueIdSchema.optional(), projectId: opaqueIdSchema.optional() };
const isOnePlace = (input: {
  conversationId?: string | undefined;
  projectId?: string | undefined;
}): boolean => (input.conversationId === undefined) !== (input.projectId === undefined);
const onePlace = { path: ['conversationId'], error: 'give this or projectId, one of them' };

export const createPadInputSchema = z
  .strictObject({ ...placeShape, title: padTitleSchema })
  .refine(isOnePlace, onePlace)
  .meta({ oneOf: [{ required: ['conversationId'] }, { required: ['projectId'] }] });
export const padRefSchema = z.strictObject({ id: opaqueIdSchema });

/** Newest first. */
export const padsListInputSchema = z
  .strictObject({ ...placeShape, cursor: cursorSchema.optional(), limit: pageLimitSchema })
  .refine(isOnePlace, onePlace);
export const padsPageSchema = pageOf(padSchema);
