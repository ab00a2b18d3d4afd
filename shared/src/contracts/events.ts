import { z } from 'zod';
import { conversationSettingsSchema, ownSettingsSchema } from './conversations.js';
import { friendStateSchema } from './friends.js';
import { notificationKindSchema } from './notifications.js';
import { presenceSchema } from './presence.js';
import { projectRoleSchema } from './projects.js';
import { taskFieldsSchema } from './tasks.js';

/** Who did it; null where nobody did: the server, or time. */
const by = z.string().nullable();
const ofProject = z.object({ projectId: z.string(), by });
const ofTask = ofProject.extend({ taskId: z.string() });
const ofComment = ofTask.extend({ commentId: z.string() });
const ofConversation = z.object({ conversationId: z.string() });
const ids = z.array(z.string());

/**
 * Everything that a stream of events tells: small, ids and what changed, never a text that people wrote to each other. Fetch what
 * more is needed. `changes` holds new values; `changed` names fields that are too large to travel.
 */
export const eventSchema = z.discriminatedUnion('type', [
  /** First of all: whatever happens from here on is told. */
  z.object({ type: z.literal('stream.ready') }),
  /** Some of what happened is not told any more: fetch anew what you show. */
  z.object({ type: z.literal('stream.gap') }),
  /** Nothing has happened for a while; where the stream goes on is kept by it. */
  z.object({ type: z.literal('stream.still') }),

  z.object({
    type: z.literal('message.added'),
    ...ofConversation.shape,
    /** In the order of their numbers. */
    messages: z.array(z.object({ id: z.string(), seq: z.number().int(), author: z.string(), mentions: ids })),
  }),
  z.object({
    type: z.literal('message.changed'),
    ...ofConversation.shape,
    messages: z.array(
      z.object({
        id: z.string(),
        change: z.enum(['edited', 'deleted', 'reactions']),
        by: z.string(),
        /** Of the new text, where there is one. */
        mentions: ids,
      }),
    ),
  }),
  z.object({
    type: z.literal('conversation.memberJoined'),
    ...ofConversation.shape,
    userId: z.string(),
    role: z.enum(['owner', 'admin', 'member']),
  }),
  z.object({
    type: z.literal('conversation.memberChanged'),
    ...ofConversation.shape,
    userId: z.string(),
    role: z.enum(['owner', 'admin', 'member']),
    silenced: z.boolean(),
  }),
  z.object({ type: z.literal('conversation.memberLeft'), ...ofConversation.shape, userId: z.string() }),

  ofConversation.extend({
    type: z.literal('conversation.updated'),
    by,
    changes: z.object({
      name: z.string().optional(),
      topic: z.string().optional(),
      archivedAt: z.date().nullable().optional(),
      settings: conversationSettingsSchema.partial().optional(),
    }),
  }),
  ofConversation.extend({ type: z.literal('conversation.deleted'), by }),
  /** Messages up to and including that one are kept no longer. */
  ofConversation.extend({ type: z.literal('conversation.erased'), upToSeq: z.number().int() }),
  /** To the one who is invited alone. */
  ofConversation.extend({ type: z.literal('conversation.invited'), by, userId: z.string() }),
  /** To the one who was invited, and to who invited them. */
  ofConversation.extend({
    type: z.literal('conversation.invitationEnded'),
    by,
    userId: z.string(),
    outcome: z.enum(['accepted', 'declined', 'revoked']),
  }),
  /** To its admins, and to the one who wants to come in. */
  ofConversation.extend({ type: z.literal('conversation.requested'), userId: z.string() }),
  ofConversation.extend({
    type: z.literal('conversation.requestEnded'),
    by,
    userId: z.string(),
    outcome: z.enum(['accepted', 'declined', 'withdrawn']),
  }),
  /** To oneself alone: what one has set there for oneself, or that one has deleted it for oneself. */
  ofConversation.extend({
    type: z.literal('conversation.placeChanged'),
    ...ownSettingsSchema.shape,
    hidden: z.boolean(),
  }),
  /** Somebody has read up to and including that message. */
  z.object({
    type: z.literal('conversation.read'),
    ...ofConversation.shape,
    userId: z.string(),
    seq: z.number().int(),
  }),

  /** `state`: as the one who is told sees it. */
  z.object({ type: z.literal('friend.changed'), userId: z.string(), state: friendStateSchema, by }),
  /** Of friends. When the stream begins, all who are here are told of. */
  z.object({ type: z.literal('presence.changed'), ...presenceSchema.shape }),

  ofProject.extend({ type: z.literal('project.created') }),
  ofProject.extend({
    type: z.literal('project.updated'),
    changes: z.object({ name: z.string().optional(), archivedAt: z.date().nullable().optional() }),
    changed: z.array(z.enum(['description'])),
  }),
  ofProject.extend({ type: z.literal('project.deleted') }),
  ofProject.extend({ type: z.literal('project.transferred'), ownerId: z.string() }),
  ofProject.extend({
    type: z.literal('project.memberAdded'),
    userId: z.string(),
    role: projectRoleSchema,
  }),
  ofProject.extend({
    type: z.literal('project.memberChanged'),
    userId: z.string(),
    role: projectRoleSchema,
  }),
  /** What was theirs to do there is nobody's now: they are not assigned to anything in it any more. */
  ofProject.extend({ type: z.literal('project.memberRemoved'), userId: z.string() }),
  /** To the one who is invited alone, again where the role is another: those who are in the project need not know of it. */
  ofProject.extend({
    type: z.literal('project.invited'),
    invitationId: z.string(),
    userId: z.string(),
    role: projectRoleSchema,
  }),
  /** To the one who was invited, and to who invited them. By time alone it ends untold. */
  ofProject.extend({
    type: z.literal('project.invitationEnded'),
    invitationId: z.string(),
    userId: z.string(),
    outcome: z.enum(['accepted', 'declined', 'revoked']),
  }),

  ofTask.extend({ type: z.literal('task.created'), version: z.number().int(), assigned: ids }),
  /** `assigned`: who was not before. */
  ofTask.extend({
    type: z.literal('task.updated'),
    version: z.number().int(),
    changes: taskFieldsSchema.partial(),
    changed: z.array(z.enum(['description', 'padId'])),
    assigned: ids,
  }),
  /** On the board; all of one call. */
  ofProject.extend({
    type: z.literal('task.moved'),
    moves: z.array(
      z.object({
        taskId: z.string(),
        version: z.number().int(),
        status: taskFieldsSchema.shape.status,
        rank: z.string(),
      }),
    ),
  }),
  ofTask.extend({ type: z.literal('task.deleted') }),
  /** Its time is near. */
  ofTask.extend({ type: z.literal('task.dueSoon'), dueAt: z.date(), assignees: ids }),

  ofComment.extend({ type: z.literal('comment.created'), mentions: ids }),
  /** `mentions`: who was not mentioned before. */
  ofComment.extend({ type: z.literal('comment.updated'), mentions: ids }),
  ofComment.extend({ type: z.literal('comment.deleted') }),

  z.object({
    type: z.literal('notification.created'),
    notificationId: z.string(),
    kind: notificationKindSchema,
  }),
  /** Some, or one and all that are older. */
  z.object({ type: z.literal('notification.read'), ids: ids.optional(), upTo: z.string().optional() }),
  /** What they were about is no more, or was answered. */
  z.object({ type: z.literal('notification.removed'), notificationIds: ids }),
]);

export type ParleyEvent = z.infer<typeof eventSchema>;
export type EventType = ParleyEvent['type'];

/** `lastEventId`: of the last event that was heard; the stream goes on after it. Without: from now on. */
export const eventsInputSchema = z
  .strictObject({
    lastEventId: z
      .string()
      .regex(/^\d{1,15}$/, 'must be the id of an event')
      .optional(),
  })
  .prefault({});
