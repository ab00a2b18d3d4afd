import { z } from 'zod';
import { limits } from '../limits.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema } from './common.js';

/** How two people stand to each other, seen by one of them. */
export const friendStateSchema = z.enum(['none', 'sent', 'received', 'friends', 'blocked']);
export type FriendState = z.infer<typeof friendStateSchema>;

/** What a change of a friendship answers with. */
export const friendshipSchema = z.object({ userId: z.string(), state: friendStateSchema });

/** `friends`, requests `received` and `sent`, and people one has `blocked`; the newest first. */
export const friendsListInputSchema = z.strictObject({
  state: z.enum(['friends', 'received', 'sent', 'blocked']).default('friends'),
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
/** `since`: when it came to be so. */
export const friendsPageSchema = pageOf(z.object({ person: personSchema, since: z.date() }));

/** Why somebody is suggested, as data. */
export const suggestionReasonSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('interests'), interests: z.array(z.string()) }),
  z.object({ type: z.literal('mutualFriends'), count: z.number().int(), userIds: z.array(z.string()) }),
  z.object({
    type: z.literal('conversations'),
    count: z.number().int(),
    conversationIds: z.array(z.string()),
  }),
  z.object({ type: z.literal('projects'), count: z.number().int(), projectIds: z.array(z.string()) }),
]);
export type SuggestionReason = z.infer<typeof suggestionReasonSchema>;

export const suggestionSchema = z.object({
  person: personSchema,
  score: z.number().int(),
  reasons: z.array(suggestionReasonSchema),
});
export type Suggestion = z.infer<typeof suggestionSchema>;

export const suggestionsInputSchema = z.strictObject({
  limit: z.number().int().min(1).max(limits.suggestionsMax.value).default(limits.suggestionsDefault.value),
});
export const suggestionsSchema = z.object({ items: z.array(suggestionSchema) });
