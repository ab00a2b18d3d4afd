import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { someText } from '../text.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema } from './common.js';
import { messageSchema } from './messages.js';
import { presenceSchema } from './presence.js';

/** NFC, single spaces; two names that differ only in letter case are one room. */
export const roomNameSchema = z
  .string()
  .regex(...someText)
  .transform((value) => value.normalize('NFC').trim().replace(/\s+/gu, ' '))
  .pipe(
    z
      .string()
      .min(1, 'must not be empty')
      .max(limits.roomNameCharacters.value)
      .regex(/^[^\p{Cc}\p{Cf}\p{Cs}]*$/u, 'must not hold control characters'),
  );

export const conversationKindSchema = z.enum(['direct', 'group', 'room']);
export const visibilitySchema = z.enum(['public', 'private']);
export const conversationRoleSchema = z.enum(['owner', 'admin', 'member']);

/** What it is like in a conversation. Admins set it; in direct conversations only `retentionDays` has a meaning. */
export const conversationSettingsSchema = z.object({
  /** Public: whoever is signed in may know of it. A public room is joined by its name, a public group by its id. */
  visibility: visibilitySchema,
  /** Of a public group: whoever wants to come in is let in by an admin. */
  approval: z.boolean(),
  /** From where whoever comes in sees what was said: from the start, or from when they come in. Those who are in keep what they have. */
  history: z.enum(['all', 'fromJoin']),
  /** Whether it says in the conversation itself who comes and goes. */
  announces: z.boolean(),
  /** Members at most; null for as many as may be in any. */
  capacity: z.number().int().min(1).max(limits.conversationMembers.value).nullable(),
  /** So long whoever has said something waits before the next, admins aside, ms; 0 for no wait. */
  slowModeMs: z.number().int().min(0).max(limits.slowModeMs.value),
  /** What is older than so many days is erased; null for never. */
  retentionDays: z.number().int().min(1).max(limits.retentionDays.value).nullable(),
});
export type ConversationSettings = z.infer<typeof conversationSettingsSchema>;

/** What a member sets for themselves alone. */
export const ownSettingsSchema = z.object({
  /** No notifications until then. */
  mutedUntil: z.date().nullable(),
  pinnedAt: z.date().nullable(),
  archivedAt: z.date().nullable(),
});

/** What one of its members is in it, and has set for themselves. */
const ownPlaceSchema = ownSettingsSchema.extend({
  role: conversationRoleSchema,
  joinedAt: z.date(),
  /** By an admin: reads, writes nothing. */
  silenced: z.boolean(),
  /** Nothing up to and including that message is shown. */
  sinceSeq: z.number().int(),
  lastReadSeq: z.number().int(),
  /** Of a direct conversation: for so many days one wants it kept; null for ever. */
  keepDays: z.number().int().nullable(),
});

/** A conversation as one of its members sees it. */
export const conversationSchema = z.object({
  id: z.string(),
  kind: conversationKindSchema,
  /** Null for a direct conversation: show the other person. */
  name: z.string().nullable(),
  topic: z.string(),
  /** The other person of a direct conversation, else null. */
  peer: personSchema.nullable(),
  settings: conversationSettingsSchema,
  /** Nobody writes in it any more. */
  archivedAt: z.date().nullable(),
  memberCount: z.number().int(),
  lastMessage: messageSchema.nullable(),
  messageCount: z.number().int(),
  unread: z.number().int(),
  /** When something last happened here. */
  activeAt: z.date(),
  createdAt: z.date(),
  me: ownPlaceSchema,
});
export type Conversation = z.infer<typeof conversationSchema>;

/** Where one is and what waits there. `memberships`: the newest-joined, and whether there are more; `unread`: over all of them. */
export const overviewSchema = z.object({
  memberships: z.object({
    items: z.array(z.object({ conversationId: z.string(), role: z.enum(['owner', 'admin', 'member']) })),
    hasMore: z.boolean(),
  }),
  unread: z.number().int().min(0),
});

export type Overview = z.infer<typeof overviewSchema>;

export const startInputSchema = z.strictObject({ userId: opaqueIdSchema });
/** `presence`: of the other person; whoever is away is written to all the same. */
export const startOutputSchema = z.object({
  conversation: conversationSchema,
  created: z.boolean(),
  presence: presenceSchema,
});
export type Started = z.infer<typeof startOutputSchema>;

/** Nothing given: the first page of all of them. */
export const conversationsListInputSchema = z
  .strictObject({
    kind: conversationKindSchema.optional(),
    /** Only those that one has archived, or only those that one has not. */
    archived: z.boolean().optional(),
    /** Only those that are pinned, or only those that are not. */
    pinned: z.boolean().optional(),
    cursor: cursorSchema.optional(),
    limit: pageLimitSchema,
  })
  .prefault({});
export const conversationsPageSchema = pageOf(conversationSchema);

export const conversationRefSchema = z.strictObject({ conversationId: opaqueIdSchema });

/** `until`: null for no longer. */
export const muteInputSchema = conversationRefSchema.extend({ until: z.date().nullable() });
export const pinInputSchema = conversationRefSchema.extend({ pinned: z.boolean() });
export const archiveInputSchema = conversationRefSchema.extend({ archived: z.boolean() });

/** Of a direct conversation, which is kept as long as either of the two wants; null for ever. */
export const keepInputSchema = conversationRefSchema.extend({
  days: conversationSettingsSchema.shape.retentionDays,
});

export const participantSchema = z.object({
  person: personSchema,
  role: conversationRoleSchema,
  joinedAt: z.date(),
  silenced: z.boolean(),
  /** Read up to and including. */
  lastReadSeq: z.number().int(),
  presence: presenceSchema,
});
export type Participant = z.infer<typeof participantSchema>;
export const participantsInputSchema = conversationRefSchema.extend({
  role: conversationRoleSchema.optional(),
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
export const participantsPageSchema = pageOf(participantSchema);

/** `seq`: of the last message that was read; the pointer never moves back. */
export const markReadInputSchema = z.strictObject({
  conversationId: opaqueIdSchema,
  seq: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});
export const readMarkSchema = z.object({ lastReadSeq: z.number().int(), unread: z.number().int().min(0) });
export type ReadMark = z.infer<typeof readMarkSchema>;
