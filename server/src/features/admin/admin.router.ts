import {
  accountActInputSchema,
  accountsListInputSchema,
  accountsPageSchema,
  auditListInputSchema,
  auditPageSchema,
  doneSchema,
  endedSchema,
  noInputSchema,
  setRoleInputSchema,
  statsSchema,
} from '@parley/shared';
import { adminProcedure, router } from '../../trpc/index.js';
import type { AdminService } from './admin.service.js';

export const createAdminRouter = (admin: AdminService) =>
  router({
    users: router({
      list: adminProcedure
        .input(accountsListInputSchema)
        .output(accountsPageSchema)
        .query(({ input }) => admin.list(input)),
      suspend: adminProcedure
        .input(accountActInputSchema)
        .output(doneSchema)
        .mutation(async ({ ctx, input }) => {
          await admin.suspend(ctx.me.userId, input);
          return { done: true };
        }),
      restore: adminProcedure
        .input(accountActInputSchema)
        .output(doneSchema)
        .mutation(async ({ ctx, input }) => {
          await admin.restore(ctx.me.userId, input);
          return { done: true };
        }),
      setRole: adminProcedure
        .input(setRoleInputSchema)
        .output(doneSchema)
        .mutation(async ({ ctx, input }) => {
          await admin.setRole(ctx.me.userId, input);
          return { done: true };
        }),
    }),
    sessions: router({
      revoke: adminProcedure
        .input(accountActInputSchema)
        .output(endedSchema)
        .mutation(async ({ ctx, input }) => ({ ended: await admin.revokeSessions(ctx.me.userId, input) })),
    }),
    stats: adminProcedure
      .input(noInputSchema)
      .output(statsSchema)
      .query(() => admin.stats()),
    audit: adminProcedure
      .input(auditListInputSchema)
      .output(auditPageSchema)
      .query(({ input }) => admin.audit(input)),
  });
