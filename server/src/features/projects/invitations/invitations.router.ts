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
import type { ProjectsService } from '../projects.service.js';

const done = { done: true } as const;

export const createInvitationsRouter = (projects: ProjectsService) =>
  router({
    create: signedInProcedure
      .input(inviteInputSchema)
      .output(invitationSchema)
      .mutation(({ input, ctx }) => projects.invitations.create(ctx.me.userId, input)),
    list: signedInProcedure
      .input(invitationsListInputSchema)
      .output(invitationsPageSchema)
      .query(({ input, ctx }) => projects.invitations.list(ctx.me.userId, input)),
    mine: signedInProcedure
      .input(ownInvitationsInputSchema)
      .output(invitationsPageSchema)
      .query(({ input, ctx }) => projects.invitations.mine(ctx.me.userId, input)),
    accept: signedInProcedure
      .input(invitationRefSchema)
      .output(projectSchema)
      .mutation(({ input, ctx }) => projects.invitations.accept(ctx.me.userId, input.invitationId)),
    decline: signedInProcedure
      .input(invitationRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await projects.invitations.decline(ctx.me.userId, input.invitationId);
        return done;
      }),
    revoke: signedInProcedure
      .input(invitationRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await projects.invitations.revoke(ctx.me.userId, input.invitationId);
        return done;
      }),
  });
