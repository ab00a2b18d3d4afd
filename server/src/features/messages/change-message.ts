// Owns changing a message by procedure: who may, and the one way for messages in the window and those long gone from it.
// Does not own what then happens in the document (document/conversation-view.ts).
import {
  AppError,
  CONVERSATION_MODEL,
  type EditInput,
  limits,
  type Message,
  type MessageRef,
  type ReactionInput,
} from '@parley/shared';
import type { Actor } from '../../trpc/index.js';
import type { MessageRow } from './message.model.js';
import type { MessagesParts } from './parts.js';

export const editMessage = async (
  parts: MessagesParts,
  actor: Actor,
  { text, mentions, ...ref }: EditInput,
): Promise<Message> => {
  const { row } = await open(parts, actor, ref);
  if (row.author !== actor.userId || row.system !== null) throw new AppError('FORBIDDEN');
  const edit = { message: ref.id, author: actor.userId, text, editedAt: Date.now() };
  const value = { v: CONVERSATION_MODEL, type: 'edit', ...edit, ...(mentions && { mentions }) } as const;
  await parts.live.perform(ref.conversationId, { type: 'edit', value });
  return await read(parts, ref);
};

export const deleteMessage = async (
  parts: MessagesParts,
  actor: Actor,
  ref: MessageRef,
): Promise<Message> => {
  const { row, isAdmin } = await open(parts, actor, ref);
  if ((row.author !== actor.userId || row.system !== null) && !isAdmin) throw new AppError('FORBIDDEN');
  await parts.live.perform(ref.conversationId, { type: 'delete', message: ref.id, by: actor.userId });
  return await read(parts, ref);
};

export const setReaction = async (
  parts: MessagesParts,
  actor: Actor,
  { type, emoji, ...ref }: ReactionInput & { readonly type: 'react' | 'unreact' },
): Promise<Message> => {
  const { row } = await open(parts, actor, ref);
  const own = row.reactions.filter(({ user }) => user === actor.userId);
  const isThere = own.some((reaction) => reaction.emoji === emoji);
  if (isThere === (type === 'react')) return await read(parts, ref);
  if (type === 'react' && own.length >= limits.reactionsPerPerson.value)
    throw new AppError('UPDATE_REFUSED', { logMessage: 'too many reactions of one person' });
  const reaction = { message: ref.id, user: actor.userId, emoji };
  const value = { v: CONVERSATION_MODEL, type: 'reaction', ...reaction } as const;
  await parts.live.perform(ref.conversationId, { type, value });
  return await read(parts, ref);
};

/** The message as history has it once it holds what the caller can have seen. Throws NOT_FOUND where it is deleted. */
const open = async (
  parts: MessagesParts,
  actor: Actor,
  { conversationId, id }: MessageRef,
): Promise<{ readonly row: MessageRow; readonly isAdmin: boolean }> => {
  const { mayWrite, role, sinceSeq } = await parts.conversations.getAccess(conversationId, actor.userId);
  if (!mayWrite) throw new AppError('FORBIDDEN');
  await parts.live.settled(conversationId);
  const row = await parts.messages.findById(id).lean();
  if (row === null || row.conversation !== conversationId || row.deletedAt !== null || row.seq <= sinceSeq)
    throw new AppError('NOT_FOUND');
  return { row, isAdmin: role !== 'member' };
};

const read = async ({ reader }: MessagesParts, { id }: MessageRef): Promise<Message> => {
  const message = (await reader.byIds([id])).get(id);
  if (message === undefined) throw new AppError('NOT_FOUND');
  return message;
};
