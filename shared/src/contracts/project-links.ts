import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { personSchema } from './common.js';

const HOUR_MS = 60 * 60 * 1_000;

/** What somebody may become by a link. Never an admin: whoever is handed the link may use it. */
const linkRoleSchema = z.enum(['member', 'viewer']);

/** A way into a project for whoever has its token, so many times, for so long. */
export const projectLinkSchema = z.object({
  id: z.string(),
  token: z.string(),
  role: linkRoleSchema,
  createdBy: personSchema,
  createdAt: z.date(),
  expiresAt: z.date(),
  maxUses: z.number().int(),
  uses: z.number().int(),
});
export type ProjectLink = z.infer<typeof projectLinkSchema>;

/** How long and how often a link lets somebody in. */
export const linkTermsSchema = z.strictObject({
  expiresInHours: z
    .number()
    .int()
    .min(1)
    .max(limits.linkMs.value / HOUR_MS)
    .default(7 * 24),
  maxUses: z.number().int().min(1).max(limits.linkUses.value).default(25),
});
export const createLinkInputSchema = linkTermsSchema.extend({
  projectId: opaqueIdSchema,
  role: linkRoleSchema.default('member'),
});
/** All that still let somebody in, or would if they were not used up; the newest first. */
export const linksSchema = z.object({ items: z.array(projectLinkSchema) });
export const linkRefSchema = z.strictObject({ linkId: opaqueIdSchema });

/** As `links.create` gave it. */
export const linkTokenInputSchema = z.strictObject({ token: z.string().min(1).max(500) });

/** What one is told before one joins. */
export const linkPreviewSchema = z.object({
  project: z.object({ id: z.string(), name: z.string(), memberCount: z.number().int() }),
  /** Who made the link. */
  invitedBy: personSchema,
  role: linkRoleSchema,
  expiresAt: z.date(),
});
export type LinkPreview = z.infer<typeof linkPreviewSchema>;
