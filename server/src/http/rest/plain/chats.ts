import { AppError, type Message, opaqueIdSchema } from '@parley/shared';
import { z } from 'zod';
import { noFields, type RestCall, route } from '../route.js';
import { textOf } from './say.js';

/** What a chat shows. */
const MESSAGES = 50;

const saidBody = z.object({
  id: z.string(),
  text: z.string(),
  sender: z.object({ id: z.string(), first_name: z.string(), last_name: z.string() }),
  created_at: z.date(),
});

/** Newest first; the names come in one query. */
const toSaid = async (
  { services }: RestCall,
  messages: readonly Message[],
): Promise<z.input<typeof saidBody>[]> => {
  const names = await services.names(messages.map(({ author }) => author.id));
  return messages.toReversed().map((message) => {
    const { id, author, receivedAt } = message;
    const { firstName = '', lastName = '' } = names.get(author.id) ?? {};
    return {
      ...{ id, text: textOf(message, new Map()), created_at: receivedAt },
      sender: { id: author.id, first_name: firstName, last_name: lastName },
    };
  });
};

export const chatRoutes = [
  route({
    id: 'getChat',
    method: 'GET',
    paths: ['/api/users/{id}/chat/'],
    tag: 'Chats',
    summary: 'The direct conversation with somebody, made where there is none, with its newest messages',
    procedure: 'conversations.start',
    input: noFields,
    response: z.object({
      success: z.literal(true),
      msg: z.string(),
      data: z.object({ id: z.string(), messages: z.array(saidBody) }),
      status: z.literal(200),
    }),
    run: async (call, { params }) => {
      const { api } = call;
      const { conversation, created } = await api.conversations.start({ userId: params.id });
      const { id: conversationId } = conversation;
      const { items } = await api.messages.list({ conversationId, limit: MESSAGES });
      const data = { id: conversationId, messages: await toSaid(call, items) };
      const msg = created ? 'The chat was made.' : 'The chat was there.';
      return { body: { success: true, msg, data, status: 200 } as const };
    },
  }),
  route({
    id: 'startChat',
    method: 'POST',
    paths: ['/api/chat/start/'],
    tag: 'Chats',
    summary: 'The direct conversation with somebody who is online, by username or id',
    procedure: 'conversations.start',
    input: z.object({ receiver_id: opaqueIdSchema }),
    names: { userId: 'receiver_id' },
    statuses: [201, 200],
    response: z.object({ conversation_id: z.string(), online: z.literal(true) }),
    errors: ['NOT_FOUND', 'RECIPIENT_OFFLINE'],
    run: async ({ api, services, me }, { input }) => {
      const userId = await services.findPerson(input.receiver_id);
      if (userId === null) throw new AppError('NOT_FOUND');
      if (userId === (await me()).userId)
        throw new AppError('INVALID_INPUT', { details: { fields: { userId: ['must be somebody else'] } } });
      // Throws where the caller may not know of them.
      await api.users.get({ userId });
      const { items } = await api.presence.get({ userIds: [userId] });
      if (items.every(({ status }) => status === 'offline')) throw new AppError('RECIPIENT_OFFLINE');
      const { conversation, created } = await api.conversations.start({ userId });
      const body = { conversation_id: conversation.id, online: true } as const;
      return { status: created ? 201 : 200, body };
    },
  }),
];
