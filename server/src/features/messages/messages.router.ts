import {
  editInputSchema,
  messageRefSchema,
  messageSchema,
  messagesAroundInputSchema,
  messagesAroundSchema,
  messagesListInputSchema,
  messagesPageSchema,
  messagesSearchInputSchema,
  messagesSearchSchema,
  reactionInputSchema,
  sendInputSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { MessagesService } from './messages.service.js';

export const createMessagesRouter = (messages: MessagesService) =>
  router({
    list: signedInProcedure
      .input(messagesListInputSchema)
      .output(messagesPageSchema)
      .query(({ input, ctx }) => messages.list(ctx.me, input)),
    around: signedInProcedure
      .input(messagesAroundInputSchema)
      .output(messagesAroundSchema)
      .query(({ input, ctx }) => messages.around(ctx.me, input)),
    search: signedInProcedure
      .input(messagesSearchInputSchema)
      .output(messagesSearchSchema)
      .query(({ input, ctx }) => messages.search(ctx.me, input)),
    send: signedInProcedure
      .input(sendInputSchema)
      .output(messageSchema)
      .mutation(({ input, ctx }) => messages.send(ctx.me, input)),
    edit: signedInProcedure
      .input(editInputSchema)
      .output(messageSchema)
      .mutation(({ input, ctx }) => messages.edit(ctx.me, input)),
    delete: signedInProcedure
      .input(messageRefSchema)
      .output(messageSchema)
      .mutation(({ input, ctx }) => messages.delete(ctx.me, input)),
    react: signedInProcedure
      .input(reactionInputSchema)
      .output(messageSchema)
      .mutation(({ input, ctx }) => messages.react(ctx.me, input)),
    unreact: signedInProcedure
      .input(reactionInputSchema)
      .output(messageSchema)
      .mutation(({ input, ctx }) => messages.unreact(ctx.me, input)),
  });
