import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { prose } from '../text.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema, searchSchema } from './common.js';
import { profileSchema } from './users.js';

const roleSchema = z.enum(['user', 'admin']);

/** A person as an admin sees them. */
export const accountSchema = profileSchema.extend({
  email: z.string().nullable(),
  role: roleSchema,
  suspendedAt: z.date().nullable(),
});
export type Account = z.infer<typeof accountSchema>;

/** `search`: words that names begin with, or a whole e-mail address. Listed or not, everybody is found. */
export const accountsListInputSchema = z.strictObject({
  search: searchSchema.optional(),
  role: roleSchema.optional(),
  suspended: z.boolean().optional(),
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
export const accountsPageSchema = pageOf(accountSchema);

const reasonSchema = z
  .string()
  .trim()
  .max(limits.reasonCharacters.value)
  .regex(...prose)
  .default('');

/** `reason`: for those who read the audit. */
export const accountActInputSchema = z.strictObject({ userId: opaqueIdSchema, reason: reasonSchema });
export const setRoleInputSchema = accountActInputSchema.extend({ role: roleSchema });

export const auditActSchema = z.enum(['suspend', 'restore', 'setRole', 'revokeSessions']);
export type AuditAct = z.infer<typeof auditActSchema>;

/** Something that an admin did. `by` null: from the command line. */
export const auditEntrySchema = z.object({
  id: z.string(),
  at: z.date(),
  by: personSchema.nullable(),
  act: auditActSchema,
  target: personSchema,
  /** What exactly: the new role. */
  detail: z.string(),
  reason: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditListInputSchema = z.strictObject({
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
export const auditPageSchema = pageOf(auditEntrySchema);

/** How much there is, as of now. `connections` and `documents`: open on this server. */
export const statsSchema = z.object({
  users: z.number().int(),
  suspended: z.number().int(),
  conversations: z.number().int(),
  messages: z.number().int(),
  connections: z.number().int(),
  documents: z.number().int(),
});
export type Stats = z.infer<typeof statsSchema>;
