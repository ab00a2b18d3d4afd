import {
  AppError,
  type createLinkInputSchema,
  type LinkPreview,
  limits,
  newId,
  type Project,
  type ProjectLink,
} from '@parley/shared';
import type { z } from 'zod';
import { getAccess, getOpen } from '../access.js';
import { comeIn } from '../come-in.js';
import type { MembersParts } from '../parts.js';
import type { ProjectRow } from '../project.model.js';
import type { LinkRow } from './link.model.js';
import { readLink, signLink } from './link-token.js';

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

export const createLinksService = (
  parts: MembersParts,
  getProject: (userId: string, projectId: string) => Promise<Project>,
): LinksService => ({
  create: (userId, input) => create(parts, userId, input),
  list: async (userId, projectId) => {
    await getAccess(parts, { projectId, userId, needs: 'admin' });
    const rows = await parts.projectLinks
      .find({ project: projectId, ...open() })
      .sort({ _id: -1 })
      .limit(limits.linksPerProject.value)
      .lean<LinkRow[]>();
    return { items: await toLinks(parts, rows) };
  },
  revoke: async (userId, linkId) => {
    const row = await parts.projectLinks.findOne({ _id: linkId }).lean();
    if (row === null) throw new AppError('NOT_FOUND');
    await getAccess(parts, { projectId: row.project, userId, needs: 'admin' });
    await parts.projectLinks.deleteOne({ _id: linkId });
  },
  preview: async (token) => {
    const { row, project } = await findLink(parts, token);
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
    const { row, project } = await findLink(parts, token);
    await join(parts, { row, project, userId });
    return await getProject(userId, project._id);
  },
});

const open = () => ({ expiresAt: { $gt: new Date() } });

const create = async (parts: MembersParts, userId: string, input: CreateInput): Promise<ProjectLink> => {
  const { projectId, role, expiresInHours, maxUses } = input;
  await getOpen(parts, { projectId, userId, needs: 'admin' });
  const createdAt = new Date();
  const expiresAt = new Date(createdAt.getTime() + expiresInHours * 60 * 60 * 1_000);
  expiresAt.setMilliseconds(0);
  const row: LinkRow = {
    ...{ _id: newId(), project: projectId, role, createdBy: userId, createdAt, expiresAt },
    ...{ maxUses, usesLeft: maxUses },
  };
  await parts.projectLinks.insertOne(row);
  const fault = await faultOf(parts, row);
  if (fault !== null) {
    await parts.projectLinks.deleteOne({ _id: row._id });
    throw fault;
  }
  const [link] = await toLinks(parts, [row]);
  if (link === undefined) throw new TypeError('a link that was made must be shown');
  return link;
};

/** What ended meanwhile has taken its links along before this one was written; others have made some at the same moment. */
const faultOf = async (parts: MembersParts, row: LinkRow): Promise<AppError | null> => {
  const [project, user, count] = await Promise.all([
    parts.projects.exists({ _id: row.project, deletedAt: null }),
    parts.users.find(row.createdBy),
    parts.projectLinks.countDocuments({ project: row.project, ...open() }),
  ]);
  if (project === null || user === null) return new AppError('NOT_FOUND');
  if (count <= limits.linksPerProject.value) return null;
  return new AppError('CONFLICT', { details: { fields: { projectId: ['has as many links as it may'] } } });
};

const findLink = async (
  { projectLinks, projects, linkKey }: MembersParts,
  token: string,
): Promise<{ row: LinkRow; project: ProjectRow }> => {
  const row = await projectLinks.findOne({ _id: readLink(token, linkKey) }).lean<LinkRow>();
  const project =
    row === null ? null : await projects.findOne({ _id: row.project, deletedAt: null }).lean<ProjectRow>();
  if (row === null || project === null) throw new AppError('NOT_FOUND');
  return { row, project };
};

interface Joining {
  readonly row: LinkRow;
  readonly project: ProjectRow;
  readonly userId: string;
}

/** A use is taken before anybody comes in by it: a crash in between loses one, and never lets in one too many. */
const join = async (parts: MembersParts, { row, project, userId }: Joining): Promise<void> => {
  const { projectLinks, projectMembers } = parts;
  const projectId = project._id;
  if ((await projectMembers.exists({ project: projectId, user: userId })) !== null) return;
  if (project.archivedAt !== null)
    throw new AppError('CONFLICT', { details: { fields: { token: ['leads into an archived project'] } } });
  const taken = await projectLinks
    .findOneAndUpdate({ _id: row._id, usesLeft: { $gt: 0 }, ...open() }, { $inc: { usesLeft: -1 } })
    .lean();
  if (taken === null) {
    const stands = await projectLinks.exists({ _id: row._id });
    throw new AppError(stands === null ? 'NOT_FOUND' : 'EXPIRED');
  }
  const giveBack = async (): Promise<void> => {
    await projectLinks.updateOne({ _id: row._id }, { $inc: { usesLeft: 1 } });
  };
  try {
    if (!(await comeIn(parts, { projectId, userId }, { role: row.role, by: userId }))) await giveBack();
  } catch (error) {
    // Any other failure says nothing about whether they are in.
    if (error instanceof AppError) await giveBack();
    throw error;
  }
};

const toLinks = async (
  { users, linkKey }: MembersParts,
  rows: readonly LinkRow[],
): Promise<ProjectLink[]> => {
  const people = await users.people(rows.map(({ createdBy }) => createdBy));
  return rows.flatMap((row) => {
    const createdBy = people.get(row.createdBy);
    if (createdBy === undefined) return [];
    const { _id: id, role, createdAt, expiresAt, maxUses, usesLeft } = row;
    const token = signLink(row, linkKey);
    return [{ id, token, role, createdBy, createdAt, expiresAt, maxUses, uses: maxUses - usesLeft }];
  });
};
