import {
  doneSchema,
  loginInputSchema,
  meOutputSchema,
  noInputSchema,
  refreshInputSchema,
  registerInputSchema,
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
      .input(noInputSchema)
      .output(doneSchema)
      .mutation(async ({ ctx }) => {
        await auth.logout(ctx.me);
        return { done: true };
      }),
    me: signedInProcedure
      .input(noInputSchema)
      .output(meOutputSchema)
      .query(({ ctx }) => auth.me(ctx.me)),
  });
