import {
  createGroupInputSchema,
  doneSchema,
  groupsListInputSchema,
  outsidersInputSchema,
  outsidersPageSchema,
  spaceMemberRefSchema,
  spaceSchema,
  spacesPageSchema,
  updateGroupInputSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import { spaceProcedures } from '../conversations/index.js';
import type { GroupsService } from './groups.service.js';

const done = { done: true } as const;

export const createGroupsRouter = (groups: GroupsService) =>
  router({
    ...spaceProcedures(groups),
    create: signedInProcedure
      .input(createGroupInputSchema)
      .output(spaceSchema)
      .mutation(({ input, ctx }) => groups.create(ctx.me.userId, input)),
    list: signedInProcedure
      .input(groupsListInputSchema)
      .output(spacesPageSchema)
      .query(({ input, ctx }) => groups.list(ctx.me.userId, input)),
    update: signedInProcedure
      .input(updateGroupInputSchema)
      .output(spaceSchema)
      .mutation(({ input: { conversationId, ...change }, ctx }) =>
        groups.spaces.update(ctx.me.userId, conversationId, change),
      ),
    requests: signedInProcedure
      .input(outsidersInputSchema)
      .output(outsidersPageSchema)
      .query(({ input, ctx }) => groups.spaces.outsiders(ctx.me.userId, 'requested', input)),
    approve: signedInProcedure
      .input(spaceMemberRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await groups.spaces.approve(ctx.me.userId, input);
        return done;
      }),
    declineRequest: signedInProcedure
      .input(spaceMemberRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await groups.spaces.declineRequest(ctx.me.userId, input);
        return done;
      }),
  });
