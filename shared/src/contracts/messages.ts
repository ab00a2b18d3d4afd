import { z } from 'zod';
import { emojiSchema, systemNoteSchema } from '../document/conversation.js';
import { messageIdSchema, opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';
import { someText, wholeText } from '../text.js';
import { cursorSchema, pageLimitSchema, pageOf, personSchema, searchSchema } from './common.js';
import { messageFileSchema } from './files.js';

/** A row of history. `seq`: 1, 2, 3 … within the conversation, given by the server. A deleted message has no text. */
export const messageSchema = z.object({
  id: z.string(),
  conversationId: z.string(),
  seq: z.number().int().min(1),
  author: personSchema,
  text: z.string(),
  /** What happened, where the server says it there: the author is who did it, and there is no text. */
  system: systemNoteSchema.nullable(),
  replyTo: z.string().nullable(),
  mentions: z.array(z.string()),
  files: z.array(messageFileSchema),
  /** User ids by emoji. */
  reactions: z.record(z.string(), z.array(z.string())),
  /** The author's clock. */
  sentAt: z.date(),
  /** The server's clock. */
  receivedAt: z.date(),
  editedAt: z.date().nullable(),
  deletedAt: z.date().nullable(),
});
export type Message = z.infer<typeof messageSchema>;

/**
 * `older` (the default) pages back from the newest message or the cursor, `newer` pages forward from the first message
 * or the cursor. Items always come in ascending `seq`; `nextCursor` goes on in the same direction.
 */
export const messagesListInputSchema = z
  .strictObject({
    conversationId: opaqueIdSchema,
    direction: z.enum(['older', 'newer']).default('older'),
    cursor: cursorSchema.optional(),
    /** Starts at this number instead of at the end; the message of that number is not in the page. */
    fromSeq: z.number().int().min(0).optional(),
    limit: pageLimitSchema,
  })
  .refine(({ cursor, fromSeq }) => cursor === undefined || fromSeq === undefined, {
    path: ['fromSeq'],
    message: 'goes without a cursor',
  });
export const messagesPageSchema = pageOf(messageSchema);

/** A stretch of history around a message, or around the first one at or after a time; at least one of them is given. */
export const messagesAroundInputSchema = z
  .strictObject({
    conversationId: opaqueIdSchema,
    id: messageIdSchema.optional(),
    at: z.date().optional(),
    limit: pageLimitSchema,
  })
  .refine(({ id, at }) => (id === undefined) !== (at === undefined), {
    path: ['id'],
    message: 'give either an id or a time',
  });
/** Both cursors are for `messages.list`, each in its direction; null where there is no more. */
export const messagesAroundSchema = z.object({
  items: z.array(messageSchema),
  olderCursor: z.string().nullable(),
  newerCursor: z.string().nullable(),
});

/** Words that messages have, each as they begin. Everything else narrows it down. */
export const messagesSearchInputSchema = z.strictObject({
  text: searchSchema,
  /** Else in all of one's own. */
  conversationId: opaqueIdSchema.optional(),
  authorId: opaqueIdSchema.optional(),
  /** Received at or after, and before. */
  after: z.date().optional(),
  before: z.date().optional(),
  hasFile: z.boolean().optional(),
  cursor: cursorSchema.optional(),
  limit: pageLimitSchema,
});
/** Newest first. `highlights`: where in the text the words are, in UTF-16 units, `end` exclusive. A page may be shorter than asked for. */
export const messagesSearchSchema = pageOf(
  z.object({
    message: messageSchema,
    highlights: z.array(z.object({ start: z.number().int(), end: z.number().int() })),
  }),
);

const textSchema = z
  .string()
  .max(limits.textCharacters.value)
  .regex(...wholeText)
  .regex(...someText);
const mentionsSchema = z.array(opaqueIdSchema).max(limits.mentionsPerMessage.value);

/** `id`: made by the caller; sending the same message twice stores it once. `files`: uploaded by the caller for this conversation, and in no message yet. */
export const sendInputSchema = z
  .strictObject({
    conversationId: opaqueIdSchema,
    id: messageIdSchema.optional(),
    text: z
      .string()
      .max(limits.textCharacters.value)
      .regex(...wholeText),
    replyTo: messageIdSchema.optional(),
    mentions: mentionsSchema.optional(),
    files: z.array(opaqueIdSchema).max(limits.filesPerMessage.value).optional(),
  })
  .refine(({ text, files = [] }) => text.trim() !== '' || files.length > 0, {
    path: ['text'],
    message: 'must not be empty without a file',
  });

/** One message of a conversation, in the window or long gone from it. */
export const messageRefSchema = z.strictObject({ conversationId: opaqueIdSchema, id: messageIdSchema });
export type MessageRef = z.output<typeof messageRefSchema>;

/** The whole new text; mentions that are not named again are gone. */
export const editInputSchema = messageRefSchema.extend({
  text: textSchema,
  mentions: mentionsSchema.optional(),
});
export type EditInput = z.output<typeof editInputSchema>;

export const reactionInputSchema = messageRefSchema.extend({ emoji: emojiSchema });
export type ReactionInput = z.output<typeof reactionInputSchema>;
