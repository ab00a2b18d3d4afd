import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { nameText, prose, someText } from '../text.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema } from './common.js';

/** What somebody may do in a project: `viewer` reads, `member` works, `admin` also changes the project and who is in it. */
export const projectRoleSchema = z.enum(['admin', 'member', 'viewer']);
export type ProjectRole = z.infer<typeof projectRoleSchema>;

/** One line, NFC, single spaces. Two projects may have the same. */
const projectNameSchema = z
  .string()
  .regex(...someText)
  .transform((value) => value.normalize('NFC').trim().replace(/\s+/gu, ' '))
  .pipe(
    z
      .string()
      .min(1, 'must not be empty')
      .max(limits.projectNameCharacters.value)
      .regex(...nameText),
  );
const descriptionSchema = z
  .string()
  .max(limits.descriptionCharacters.value)
  .regex(...prose);

/** Tasks of each status. */
const taskCountsSchema = z.object({
  todo: z.number().int(),
  inProgress: z.number().int(),
  done: z.number().int(),
});
export type TaskCounts = z.infer<typeof taskCountsSchema>;

/** A project as one of its members sees it. */
export const projectSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** Who may delete it and hand it on. Always one of the members. */
  owner: personSchema,
  /** The reader's own; the owner's is `admin`. */
  role: projectRoleSchema,
  memberCount: z.number().int(),
  taskCounts: taskCountsSchema,
  createdAt: z.date(),
  /** Since then nothing in it changes until it is restored. */
  archivedAt: z.date().nullable(),
});
export type Project = z.infer<typeof projectSchema>;

export const projectMemberSchema = z.object({
  person: personSchema,
  role: projectRoleSchema,
  isOwner: z.boolean(),
  joinedAt: z.date(),
});
export type ProjectMember = z.infer<typeof projectMemberSchema>;

export const createProjectInputSchema = z.strictObject({
  name: projectNameSchema,
  description: descriptionSchema.default(''),
});
export const projectRefSchema = z.strictObject({ projectId: opaqueIdSchema });

/** What is given is changed. */
export const updateProjectInputSchema = z.strictObject({
  projectId: opaqueIdSchema,
  name: projectNameSchema.optional(),
  description: descriptionSchema.optional(),
});
/** Both anew. */
export const replaceProjectInputSchema = z.strictObject({
  projectId: opaqueIdSchema,
  name: projectNameSchema,
  description: descriptionSchema,
});

/** One's own, the newest first; archived ones only where they are asked for. */
export const projectsListInputSchema = z
  .strictObject({
    archived: z.boolean().default(false),
    cursor: cursorSchema.optional(),
    limit: pageLimitSchema,
  })
  .prefault({});
export const projectsPageSchema = pageOf(projectSchema);

export const projectMembersInputSchema = z.strictObject({
  projectId: opaqueIdSchema,
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
/** Whoever has been there longest comes first. */
export const projectMembersPageSchema = pageOf(projectMemberSchema);

export const memberRefSchema = z.strictObject({ projectId: opaqueIdSchema, userId: opaqueIdSchema });
export const addMemberInputSchema = memberRefSchema.extend({ role: projectRoleSchema.default('member') });
export const setMemberRoleInputSchema = memberRefSchema.extend({ role: projectRoleSchema });
