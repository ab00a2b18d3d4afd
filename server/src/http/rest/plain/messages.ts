import {
  AppError,
  type ErrorCode,
  messageIdSchema,
  messagesListInputSchema,
  sendInputSchema,
} from '@parley/shared';
import { z } from 'zod';
import type { Addressed } from '../../../features/conversations/index.js';
import { noFields, type RestCall, route } from '../route.js';
import { doneBody } from './done.js';
import { personBody, toPerson } from './people.js';
import { messageBody, toBodies } from './say.js';

const text = sendInputSchema.shape.text.regex(/\S/u, 'must not be empty');
const { cursor, limit } = messagesListInputSchema.shape;
const receiver = z.string().max(64).nullish();
const sendBody = z.object({
  message: text,
  receiver_user: receiver,
  receiver_group: receiver,
  id: messageIdSchema.optional(),
  reply_to: messageIdSchema.nullish(),
});
const names = { text: 'message', files: 'file', name: 'file', size: 'file' };
const params = { message_id: messageIdSchema };

const addressed = async ({ services, me }: RestCall, id: string): Promise<Addressed> =>
  await services.addressed((await me()).userId, id);

/** The conversation; NOT_FOUND where two have said nothing to each other yet. */
const conversationOf = async (call: RestCall, id: string): Promise<string> => {
  const { conversationId } = await addressed(call, id);
  if (conversationId === null) throw new AppError('NOT_FOUND');
  return conversationId;
};

type Receivers = Pick<z.output<typeof sendBody>, 'receiver_user' | 'receiver_group'>;

/** Where a message goes: a receiver that is named must be the one of the path. */
const whereTo = async (call: RestCall, id: string, given: Receivers): Promise<Addressed> => {
  const { receiver_user: user, receiver_group: group } = given;
  const isNamed = (name: string | null | undefined): name is string =>
    typeof name === 'string' && name !== '';
  if (isNamed(user) && isNamed(group)) throw disagrees('receiver_group');
  if (!isNamed(user) && !isNamed(group)) return await addressed(call, id);
  const receiver = isNamed(user) ? user : (group ?? '');
  const field = isNamed(user) ? 'receiver_user' : 'receiver_group';
  const to = await addressed(call, receiver).catch((error: unknown) => {
    const isNobody = error instanceof AppError && UNKNOWN.has(error.code);
    throw isNobody && receiver !== id ? disagrees(field) : error;
  });
  const isOfSort = isNamed(user) ? to.peerId === user : to.kind !== 'direct';
  if (!isOfSort || (id !== receiver && id !== to.conversationId)) throw disagrees(field);
  return to;
};

const UNKNOWN: ReadonlySet<ErrorCode> = new Set(['NOT_FOUND', 'FORBIDDEN', 'INVALID_INPUT']);

const disagrees = (field: string): AppError =>
  new AppError('INVALID_INPUT', { details: { fields: { [field]: ['is not whom the path names'] } } });

export const messageRoutes = [
  route({
    id: 'listMessages',
    method: 'GET',
    paths: ['/api/messages/{conversation_id}/'],
    tag: 'Messages',
    summary: 'Messages of a conversation, or of the direct one with a person, newest first',
    procedure: 'messages.list',
    input: z.object({
      /** From 1; `cursor` goes before it. */
      page: z.number().int().min(1).optional(),
      cursor,
      limit: limit.unwrap().default(10),
    }),
    response: z.array(messageBody),
    errors: ['FORBIDDEN'],
    run: async (call, { params, input: { page = 1, ...input } }) => {
      const { conversationId } = await addressed(call, params.conversation_id);
      if (conversationId === null) return { body: [], next: null };
      const { list } = call.api.messages;
      let from: { readonly fromSeq?: number } = {};
      if (input.cursor === undefined && page > 1) {
        // Numbers have no gaps: where a page begins is known from the newest one.
        const newest = (await list({ conversationId, limit: 1 })).items[0]?.seq ?? 0;
        const fromSeq = newest + 1 - (page - 1) * input.limit;
        if (fromSeq <= 1) return { body: [], next: null };
        from = { fromSeq };
      }
      const { items, nextCursor } = await list({ conversationId, ...input, ...from });
      return { body: await toBodies(call.services, items.reverse()), next: nextCursor };
    },
  }),
  route({
    id: 'sendMessage',
    method: 'POST',
    paths: ['/api/messages/{conversation_id}/send/'],
    tag: 'Messages',
    summary: 'Send a message, with a file where it comes as a form; with the same id once',
    procedure: 'messages.send',
    input: sendBody,
    names,
    file: {
      field: 'file',
      input: sendBody.extend({ message: sendInputSchema.shape.text.default('') }),
      allow: async (call, params) => {
        if (!(await addressed(call, params.conversation_id)).mayWrite) throw new AppError('FORBIDDEN');
      },
    },
    statuses: [201, 200],
    response: messageBody.extend({
      receiver_user: personBody.optional(),
      /** The id of a group or a room. */
      receiver_group: z.string().optional(),
    }),
    errors: ['FORBIDDEN', 'CONFLICT', 'MESSAGE_ID_TAKEN', 'EXPIRED', 'UPDATE_REFUSED'],
    run: async (call, { params, input, file }) => {
      const { services, api } = call;
      const { peerId, mayWrite, ...to } = await whereTo(call, params.conversation_id, input);
      if (!mayWrite) throw new AppError('FORBIDDEN');
      const conversationId =
        to.conversationId ?? (await api.conversations.start({ userId: peerId ?? '' })).conversation.id;
      const { message: text, id, reply_to: replyTo } = input;
      const given = { conversationId, text, ...(id && { id }), ...(replyTo && { replyTo }) };
      const { message, isNew } = await services.send(await call.me(), given, file);
      const [[body], people] = await Promise.all([
        toBodies(services, [message]),
        services.people(peerId === null ? [] : [peerId]),
      ]);
      if (body === undefined) throw new TypeError('one message must be told of');
      const peer = people.get(peerId ?? '');
      return {
        status: isNew ? 201 : 200,
        body: {
          ...body,
          ...(peer === undefined ? { receiver_group: conversationId } : { receiver_user: toPerson(peer) }),
        },
      };
    },
  }),
  route({
    id: 'editMessage',
    method: 'PATCH',
    paths: ['/api/messages/{conversation_id}/{message_id}/'],
    tag: 'Messages',
    summary: 'Give one’s own message another text',
    procedure: 'messages.edit',
    params,
    input: z.object({ message: text }),
    names: { ...names, id: 'message_id' },
    response: messageBody,
    errors: ['FORBIDDEN', 'UPDATE_REFUSED'],
    run: async (call, { params: { conversation_id, message_id: id }, input }) => {
      const conversationId = await conversationOf(call, conversation_id);
      const message = await call.api.messages.edit({ conversationId, id, text: input.message });
      const [body] = await toBodies(call.services, [message]);
      if (body === undefined) throw new TypeError('one message must be told of');
      return { body };
    },
  }),
  route({
    id: 'deleteMessage',
    method: 'DELETE',
    paths: ['/api/messages/{conversation_id}/{message_id}/'],
    tag: 'Messages',
    summary: 'Empty one’s own message, or as an admin anybody’s, for good',
    procedure: 'messages.delete',
    params,
    input: noFields,
    names: { id: 'message_id' },
    response: doneBody,
    errors: ['FORBIDDEN'],
    run: async (call, { params: { conversation_id, message_id: id } }) => {
      const conversationId = await conversationOf(call, conversation_id);
      await call.api.messages.delete({ conversationId, id });
      return { body: { message: 'The message was deleted.' } };
    },
  }),
  route({
    id: 'getMessageFile',
    method: 'GET',
    paths: ['/api/messages/files/{file_id}/'],
    tag: 'Messages',
    summary: 'A file of a message, and where to fetch it for a few minutes',
    procedure: 'files.get',
    input: noFields,
    names: { fileId: 'file_id' },
    response: z.object({
      file_url: z.string(),
      name: z.string(),
      size: z.number().int(),
      type: z.string(),
      sha256: z.string(),
      /** Of the file; null where it has no such time. */
      expires_at: z.date().nullable(),
    }),
    errors: ['EXPIRED'],
    run: async ({ api }, { params: { file_id: fileId } }) => {
      const { url, name, size, type, sha256, expiresAt } = await api.files.get({ fileId });
      return { body: { file_url: url, name, size, type, sha256, expires_at: expiresAt } };
    },
  }),
];
