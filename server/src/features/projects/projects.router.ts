import {
  addMemberInputSchema,
  createProjectInputSchema,
  doneSchema,
  memberRefSchema,
  projectMemberSchema,
  projectMembersInputSchema,
  projectMembersPageSchema,
  projectRefSchema,
  projectSchema,
  projectsListInputSchema,
  projectsPageSchema,
  replaceProjectInputSchema,
  setMemberRoleInputSchema,
  updateProjectInputSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import { createInvitationsRouter } from './invitations/invitations.router.js';
import { createLinksRouter } from './links/links.router.js';
import type { ProjectsService } from './projects.service.js';

const done = { done: true } as const;

export const createProjectsRouter = (projects: ProjectsService) =>
  router({
    create: signedInProcedure
      .input(createProjectInputSchema)
      .output(projectSchema)
      .mutation(({ input, ctx }) => projects.create(ctx.me.userId, input)),
    list: signedInProcedure
      .input(projectsListInputSchema)
      .output(projectsPageSchema)
      .query(({ input, ctx }) => projects.list(ctx.me.userId, input)),
    get: signedInProcedure
      .input(projectRefSchema)
      .output(projectSchema)
      .query(({ input, ctx }) => projects.get(ctx.me.userId, input.projectId)),
    update: signedInProcedure
      .input(updateProjectInputSchema)
      .output(projectSchema)
      .mutation(({ input: { projectId, ...change }, ctx }) =>
        projects.change(ctx.me.userId, projectId, change),
      ),
    replace: signedInProcedure
      .input(replaceProjectInputSchema)
      .output(projectSchema)
      .mutation(({ input: { projectId, ...change }, ctx }) =>
        projects.change(ctx.me.userId, projectId, change),
      ),
    archive: signedInProcedure
      .input(projectRefSchema)
      .output(projectSchema)
      .mutation(({ input, ctx }) => projects.setArchived(ctx.me.userId, input.projectId, true)),
    restore: signedInProcedure
      .input(projectRefSchema)
      .output(projectSchema)
      .mutation(({ input, ctx }) => projects.setArchived(ctx.me.userId, input.projectId, false)),
    delete: signedInProcedure
      .input(projectRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await projects.delete(ctx.me.userId, input.projectId);
        return done;
      }),
    leave: signedInProcedure
      .input(projectRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await projects.leave(ctx.me.userId, input.projectId);
        return done;
      }),
    transfer: signedInProcedure
      .input(memberRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await projects.transfer(ctx.me.userId, input);
        return done;
      }),
    invitations: createInvitationsRouter(projects),
    links: createLinksRouter(projects),
    members: router({
      list: signedInProcedure
        .input(projectMembersInputSchema)
        .output(projectMembersPageSchema)
        .query(({ input, ctx }) => projects.members(ctx.me.userId, input)),
      add: signedInProcedure
        .input(addMemberInputSchema)
        .output(projectMemberSchema)
        .mutation(({ input, ctx }) => projects.addMember(ctx.me.userId, input)),
      setRole: signedInProcedure
        .input(setMemberRoleInputSchema)
        .output(projectMemberSchema)
        .mutation(({ input, ctx }) => projects.setRole(ctx.me.userId, input)),
      remove: signedInProcedure
        .input(memberRefSchema)
        .output(doneSchema)
        .mutation(async ({ input, ctx }) => {
          await projects.removeMember(ctx.me.userId, input);
          return done;
        }),
    }),
  });
