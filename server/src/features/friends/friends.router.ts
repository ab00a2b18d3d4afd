import {
  friendshipSchema,
  friendsListInputSchema,
  friendsPageSchema,
  suggestionsInputSchema,
  suggestionsSchema,
  userRefSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { FriendsService } from './friends.service.js';

export const createFriendsRouter = (friends: FriendsService) => {
  type Change = 'request' | 'accept' | 'decline' | 'cancel' | 'remove' | 'block' | 'unblock';
  const change = (act: Change) =>
    signedInProcedure
      .input(userRefSchema)
      .output(friendshipSchema)
      .mutation(async ({ ctx, input: { userId } }) => ({
        userId,
        state: await friends[act](ctx.me.userId, userId),
      }));
  return router({
    list: signedInProcedure
      .input(friendsListInputSchema)
      .output(friendsPageSchema)
      .query(({ ctx, input }) => friends.list(ctx.me.userId, input)),
    request: change('request'),
    accept: change('accept'),
    decline: change('decline'),
    cancel: change('cancel'),
    remove: change('remove'),
    block: change('block'),
    unblock: change('unblock'),
    suggestions: signedInProcedure
      .input(suggestionsInputSchema)
      .output(suggestionsSchema)
      .query(async ({ ctx, input }) => ({
        items: await friends.suggestions(ctx.me.userId, input.limit),
      })),
  });
};
