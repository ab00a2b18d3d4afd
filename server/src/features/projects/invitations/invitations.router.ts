import {
  doneSchema,
  invitationRefSchema,
  invitationSchema,
  invitationsListInputSchema,
  invitationsPageSchema,
  inviteInputSchema,
  ownInvitationsInputSchema,
  projectSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../../trpc/index.js';
import type { InvitationsService } from './invitations.service.js';

const done = { done: true } as const;

export const createInvitationsRouter = (invitations: InvitationsService) =>
  router({
    create: signedInProcedure
      .input(inviteInputSchema)
      .output(invitationSchema)
      .mutation(({ input, ctx }) => invitations.create(ctx.me.userId, input)),
    list: signedInProcedure
      .input(invitationsListInputSchema)
      .output(invitationsPageSchema)
      .query(({ input, ctx }) => invitations.list(ctx.me.userId, input)),
    mine: signedInProcedure
      .input(ownInvitationsInputSchema)
      .output(invitationsPageSchema)
      .query(({ input, ctx }) => invitations.mine(ctx.me.userId, input)),
    accept: signedInProcedure
      .input(invitationRefSchema)
      .output(projectSchema)
      .mutation(({ input, ctx }) => invitations.accept(ctx.me.userId, input.invitationId)),
    decline: signedInProcedure
      .input(invitationRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await invitations.decline(ctx.me.userId, input.invitationId);
        return done;
      }),
    revoke: signedInProcedure
      .input(invitationRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await invitations.revoke(ctx.me.userId, input.invitationId);
        return done;
      }),
  });
