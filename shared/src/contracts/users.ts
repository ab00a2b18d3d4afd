import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { prose, someText } from '../text.js';
import { emailSchema, givenPasswordSchema, personNameSchema, usernameSchema } from './auth.js';
import { cursorSchema, pageLimitSchema, pageOf, searchSchema } from './common.js';

/** Plain text that people read: no control characters but line breaks and tabs. */
const proseSchema = z
  .string()
  .trim()
  .max(limits.bioCharacters.value)
  .regex(...prose);

const interestSchema = z
  .string()
  .regex(...someText)
  .transform((value) => value.normalize('NFC').trim().replace(/\s+/gu, ' '))
  .pipe(
    z
      .string()
      .min(1)
      .max(limits.interestCharacters.value)
      .regex(/^[^\p{Cc}\p{Cf}\p{Cs}]*$/u, 'must not hold control characters'),
  );
const interestsSchema = z.array(interestSchema).max(limits.interestsPerUser.value);

/** Who may see when somebody was last here. */
export const lastSeenSchema = z.enum(['everyone', 'friends', 'nobody']);

/** What everybody may know of a person. */
export const profileSchema = z.object({
  id: z.string(),
  username: z.string().nullable(),
  /** What to call them: first and last name, else the username. */
  name: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  bio: z.string(),
  interests: z.array(z.string()),
  createdAt: z.date(),
});
export type Profile = z.infer<typeof profileSchema>;

export const userRefSchema = z.strictObject({ userId: opaqueIdSchema });

/** `search`: words, each of which one of the person's names must begin with. */
export const usersListInputSchema = z.strictObject({
  search: searchSchema.optional(),
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
export const usersPageSchema = pageOf(profileSchema);

/** With one's own password. */
export const deleteUserInputSchema = z.strictObject({ password: givenPasswordSchema });

const fields = {
  username: usernameSchema.nullable(),
  email: emailSchema.nullable(),
  firstName: personNameSchema,
  lastName: personNameSchema,
  bio: proseSchema,
  interests: interestsSchema,
  lastSeen: lastSeenSchema,
  isListed: z.boolean(),
};

/** What is given is changed. A username or an e-mail address that is null is given up; one of them must stay. */
export const updateUserInputSchema = z.strictObject(fields).partial();

/** The whole profile anew. */
export const replaceUserInputSchema = z.strictObject(fields);
