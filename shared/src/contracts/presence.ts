import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema } from './common.js';

/** How somebody wants to be seen while they are here; `invisible` looks like not being here. */
export const ownStatusSchema = z.enum(['available', 'away', 'invisible']);
export type OwnStatus = z.infer<typeof ownStatusSchema>;

/** Whether somebody is here, as one person may know it. */
export const presenceSchema = z.object({
  userId: z.string(),
  /** `offline` also for the invisible, for nobody, and for whomever a block hides. */
  status: z.enum(['available', 'away', 'offline']),
  /** When they were last here; null while they are, and where they do not tell. */
  lastSeenAt: z.date().nullable(),
});
export type Presence = z.infer<typeof presenceSchema>;

export const onlineSchema = z.object({
  person: personSchema,
  status: z.enum(['available', 'away']),
  /** Since when they have been here. */
  since: z.date(),
});
export type Online = z.infer<typeof onlineSchema>;

/** `everyone`: who lets themselves be listed, and friends. Whoever came last comes first. */
export const onlineInputSchema = z
  .strictObject({
    among: z.enum(['everyone', 'friends']).default('everyone'),
    cursor: cursorSchema.optional(),
    limit: pageLimitSchema,
  })
  .prefault({});
export const onlinePageSchema = pageOf(onlineSchema);

export const presenceInputSchema = z.strictObject({
  userIds: z.array(opaqueIdSchema).min(1).max(limits.presenceWatched.value),
});
/** One for each that was asked for, in no order. */
export const presencesSchema = z.object({ items: z.array(presenceSchema) });

export const statusSchema = z.strictObject({ status: ownStatusSchema });
