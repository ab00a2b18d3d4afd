import {
  AppError,
  type EditInput,
  type Message,
  type MessageRef,
  type messagesAroundInputSchema,
  type messagesListInputSchema,
  type messagesSearchInputSchema,
  messageValue,
  newId,
  type ReactionInput,
  type sendInputSchema,
} from '@parley/shared';
import type { z } from 'zod';
import { Limiter } from '../../platform/limiter.js';
import type { Actor } from '../../trpc/index.js';
import { deleteMessage, editMessage, setReaction } from './change-message.js';
import { listMessages, messagesAround } from './list-messages.js';
import type { MessageModel, MessageRow } from './message.model.js';
import type { MessagesParts } from './parts.js';
import { searchMessages } from './search/search-messages.js';

type SendInput = z.output<typeof sendInputSchema>;

/** A message that is in history, and whether it was not before. */
export interface Sent {
  readonly message: Message;
  readonly isNew: boolean;
}

export interface MessagesService {
  /** A page of history, ascending; members only. */
  list(actor: Actor, input: z.output<typeof messagesListInputSchema>): ReturnType<typeof listMessages>;
  /** A stretch of history around a message or a time; members only. */
  around(actor: Actor, input: z.output<typeof messagesAroundInputSchema>): ReturnType<typeof messagesAround>;
  /** Messages by the words in them, newest first: of one conversation, or of all that the caller is in. TOO_MANY_REQUESTS for whoever never stops. */
  search(actor: Actor, input: z.output<typeof messagesSearchInputSchema>): ReturnType<typeof searchMessages>;
  /** Sends through the live document and answers with what history holds. The same id again is the same message. */
  send(actor: Actor, input: SendInput): Promise<Message>;
  /** The same, telling whether this was the call that sent it: of several at once it is one. */
  sendOnce(actor: Actor, input: SendInput): Promise<Sent>;
  /** What the caller has sent there under that id, if anything; MESSAGE_ID_TAKEN where it is another message's. */
  findSent(actor: Actor, ref: MessageRef): Promise<Message | null>;
  /** Gives one's own message another text. */
  edit(actor: Actor, input: EditInput): Promise<Message>;
  /** Empties one's own message, or as an admin anybody's, for good. */
  delete(actor: Actor, input: MessageRef): Promise<Message>;
  /** Adds one's own emoji to a message; `unreact` takes it back. Either may be repeated. */
  react(actor: Actor, input: ReactionInput): Promise<Message>;
  unreact(actor: Actor, input: ReactionInput): Promise<Message>;
}

/** As fast as somebody types, for a while: a search is the dearest question there is. */
const SEARCHES = { burst: 30, refillMs: 500, maxKeys: 50_000 };

export const createMessagesService = (parts: MessagesParts): MessagesService => {
  const searches = parts.rateLimits ? new Limiter(SEARCHES) : null;
  return {
    list: (actor, input) => listMessages(parts, actor.userId, input),
    around: (actor, input) => messagesAround(parts, actor.userId, input),
    search: async (actor, input) => {
      const retryAfterSeconds = searches?.take(actor.userId) ?? 0;
      if (retryAfterSeconds > 0) throw new AppError('TOO_MANY_REQUESTS', { details: { retryAfterSeconds } });
      return await searchMessages(parts, actor.userId, input);
    },
    send: async (actor, input) => (await send(parts, actor, input)).message,
    sendOnce: (actor, input) => send(parts, actor, input),
    findSent: async ({ userId: author }, ref) => {
      await parts.conversations.getAccess(ref.conversationId, author);
      const row = await findOwn(parts.messages, { ...ref, author });
      return row === null ? null : await toMessage(parts, row);
    },
    edit: (actor, input) => editMessage(parts, actor, input),
    delete: (actor, input) => deleteMessage(parts, actor, input),
    react: (actor, input) => setReaction(parts, actor, { ...input, type: 'react' }),
    unreact: (actor, input) => setReaction(parts, actor, { ...input, type: 'unreact' }),
  };
};

const send = async (parts: MessagesParts, actor: Actor, input: SendInput): Promise<Sent> => {
  const { conversationId, id = newId() } = input;
  const { mayWrite, role } = await parts.conversations.getAccess(conversationId, actor.userId);
  if (!mayWrite) throw new AppError('FORBIDDEN');
  const sentBefore = await findOwn(parts.messages, { id, conversationId, author: actor.userId });
  if (sentBefore !== null) return { message: await toMessage(parts, sentBefore), isNew: false };
  const { text, replyTo, mentions, files } = input;
  const value = messageValue({
    id,
    author: actor.userId,
    text,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(mentions === undefined ? {} : { mentions }),
    ...(files === undefined ? {} : { files }),
  });
  const command = { type: 'append', value, isPaced: role === 'member' } as const;
  const isAppended = await parts.live.perform(conversationId, command);
  // Read back, not made up: of two messages with one id that raced each other, only one is in history.
  const stored = await findOwn(parts.messages, { id, conversationId, author: actor.userId });
  if (stored === null)
    throw new AppError('INTERNAL', { logMessage: 'an appended message is not in history' });
  // The window may have forgotten one that history holds for long: then it is that one's time which stands.
  const isNew = isAppended && stored.sentAt.getTime() === value.sentAt;
  return { message: await toMessage(parts, stored), isNew };
};

/** The message of that id if it is this author's in this conversation. Throws MESSAGE_ID_TAKEN if it is another one. */
const findOwn = async (
  messages: MessageModel,
  wanted: { readonly id: string; readonly conversationId: string; readonly author: string },
): Promise<MessageRow | null> => {
  const row = await messages.findById(wanted.id).lean();
  if (row === null) return null;
  const same = row.conversation === wanted.conversationId && row.author === wanted.author;
  if (!same) throw new AppError('MESSAGE_ID_TAKEN');
  return row;
};

const toMessage = async (parts: MessagesParts, row: MessageRow): Promise<Message> => {
  const [message] = await parts.reader.toMessages([row]);
  if (message === undefined) throw new TypeError('one row must give one message');
  return message;
};
