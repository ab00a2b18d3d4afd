import {
  commentRefSchema,
  commentSchema,
  commentsListInputSchema,
  commentsPageSchema,
  createCommentInputSchema,
  doneSchema,
  replaceCommentInputSchema,
  updateCommentInputSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { CommentsService } from './comments.service.js';

export const createCommentsRouter = (comments: CommentsService) =>
  router({
    create: signedInProcedure
      .input(createCommentInputSchema)
      .output(commentSchema)
      .mutation(({ input, ctx }) => comments.create(ctx.me.userId, input)),
    get: signedInProcedure
      .input(commentRefSchema)
      .output(commentSchema)
      .query(({ input, ctx }) => comments.get(ctx.me.userId, input.commentId)),
    list: signedInProcedure
      .input(commentsListInputSchema)
      .output(commentsPageSchema)
      .query(({ input, ctx }) => comments.list(ctx.me.userId, input)),
    update: signedInProcedure
      .input(updateCommentInputSchema)
      .output(commentSchema)
      .mutation(({ input, ctx }) => comments.update(ctx.me.userId, input)),
    replace: signedInProcedure
      .input(replaceCommentInputSchema)
      .output(commentSchema)
      .mutation(({ input, ctx }) => comments.update(ctx.me.userId, input)),
    delete: signedInProcedure
      .input(commentRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await comments.delete(ctx.me.userId, input.commentId);
        return { done: true } as const;
      }),
  });
