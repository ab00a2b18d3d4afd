import {
  conversationsListInputSchema,
  conversationsPageSchema,
  markReadInputSchema,
  readMarkSchema,
  startInputSchema,
  startOutputSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { ConversationsService } from './conversations.service.js';

export const createConversationsRouter = (conversations: ConversationsService) =>
  router({
    start: signedInProcedure
      .input(startInputSchema)
      .output(startOutputSchema)
      .mutation(({ input, ctx }) => conversations.start(ctx.me.userId, input.userId)),
    markRead: signedInProcedure
      .input(markReadInputSchema)
      .output(readMarkSchema)
      .mutation(({ input, ctx }) => conversations.markRead(ctx.me.userId, input)),
    list: signedInProcedure
      .input(conversationsListInputSchema)
      .output(conversationsPageSchema)
      .query(({ input, ctx }) => conversations.list(ctx.me.userId, input)),
  });
