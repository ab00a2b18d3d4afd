// Groups and rooms: what both have in common, and what each has of its own.
import { z } from 'zod';
import { opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { nameText, oneLine, prose, someText } from '../text.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema } from './common.js';
import { conversationRoleSchema, conversationSettingsSchema, roomNameSchema } from './conversations.js';
import { messageSchema } from './messages.js';
import { linkTermsSchema, projectLinkSchema } from './project-links.js';

/** One line, NFC, single spaces. Nobody makes two groups whose names differ only in letter case. */
const groupNameSchema = z
  .string()
  .regex(...someText)
  .transform((value) => value.normalize('NFC').trim().replace(/\s+/gu, ' '))
  .pipe(
    z
      .string()
      .min(1, 'must not be empty')
      .max(limits.groupNameCharacters.value)
      .regex(...nameText),
  );
const topicSchema = z
  .string()
  .max(limits.topicCharacters.value)
  .regex(...prose);

/** A group or a room, as whoever may know of it sees it. */
export const spaceSchema = z.object({
  id: z.string(),
  kind: z.enum(['group', 'room']),
  name: z.string(),
  topic: z.string(),
  settings: conversationSettingsSchema,
  memberCount: z.number().int(),
  messageCount: z.number().int(),
  /** Whether one is in it. */
  joined: z.boolean(),
  /** Where one is not in it: that one is invited, or has asked to be let in. */
  pending: z.enum(['invited', 'requested']).nullable(),
  /** Since then nobody writes in it or comes in, until it is restored. */
  archivedAt: z.date().nullable(),
  activeAt: z.date(),
  createdAt: z.date(),
});
export type Space = z.infer<typeof spaceSchema>;
export const spacesPageSchema = pageOf(spaceSchema);

/** A room in the list of them. */
export const roomSchema = spaceSchema.extend({
  /** Up to 20 of those who are in it, whoever has been there longest first. */
  participants: z.array(personSchema),
  /** As many of the newest messages as were asked for, the oldest of them first. */
  recent: z.array(messageSchema),
});
export type Room = z.infer<typeof roomSchema>;
export const roomsPageSchema = pageOf(roomSchema);

export const spaceRefSchema = z.strictObject({ conversationId: opaqueIdSchema });
export const spaceMemberRefSchema = z.strictObject({
  conversationId: opaqueIdSchema,
  userId: opaqueIdSchema,
});
export const setSpaceRoleInputSchema = spaceMemberRefSchema.extend({ role: conversationRoleSchema });

/** What is given is set. */
const groupChangesSchema = z.strictObject({
  topic: topicSchema.optional(),
  ...conversationSettingsSchema.partial().shape,
});
/** `approval` is for groups. */
const roomChangesSchema = groupChangesSchema.omit({ approval: true });

/** `members` are in it from the start; whoever makes it owns it. */
export const createGroupInputSchema = groupChangesSchema.extend({
  name: groupNameSchema,
  members: z
    .array(opaqueIdSchema)
    .max(limits.membersAtOnce.value)
    .refine((ids) => new Set(ids).size === ids.length, 'must not hold somebody twice')
    .meta({ uniqueItems: true })
    .default([]),
});
export const updateGroupInputSchema = groupChangesSchema.extend({
  conversationId: opaqueIdSchema,
  name: groupNameSchema.optional(),
});

/** What is given beside the name holds where the room is made by this call. */
export const joinRoomInputSchema = roomChangesSchema.extend({ name: roomNameSchema });
export const joinRoomOutputSchema = z.object({ room: spaceSchema, created: z.boolean() });
export const updateRoomInputSchema = roomChangesSchema.extend({
  conversationId: opaqueIdSchema,
  name: roomNameSchema.optional(),
});

const listShape = {
  /** Those that are archived, instead of those that are not. */
  archived: z.boolean().default(false),
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
};
const searched = (characters: number) =>
  z
    .string()
    .max(characters)
    .regex(...oneLine)
    .optional();

/** Public ones whose name starts with `search`, the newest activity first. `withPrivate`: private rooms that one is in, too. */
export const groupsListInputSchema = z
  .strictObject({ search: searched(limits.searchCharacters.value), ...listShape })
  .prefault({});
export const roomsListInputSchema = z
  .strictObject({
    search: searched(limits.roomNameCharacters.value),
    /** So many of the newest messages of each. */
    recent: z.number().int().min(0).max(limits.recentMessages.value).default(0),
    withPrivate: z.boolean().default(false),
    ...listShape,
  })
  .prefault({});

/** Somebody who is invited, waits, or is banned. */
const outsiderSchema = z.object({
  person: personSchema,
  /** Who invited them. */
  by: personSchema.nullable(),
  since: z.date(),
});
export type Outsider = z.infer<typeof outsiderSchema>;
export const outsidersInputSchema = spaceRefSchema.extend({
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
/** The newest first. */
export const outsidersPageSchema = pageOf(outsiderSchema);

/** That one may come in. */
const spaceInvitationSchema = z.object({
  space: spaceSchema,
  by: personSchema.nullable(),
  since: z.date(),
});
export type SpaceInvitation = z.infer<typeof spaceInvitationSchema>;
/** One's own, the newest first. */
export const spaceInvitationsInputSchema = z
  .strictObject({ cursor: cursorSchema.optional(), limit: pageLimitSchema })
  .prefault({});
export const spaceInvitationsPageSchema = pageOf(spaceInvitationSchema);

/** A way in for whoever has its token, so many times, for so long; as a member. */
export const spaceLinkSchema = projectLinkSchema.omit({ role: true });
export type SpaceLink = z.infer<typeof spaceLinkSchema>;
export const createSpaceLinkInputSchema = spaceRefSchema.extend(linkTermsSchema.shape);
export const spaceLinksSchema = z.object({ items: z.array(spaceLinkSchema) });
/** What one is told before one joins. */
export const spaceLinkPreviewSchema = z.object({
  space: spaceSchema.pick({ id: true, kind: true, name: true, topic: true, memberCount: true }),
  /** Who made the link. */
  invitedBy: personSchema,
  expiresAt: z.date(),
});
export type SpaceLinkPreview = z.infer<typeof spaceLinkPreviewSchema>;
