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
import type { Actor } from '../../trpc/index.js';
import { deleteMessage, editMessage, setReaction } from './change-message.js';
import { listMessages, messagesAround } from './list-messages.js';
import type { MessageModel, MessageRow } from './message.model.js';
import type { MessagesParts } from './parts.js';
import { searchMessages } from './search/search-messages.js';

type SendInput = z.output<typeof sendInputSchema>;

export interface MessagesService {
  /** A page of history, ascending; members only. */
  list(actor: Actor, input: z.output<typeof messagesListInputSchema>): ReturnType<typeof listMessages>;
  /** A stretch of history around a message or a time; members only. */
  around(actor: Actor, input: z.output<typeof messagesAroundInputSchema>): ReturnType<typeof messagesAround>;
  /** Messages by the words in them, newest first: of one conversation, or of all that the caller is in. */
  search(actor: Actor, input: z.output<typeof messagesSearchInputSchema>): ReturnType<typeof searchMessages>;
  /** Sends through the live document and answers with what history holds. The same id again is the same message. */
  send(actor: Actor, input: SendInput): Promise<Message>;
  /** Gives one's own message another text. */
  edit(actor: Actor, input: EditInput): Promise<Message>;
  /** Empties one's own message, or as an admin anybody's, for good. */
  delete(actor: Actor, input: MessageRef): Promise<Message>;
  /** Adds one's own emoji to a message; `unreact` takes it back. Either may be repeated. */
  react(actor: Actor, input: ReactionInput): Promise<Message>;
  unreact(actor: Actor, input: ReactionInput): Promise<Message>;
}

export const createMessagesService = (parts: MessagesParts): MessagesService => ({
  list: (actor, input) => listMessages(parts, actor.userId, input),
  around: (actor, input) => messagesAround(parts, actor.userId, input),
  search: (actor, input) => searchMessages(parts, actor.userId, input),
  send: (actor, input) => send(parts, actor, input),
  edit: (actor, input) => editMessage(parts, actor, input),
  delete: (actor, input) => deleteMessage(parts, actor, input),
  react: (actor, input) => setReaction(parts, actor, { ...input, type: 'react' }),
  unreact: (actor, input) => setReaction(parts, actor, { ...input, type: 'unreact' }),
});

const send = async (parts: MessagesParts, actor: Actor, input: SendInput): Promise<Message> => {
  const { conversationId, id = newId() } = input;
  const { mayWrite, role } = await parts.conversations.getAccess(conversationId, actor.userId);
  if (!mayWrite) throw new AppError('FORBIDDEN');
  const sentBefore = await findOwn(parts.messages, { id, conversationId, author: actor.userId });
  if (sentBefore !== null) return await toMessage(parts, sentBefore);
  const { text, replyTo, mentions, files } = input;
  const value = messageValue({
    id,
    author: actor.userId,
    text,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(mentions === undefined ? {} : { mentions }),
    ...(files === undefined ? {} : { files }),
  });
  await parts.live.perform(conversationId, { type: 'append', value, isPaced: role === 'member' });
  // Read back, not made up: of two messages with one id that raced each other, only one is in history.
  const stored = await findOwn(parts.messages, { id, conversationId, author: actor.userId });
  if (stored === null)
    throw new AppError('INTERNAL', { logMessage: 'an appended message is not in history' });
  return await toMessage(parts, stored);
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
