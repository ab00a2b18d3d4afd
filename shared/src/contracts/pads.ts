import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { nameText } from '../text.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema } from './common.js';

/** One line, NFC, single spaces. Two pads may have the same. */
const padTitleSchema = z
  .string()
  .transform((value) => value.normalize('NFC').trim().replace(/\s+/gu, ' '))
  .pipe(
    z
      .string()
      .min(1, 'must not be empty')
      .max(limits.padTitleCharacters.value)
      .regex(...nameText),
  );

/** A shared document of free shape, of the members of a conversation. Its document has the same id. */
export const padSchema = z.object({
  id: z.string(),
  conversationId: z.string(),
  title: z.string(),
  createdBy: personSchema,
  createdAt: z.date(),
  /** When it was last edited, to about a minute. */
  updatedAt: z.date(),
});
export type Pad = z.infer<typeof padSchema>;

export const createPadInputSchema = z.strictObject({ conversationId: opaqueIdSchema, title: padTitleSchema });
export const padRefSchema = z.strictObject({ id: opaqueIdSchema });

/** Newest first. */
export const padsListInputSchema = z.strictObject({
  conversationId: opaqueIdSchema,
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
export const padsPageSchema = pageOf(padSchema);
