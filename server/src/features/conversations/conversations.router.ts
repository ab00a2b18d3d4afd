import {
  archiveInputSchema,
  conversationRefSchema,
  conversationSchema,
  conversationsListInputSchema,
  conversationsPageSchema,
  doneSchema,
  keepInputSchema,
  markReadInputSchema,
  muteInputSchema,
  participantsInputSchema,
  participantsPageSchema,
  pinInputSchema,
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
    get: signedInProcedure
      .input(conversationRefSchema)
      .output(conversationSchema)
      .query(({ input, ctx }) => conversations.get(ctx.me.userId, input.conversationId)),
    participants: signedInProcedure
      .input(participantsInputSchema)
      .output(participantsPageSchema)
      .query(({ input, ctx }) => conversations.participants(ctx.me.userId, input)),
    mute: signedInProcedure
      .input(muteInputSchema)
      .output(conversationSchema)
      .mutation(({ input, ctx }) => conversations.mute(ctx.me.userId, input.conversationId, input.until)),
    pin: signedInProcedure
      .input(pinInputSchema)
      .output(conversationSchema)
      .mutation(({ input, ctx }) => conversations.pin(ctx.me.userId, input.conversationId, input.pinned)),
    archive: signedInProcedure
      .input(archiveInputSchema)
      .output(conversationSchema)
      .mutation(({ input, ctx }) =>
        conversations.archive(ctx.me.userId, input.conversationId, input.archived),
      ),
    keep: signedInProcedure
      .input(keepInputSchema)
      .output(conversationSchema)
      .mutation(({ input, ctx }) => conversations.keep(ctx.me.userId, input.conversationId, input.days)),
    delete: signedInProcedure
      .input(conversationRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await conversations.delete(ctx.me.userId, input.conversationId);
        return { done: true };
      }),
    list: signedInProcedure
      .input(conversationsListInputSchema)
      .output(conversationsPageSchema)
      .query(({ input, ctx }) => conversations.list(ctx.me.userId, input)),
  });
