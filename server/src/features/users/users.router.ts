import {
  deleteUserInputSchema,
  doneSchema,
  type ExportPage,
  exportInputSchema,
  exportPageSchema,
  meSchema,
  profileSchema,
  replaceUserInputSchema,
  updateUserInputSchema,
  userRefSchema,
  usersListInputSchema,
  usersPageSchema,
} from '@parley/shared';
import { type Actor, type Caller, router, signedInProcedure } from '../../trpc/index.js';
import type { UsersService } from './users.service.js';

/** What concerns an account wherever it has left something; whoever knows all of that implements it. */
export interface WholeAccount {
  export(actor: Actor, cursor: string | undefined): Promise<ExportPage>;
  delete(from: { readonly actor: Actor; readonly caller: Caller }, password: string): Promise<void>;
}

export const createUsersRouter = (users: UsersService, account: WholeAccount) =>
  router({
    export: signedInProcedure
      .input(exportInputSchema)
      .output(exportPageSchema)
      .query(({ ctx, input }) => account.export(ctx.me, input.cursor)),
    delete: signedInProcedure
      .input(deleteUserInputSchema)
      .output(doneSchema)
      .mutation(async ({ ctx, input }) => {
        await account.delete({ actor: ctx.me, caller: ctx.caller }, input.password);
        return { done: true };
      }),
    get: signedInProcedure
      .input(userRefSchema)
      .output(profileSchema)
      .query(({ ctx, input }) => users.profile(ctx.me.userId, input.userId)),
    list: signedInProcedure
      .input(usersListInputSchema)
      .output(usersPageSchema)
      .query(({ ctx, input }) => users.list(ctx.me.userId, input)),
    update: signedInProcedure
      .input(updateUserInputSchema)
      .output(meSchema)
      .mutation(({ ctx, input }) => users.change({ userId: ctx.me.userId, caller: ctx.caller }, input)),
    replace: signedInProcedure
      .input(replaceUserInputSchema)
      .output(meSchema)
      .mutation(({ ctx, input }) => users.change({ userId: ctx.me.userId, caller: ctx.caller }, input)),
  });
