import {
  createLinkInputSchema,
  doneSchema,
  linkPreviewSchema,
  linkRefSchema,
  linksSchema,
  linkTokenInputSchema,
  projectLinkSchema,
  projectRefSchema,
  projectSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../../trpc/index.js';
import type { ProjectsService } from '../projects.service.js';

export const createLinksRouter = (projects: ProjectsService) =>
  router({
    create: signedInProcedure
      .input(createLinkInputSchema)
      .output(projectLinkSchema)
      .mutation(({ input, ctx }) => projects.links.create(ctx.me.userId, input)),
    list: signedInProcedure
      .input(projectRefSchema)
      .output(linksSchema)
      .query(({ input, ctx }) => projects.links.list(ctx.me.userId, input.projectId)),
    revoke: signedInProcedure
      .input(linkRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await projects.links.revoke(ctx.me.userId, input.linkId);
        return { done: true };
      }),
    preview: signedInProcedure
      .input(linkTokenInputSchema)
      .output(linkPreviewSchema)
      .query(({ input }) => projects.links.preview(input.token)),
    join: signedInProcedure
      .input(linkTokenInputSchema)
      .output(projectSchema)
      .mutation(({ input, ctx }) => projects.links.join(ctx.me.userId, input.token)),
  });
