import { messageSchema, messagesListInputSchema, messagesPageSchema, sendInputSchema } from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { MessagesService } from './messages.service.js';

export const createMessagesRouter = (messages: MessagesService) =>
  router({
    list: signedInProcedure
      .input(messagesListInputSchema)
      .output(messagesPageSchema)
      .query(({ input, ctx }) => messages.list(ctx.me, input)),
    send: signedInProcedure
      .input(sendInputSchema)
      .output(messageSchema)
      .mutation(({ input, ctx }) => messages.send(ctx.me, input)),
  });
