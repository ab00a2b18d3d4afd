import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema } from './common.js';
import { memberRefSchema, projectRoleSchema } from './projects.js';

/** That somebody may come into a project. It ends when they do, or say no, when an admin takes it back, and by time. */
export const invitationSchema = z.object({
  id: z.string(),
  project: z.object({ id: z.string(), name: z.string() }),
  /** Who is invited. */
  person: personSchema,
  /** Who did it last. */
  invitedBy: personSchema,
  role: projectRoleSchema,
  createdAt: z.date(),
  expiresAt: z.date(),
});
export type Invitation = z.infer<typeof invitationSchema>;

/** Inviting somebody again gives the invitation they have the new role, and all its time anew. */
export const inviteInputSchema = memberRefSchema.extend({ role: projectRoleSchema.default('member') });
export const invitationRefSchema = z.strictObject({ invitationId: opaqueIdSchema });

/** Those of a project, the newest first. */
export const invitationsListInputSchema = z.strictObject({
  projectId: opaqueIdSchema,
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
/** Those one has been sent, the newest first. */
export const ownInvitationsInputSchema = z
  .strictObject({ cursor: cursorSchema.optional(), limit: pageLimitSchema })
  .prefault({});
export const invitationsPageSchema = pageOf(invitationSchema);
