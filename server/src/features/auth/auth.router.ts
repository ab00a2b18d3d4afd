import {
  changePasswordInputSchema,
  doneSchema,
  endedSchema,
  loginInputSchema,
  logoutEverywhereInputSchema,
  logoutInputSchema,
  meOutputSchema,
  noInputSchema,
  refreshInputSchema,
  registerInputSchema,
  requestPasswordResetInputSchema,
  resetPasswordInputSchema,
  sessionRefSchema,
  sessionsInputSchema,
  sessionsPageSchema,
  signedInSchema,
  tokensSchema,
} from '@parley/shared';
import { publicProcedure, router, signedInProcedure } from '../../trpc/index.js';
import type { AuthService } from './auth.service.js';

export const createAuthRouter = (auth: AuthService) =>
  router({
    register: publicProcedure
      .input(registerInputSchema)
      .output(signedInSchema)
      .mutation(({ input, ctx }) => auth.register(input, ctx.caller)),
    login: publicProcedure
      .input(loginInputSchema)
      .output(signedInSchema)
      .mutation(({ input, ctx }) => auth.login(input, ctx.caller)),
    refresh: publicProcedure
      .input(refreshInputSchema)
      .output(tokensSchema)
      .mutation(({ input }) => auth.refresh(input.refreshToken)),
    logout: signedInProcedure
      .input(logoutInputSchema)
      .output(doneSchema)
      .mutation(async ({ ctx, input }) => {
        await auth.logout(ctx.me, input);
        return { done: true };
      }),
    logoutEverywhere: signedInProcedure
      .input(logoutEverywhereInputSchema)
      .output(endedSchema)
      .mutation(async ({ ctx, input }) => ({ ended: await auth.logoutEverywhere(ctx.me, input) })),
    sessions: signedInProcedure
      .input(sessionsInputSchema)
      .output(sessionsPageSchema)
      .query(({ ctx, input }) => auth.sessions(ctx.me, input)),
    revokeSession: signedInProcedure
      .input(sessionRefSchema)
      .output(doneSchema)
      .mutation(async ({ ctx, input }) => {
        await auth.revokeSession(ctx.me, input.sessionId);
        return { done: true };
      }),
    changePassword: signedInProcedure
      .input(changePasswordInputSchema)
      .output(doneSchema)
      .mutation(async ({ ctx, input }) => {
        await auth.changePassword({ actor: ctx.me, caller: ctx.caller }, input);
        return { done: true };
      }),
    requestPasswordReset: publicProcedure
      .input(requestPasswordResetInputSchema)
      .output(doneSchema)
      .mutation(({ ctx, input }) => {
        auth.requestPasswordReset(input, ctx.caller);
        return { done: true };
      }),
    resetPassword: publicProcedure
      .input(resetPasswordInputSchema)
      .output(doneSchema)
      .mutation(async ({ ctx, input }) => {
        await auth.resetPassword(input, ctx.caller);
        return { done: true };
      }),
    me: signedInProcedure
      .input(noInputSchema)
      .output(meOutputSchema)
      .query(({ ctx }) => auth.me(ctx.me)),
  });
