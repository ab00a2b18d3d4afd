import type * as Y from 'yjs';
import { z } from 'zod';
import { messageIdSchema, newId, opaqueIdSchema } from '../ids.js';
import { limits } from '../limits.js';

/** The version of the shapes below; values carry it, so that a later one can be told apart. */
export const CONVERSATION_MODEL = 1;

/** Names inside a conversation's document. */
export const conversationKeys = {
  segments: 'segments',
  meta: 'meta',
  messages: 'messages',
  edits: 'edits',
  reactions: 'reactions',
  window: 'window',
} as const;

const text = z.string().max(limits.textCharacters.value);
const mentions = z.array(opaqueIdSchema).max(limits.mentionsPerMessage.value);
const users = z.array(opaqueIdSchema).min(1).max(limits.notedPeople.value);
const timestampMs = z.number().int().min(0).max(8_640_000_000_000_000);

/** What happened in the conversation, as the server says it there; the author of such a message is who did it. */
export const systemNoteSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('joined'), users }),
  z.strictObject({ type: z.literal('left'), users }),
  z.strictObject({ type: z.literal('removed'), users }),
  z.strictObject({ type: z.literal('renamed'), name: z.string().max(limits.projectNameCharacters.value) }),
  z.strictObject({ type: z.literal('topic'), topic: z.string().max(limits.topicCharacters.value) }),
]);
export type SystemNote = z.infer<typeof systemNoteSchema>;

/** A message as it stands in a segment. `sentAt`: the author's clock, ms since 1970; order comes from `seq`, never from it. */
export const messageValueSchema = z
  .strictObject({
    v: z.literal(CONVERSATION_MODEL),
    type: z.literal('message'),
    id: messageIdSchema,
    author: opaqueIdSchema,
    text,
    sentAt: timestampMs,
    replyTo: messageIdSchema.optional(),
    mentions: mentions.optional(),
    files: z.array(opaqueIdSchema).max(limits.filesPerMessage.value).optional(),
    /** Only the server writes such messages; they have no text. */
    system: systemNoteSchema.optional(),
  })
  .refine(({ text, files = [], system }) => text.trim() !== '' || files.length > 0 || system !== undefined, {
    path: ['text'],
    message: 'must not be empty without a file',
  });
export type MessageValue = z.infer<typeof messageValueSchema>;

/** A new text for a message; lies in `edits` under the message's id, which it repeats. */
export const editValueSchema = z.strictObject({
  v: z.literal(CONVERSATION_MODEL),
  type: z.literal('edit'),
  message: messageIdSchema,
  author: opaqueIdSchema,
  text: text.refine((value) => value.trim() !== '', 'must not be empty'),
  mentions: mentions.optional(),
  editedAt: timestampMs,
});
export type EditValue = z.infer<typeof editValueSchema>;

/** One emoji, joined ones and flags included; words are no emoji, and so never a key that means something elsewhere. */
export const emojiSchema = z
  .string()
  .max(limits.emojiCharacters.value)
  .regex(
    /^(?=.*(?:[\p{Extended_Pictographic}\p{Regional_Indicator}]|\u20e3))[\p{Emoji}\p{Emoji_Component}]+$/u,
    'must be an emoji',
  )
  .meta({ format: 'emoji', pattern: undefined, description: 'One emoji, joined ones and flags included.' });

/** One person's emoji on a message; lies in `reactions` under `reactionKey`, which it repeats. */
export const reactionValueSchema = z.strictObject({
  v: z.literal(CONVERSATION_MODEL),
  type: z.literal('reaction'),
  message: messageIdSchema,
  user: opaqueIdSchema,
  emoji: emojiSchema,
});
export type ReactionValue = z.infer<typeof reactionValueSchema>;

export const reactionKey = (value: Pick<ReactionValue, 'message' | 'user' | 'emoji'>): string =>
  `${value.message}:${value.user}:${value.emoji}`;

/** What the server keeps under `meta.window`: every message from number `startSeq` on is still in the document. */
export const windowMetaSchema = z.object({
  v: z.literal(CONVERSATION_MODEL),
  conversation: opaqueIdSchema,
  startSeq: z.number().int().min(1),
});
export type WindowMeta = z.infer<typeof windowMetaSchema>;

/** What a person gives to say something; the rest of a message's value is filled in. */
export interface MessageDraft {
  readonly author: string;
  readonly text: string;
  /** For sending the same message again; a new one is made when absent. */
  readonly id?: string;
  readonly sentAt?: number;
  readonly replyTo?: string;
  readonly mentions?: readonly string[];
  /** Ids of files that were uploaded for this conversation. */
  readonly files?: readonly string[];
}

/** A message as the document shows it now: its latest text, and who reacted with what. */
export interface DocumentMessage {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  readonly sentAt: number;
  readonly editedAt: number | null;
  readonly replyTo: string | null;
  readonly mentions: readonly string[];
  readonly files: readonly string[];
  /** What happened, where the server says it; then there is no text. */
  readonly system: SystemNote | null;
  /** User ids by emoji. */
  readonly reactions: Readonly<Record<string, readonly string[]>>;
}

/** Thrown by `appendMessage` on a document that has never synced: only the server opens segments. */
export class DocumentNotReady extends Error {
  constructor() {
    super('The document has no segment yet: wait for its first sync.');
    this.name = 'DocumentNotReady';
  }
}

/** The value that `appendMessage` writes, checked. Throws a ZodError naming the field. */
export const messageValue = (draft: MessageDraft): MessageValue =>
  messageValueSchema.parse({
    v: CONVERSATION_MODEL,
    type: 'message',
    id: draft.id ?? newId(),
    author: draft.author,
    text: draft.text,
    sentAt: draft.sentAt ?? Date.now(),
    ...(draft.replyTo === undefined ? {} : { replyTo: draft.replyTo }),
    ...(draft.mentions === undefined || draft.mentions.length === 0 ? {} : { mentions: [...draft.mentions] }),
    ...(draft.files === undefined || draft.files.length === 0 ? {} : { files: [...draft.files] }),
  });

const segmentsOf = (doc: Y.Doc): Y.Array<Y.Map<unknown>> => doc.getArray(conversationKeys.segments);

/** Whether a message can be appended: true once the first sync has brought a segment. */
export const isReady = (doc: Y.Doc): boolean => segmentsOf(doc).length > 0;

/**
 * Appends a message to the last segment and returns what was written.
 * Throws `DocumentNotReady` before the first sync and a ZodError for a bad draft; the document is unchanged then.
 */
export const appendMessage = (doc: Y.Doc, draft: MessageDraft): MessageValue => {
  const value = messageValue(draft);
  const segments = segmentsOf(doc);
  if (segments.length === 0) throw new DocumentNotReady();
  const list = segments.get(segments.length - 1).get(conversationKeys.messages) as Y.Array<MessageValue>;
  list.push([value]);
  return value;
};

/** Where the window starts, or null before the first sync. */
export const readWindow = (doc: Y.Doc): WindowMeta | null => {
  const parsed = windowMetaSchema.safeParse(doc.getMap(conversationKeys.meta).get(conversationKeys.window));
  return parsed.success ? parsed.data : null;
};

/**
 * The window's messages in document order, each id once, with edits and reactions applied.
 * Values that do not have the agreed shape are passed over. Segments are the server's and whole.
 */
export const readMessages = (doc: Y.Doc): DocumentMessage[] => {
  const seen = new Map<string, DocumentMessage>();
  for (const segment of segmentsOf(doc)) {
    const edits = segment.get(conversationKeys.edits) as Y.Map<unknown> | undefined;
    const reactions = readReactions(segment.get(conversationKeys.reactions) as Y.Map<unknown> | undefined);
    for (const raw of (segment.get(conversationKeys.messages) as Y.Array<unknown> | undefined) ?? []) {
      const parsed = messageValueSchema.safeParse(raw);
      if (!parsed.success || seen.has(parsed.data.id)) continue;
      const value = parsed.data;
      const edit = editValueSchema.safeParse(edits?.get(value.id));
      seen.set(value.id, {
        id: value.id,
        author: value.author,
        text: edit.success ? edit.data.text : value.text,
        sentAt: value.sentAt,
        editedAt: edit.success ? edit.data.editedAt : null,
        replyTo: value.replyTo ?? null,
        mentions: (edit.success ? edit.data.mentions : value.mentions) ?? [],
        files: value.files ?? [],
        system: value.system ?? null,
        reactions: reactions.get(value.id) ?? {},
      });
    }
  }
  return [...seen.values()];
};

const readReactions = (map: Y.Map<unknown> | undefined): Map<string, Record<string, string[]>> => {
  const byMessage = new Map<string, Record<string, string[]>>();
  for (const raw of map?.values() ?? []) {
    const parsed = reactionValueSchema.safeParse(raw);
    if (!parsed.success) continue;
    const { message, user, emoji } = parsed.data;
    const ofMessage = byMessage.get(message) ?? {};
    // Sorted, because copies of a document hold a map's entries in different orders.
    ofMessage[emoji] = [...(ofMessage[emoji] ?? []), user].sort();
    byMessage.set(message, ofMessage);
  }
  return byMessage;
};
