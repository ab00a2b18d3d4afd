import {
  createSpaceLinkInputSchema,
  doneSchema,
  linkRefSchema,
  linkTokenInputSchema,
  outsidersInputSchema,
  outsidersPageSchema,
  setSpaceRoleInputSchema,
  spaceInvitationsInputSchema,
  spaceInvitationsPageSchema,
  spaceLinkPreviewSchema,
  spaceLinkSchema,
  spaceLinksSchema,
  spaceMemberRefSchema,
  spaceRefSchema,
  spaceSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../../trpc/index.js';
import type { SpacesService } from './spaces.service.js';

const done = { done: true } as const;

const ofSpace = signedInProcedure.input(spaceRefSchema);
const ofMember = signedInProcedure.input(spaceMemberRefSchema).output(doneSchema);
const outsiders = signedInProcedure.input(outsidersInputSchema).output(outsidersPageSchema);

/** The procedures that groups and rooms have in common. */
export const spaceProcedures = (of: { readonly spaces: SpacesService }) => ({
  get: ofSpace
    .output(spaceSchema)
    .query(({ input, ctx }) => of.spaces.get(ctx.me.userId, input.conversationId)),
  join: ofSpace
    .output(spaceSchema)
    .mutation(({ input, ctx }) => of.spaces.join(ctx.me.userId, input.conversationId)),
  leave: ofSpace.output(doneSchema).mutation(async ({ input, ctx }) => {
    await of.spaces.leave(ctx.me.userId, input.conversationId);
    return done;
  }),
  archive: ofSpace
    .output(spaceSchema)
    .mutation(({ input, ctx }) => of.spaces.setArchived(ctx.me.userId, input.conversationId, true)),
  restore: ofSpace
    .output(spaceSchema)
    .mutation(({ input, ctx }) => of.spaces.setArchived(ctx.me.userId, input.conversationId, false)),
  delete: ofSpace.output(doneSchema).mutation(async ({ input, ctx }) => {
    await of.spaces.delete(ctx.me.userId, input.conversationId);
    return done;
  }),
  addMember: ofMember.mutation(async ({ input, ctx }) => {
    await of.spaces.addMember(ctx.me.userId, input);
    return done;
  }),
  removeMember: ofMember.mutation(async ({ input, ctx }) => {
    await of.spaces.removeMember(ctx.me.userId, input);
    return done;
  }),
  setRole: signedInProcedure
    .input(setSpaceRoleInputSchema)
    .output(doneSchema)
    .mutation(async ({ input, ctx }) => {
      await of.spaces.setRole(ctx.me.userId, input);
      return done;
    }),
  transfer: ofMember.mutation(async ({ input, ctx }) => {
    await of.spaces.transfer(ctx.me.userId, input);
    return done;
  }),
  ban: ofMember.mutation(async ({ input, ctx }) => {
    await of.spaces.ban(ctx.me.userId, input);
    return done;
  }),
  unban: ofMember.mutation(async ({ input, ctx }) => {
    await of.spaces.unban(ctx.me.userId, input);
    return done;
  }),
  banned: outsiders.query(({ input, ctx }) => of.spaces.outsiders(ctx.me.userId, 'banned', input)),
  silence: ofMember.mutation(async ({ input, ctx }) => {
    await of.spaces.setSilenced(ctx.me.userId, input, true);
    return done;
  }),
  unsilence: ofMember.mutation(async ({ input, ctx }) => {
    await of.spaces.setSilenced(ctx.me.userId, input, false);
    return done;
  }),
  invite: ofMember.mutation(async ({ input, ctx }) => {
    await of.spaces.invite(ctx.me.userId, input);
    return done;
  }),
  revokeInvitation: ofMember.mutation(async ({ input, ctx }) => {
    await of.spaces.revokeInvitation(ctx.me.userId, input);
    return done;
  }),
  invited: outsiders.query(({ input, ctx }) => of.spaces.outsiders(ctx.me.userId, 'invited', input)),
  invitations: signedInProcedure
    .input(spaceInvitationsInputSchema)
    .output(spaceInvitationsPageSchema)
    .query(({ input, ctx }) => of.spaces.invitations(ctx.me.userId, input)),
  decline: ofSpace.output(doneSchema).mutation(async ({ input, ctx }) => {
    await of.spaces.decline(ctx.me.userId, input.conversationId);
    return done;
  }),
  links: router({
    create: signedInProcedure
      .input(createSpaceLinkInputSchema)
      .output(spaceLinkSchema)
      .mutation(({ input, ctx }) => of.spaces.links.create(ctx.me.userId, input)),
    list: ofSpace
      .output(spaceLinksSchema)
      .query(({ input, ctx }) => of.spaces.links.list(ctx.me.userId, input.conversationId)),
    revoke: signedInProcedure
      .input(linkRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await of.spaces.links.revoke(ctx.me.userId, input.linkId);
        return done;
      }),
    preview: signedInProcedure
      .input(linkTokenInputSchema)
      .output(spaceLinkPreviewSchema)
      .query(({ input }) => of.spaces.links.preview(input.token)),
    join: signedInProcedure
      .input(linkTokenInputSchema)
      .output(spaceSchema)
      .mutation(({ input, ctx }) => of.spaces.links.join(ctx.me.userId, input.token)),
  }),
});
