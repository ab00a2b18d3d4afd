import {
  AppError,
  type createLinkInputSchema,
  type LinkPreview,
  limits,
  type Project,
  type ProjectLink,
} from '@parley/shared';
import type { z } from 'zod';
import { createLinks, type LinkRow, type Links } from '../../links/index.js';
import { getAccess, getOpen } from '../access.js';
import { comeIn } from '../come-in.js';
import type { MembersParts } from '../parts.js';
import type { ProjectRow } from '../project.model.js';

type CreateInput = z.output<typeof createLinkInputSchema>;

/** Ways into a project for whoever is handed one. */
export interface LinksService {
  /** By an admin. CONFLICT where there are as many as may be. */
  create(userId: string, input: CreateInput): Promise<ProjectLink>;
  /** Those whose time is not over, with their tokens; by an admin. */
  list(userId: string, projectId: string): Promise<{ items: ProjectLink[] }>;
  /** By an admin. Nobody comes in by it from here on. */
  revoke(userId: string, linkId: string): Promise<void>;
  /** By anybody who has the token. NOT_FOUND once it was revoked or the project is gone, EXPIRED once it is over or used up. */
  preview(token: string): Promise<LinkPreview>;
  /** The same, and in one is. Whoever is in already stays as they are, and uses nothing up. CONFLICT for an archived or full project. */
  join(userId: string, token: string): Promise<Project>;
}

/** No other sort of token has it. */
const AUDIENCE = 'parley:project-link';

export const createLinksService = (
  parts: MembersParts,
  getProject: (userId: string, projectId: string) => Promise<Project>,
): LinksService => {
  const links = createLinks({
    ...{ links: parts.projectLinks, users: parts.users, key: parts.linkKey, audience: AUDIENCE },
    ...{ field: 'projectId', maxPerPlace: limits.linksPerProject.value },
    stands: async (projectId) => (await findProject(parts, projectId)) !== null,
  });
  return {
    create: async (userId, { projectId, ...terms }) => {
      await getOpen(parts, { projectId, userId, needs: 'admin' });
      return await links.make({ ...terms, place: projectId, createdBy: userId });
    },
    list: async (userId, projectId) => {
      await getAccess(parts, { projectId, userId, needs: 'admin' });
      return { items: await links.list(projectId) };
    },
    revoke: async (userId, linkId) => {
      const row = await links.find(linkId);
      if (row === null) throw new AppError('NOT_FOUND');
      await getAccess(parts, { projectId: row.place, userId, needs: 'admin' });
      await links.revoke(linkId);
    },
    preview: async (token) => {
      const { row, project } = await findLink(parts, links, token);
      if (row.usesLeft <= 0) throw new AppError('EXPIRED');
      const [people, memberCount] = await Promise.all([
        parts.users.people([row.createdBy]),
        parts.projectMembers.countDocuments({ project: project._id }),
      ]);
      const invitedBy = people.get(row.createdBy);
      if (invitedBy === undefined) throw new AppError('NOT_FOUND');
      const { role, expiresAt } = row;
      return { project: { id: project._id, name: project.name, memberCount }, invitedBy, role, expiresAt };
    },
    join: async (userId, token) => {
      const { row, project } = await findLink(parts, links, token);
      const place = { projectId: project._id, userId };
      const isIn = await parts.projectMembers.exists({ project: project._id, user: userId });
      if (isIn === null) {
        if (project.archivedAt !== null)
          throw new AppError('CONFLICT', {
            details: { fields: { token: ['leads into an archived project'] } },
          });
        await links.use(row, () => comeIn(parts, place, { role: row.role, by: userId }));
      }
      return await getProject(userId, project._id);
    },
  };
};

const findProject = async ({ projects }: MembersParts, projectId: string): Promise<ProjectRow | null> =>
  await projects.findOne({ _id: projectId, deletedAt: null }).lean<ProjectRow>();

const findLink = async (
  parts: MembersParts,
  links: Links,
  token: string,
): Promise<{ row: LinkRow; project: ProjectRow }> => {
  const row = await links.read(token);
  const project = await findProject(parts, row.place);
  if (project === null) throw new AppError('NOT_FOUND');
  return { row, project };
};
