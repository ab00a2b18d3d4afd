import {
  AppError,
  type addMemberInputSchema,
  type createProjectInputSchema,
  type DocumentAccess,
  limits,
  type memberRefSchema,
  newId,
  type Project,
  type ProjectMember,
  type projectMembersInputSchema,
  type projectsListInputSchema,
  type setMemberRoleInputSchema,
  type TaskCounts,
} from '@parley/shared';
import { z } from 'zod';
import { decodeCursor, fillPage } from '../../platform/cursor.js';
import { getAccess, getOpen, type ProjectAccess, rightsIn, type Wanted } from './access.js';
import { deleteProject, finishProjectDeletions, leaveAllProjects } from './delete-project.js';
import { createInvitationsService, type InvitationsService } from './invitations/invitations.service.js';
import { insertMember } from './keep-owner.js';
import { createLinksService, type LinksService } from './links/links.service.js';
import { addMember, leave, listMembers, removeMember, setRole, transfer } from './members.js';
import type { MembersParts } from './parts.js';
import type { ProjectMemberRow, ProjectRow } from './project.model.js';
import { tellCreated, tellProject } from './tell.js';

type CreateInput = z.output<typeof createProjectInputSchema>;
type ListInput = z.output<typeof projectsListInputSchema>;
type MemberRef = z.output<typeof memberRefSchema>;

/** What of a project can be changed; what is absent stays. */
export interface ProjectChange {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/** Every method answers NOT_FOUND to whoever is not in the project, and FORBIDDEN to whoever may do less in it than is needed. */
export interface ProjectsService {
  /** A project of one's own. CONFLICT where one owns as many as one may. */
  create(userId: string, input: CreateInput): Promise<Project>;
  /** Those one is in, the newest first. */
  list(userId: string, input: ListInput): Promise<{ items: Project[]; nextCursor: string | null }>;
  get(userId: string, projectId: string): Promise<Project>;
  /** By an admin. */
  change(userId: string, projectId: string, change: ProjectChange): Promise<Project>;
  /** Lets nothing in it change, or again; by an admin. Doing it twice is harmless. */
  setArchived(userId: string, projectId: string, isArchived: boolean): Promise<Project>;
  /** With all that is in it, for good; by the owner. */
  delete(userId: string, projectId: string): Promise<void>;
  /** See members.ts. */
  members(
    userId: string,
    input: z.output<typeof projectMembersInputSchema>,
  ): Promise<{ items: ProjectMember[]; nextCursor: string | null }>;
  addMember(userId: string, input: z.output<typeof addMemberInputSchema>): Promise<ProjectMember>;
  setRole(userId: string, input: z.output<typeof setMemberRoleInputSchema>): Promise<ProjectMember>;
  removeMember(userId: string, ref: MemberRef): Promise<void>;
  leave(userId: string, projectId: string): Promise<void>;
  transfer(userId: string, ref: MemberRef): Promise<void>;
  /** Leaves every project, for good; see delete-project.ts. */
  leaveAll(userId: string): Promise<void>;
  /** For features above: as in access.ts. */
  getAccess(wanted: Wanted): Promise<ProjectAccess>;
  getOpen(wanted: Wanted): Promise<ProjectAccess>;
  rights(projectId: string, userId: string): Promise<DocumentAccess | null>;
  readonly invitations: InvitationsService;
  readonly links: LinksService;
  /** Finishes what an earlier process began to delete. */
  finishDeletions(): Promise<void>;
}

/** What becomes of its tasks is told by the feature of tasks, which is above this one. */
export interface ProjectsParts extends MembersParts {
  /** Of each of the projects. */
  countTasks(projectIds: readonly string[]): Promise<ReadonlyMap<string, TaskCounts>>;
}

export const createProjectsService = (parts: ProjectsParts): ProjectsService => ({
  create: (userId, input) => create(parts, userId, input),
  list: (userId, input) => list(parts, userId, input),
  get: (userId, projectId) => get(parts, userId, projectId),
  change: async (userId, projectId, change) => {
    const access = await getOpen(parts, { projectId, userId, needs: 'admin' });
    return await save(parts, { ...access, userId }, change);
  },
  setArchived: async (userId, projectId, isArchived) => {
    const access = await getAccess(parts, { projectId, userId, needs: 'admin' });
    if ((access.project.archivedAt !== null) === isArchived) return await toProject(parts, access);
    return await save(parts, { ...access, userId }, { archivedAt: isArchived ? new Date() : null });
  },
  delete: async (userId, projectId) => {
    await getAccess(parts, { projectId, userId, needs: 'owner' });
    await deleteProject(parts, projectId, userId);
  },
  members: (userId, input) => listMembers(parts, userId, input),
  addMember: (userId, input) => addMember(parts, userId, input),
  setRole: (userId, input) => setRole(parts, userId, input),
  removeMember: (userId, ref) => removeMember(parts, userId, ref),
  leave: (userId, projectId) => leave(parts, userId, projectId),
  transfer: (userId, ref) => transfer(parts, userId, ref),
  leaveAll: (userId) => leaveAllProjects(parts, userId),
  getAccess: (wanted) => getAccess(parts, wanted),
  getOpen: (wanted) => getOpen(parts, wanted),
  rights: (projectId, userId) => rightsIn(parts, projectId, userId),
  invitations: createInvitationsService(parts, (userId, projectId) => get(parts, userId, projectId)),
  links: createLinksService(parts, (userId, projectId) => get(parts, userId, projectId)),
  finishDeletions: () => finishProjectDeletions(parts),
});

const get = async (parts: ProjectsParts, userId: string, projectId: string): Promise<Project> =>
  await toProject(parts, await getAccess(parts, { projectId, userId, needs: 'viewer' }));

const create = async (parts: ProjectsParts, userId: string, input: CreateInput): Promise<Project> => {
  const own = await parts.projects.countDocuments({ owner: userId, deletedAt: null });
  if (own >= limits.projectsPerOwner.value) throw new AppError('CONFLICT');
  const row: ProjectRow = {
    ...{ _id: newId(), ...input, owner: userId },
    ...{ createdAt: new Date(), archivedAt: null, deletedAt: null },
  };
  // In this order: cut short in between, a place in no project is left, which nobody sees, and no project that its owner does not find.
  await insertMember(parts, { projectId: row._id, userId }, 'admin');
  await parts.projects.insertOne(row);
  await tellCreated(parts, row);
  return await toProject(parts, { project: row, role: 'owner' });
};

const save = async (
  parts: ProjectsParts,
  { project: { _id }, role, userId }: ProjectAccess & { readonly userId: string },
  change: ProjectChange & Partial<Pick<ProjectRow, 'archivedAt'>>,
): Promise<Project> => {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const before = await parts.projects
    .findOneAndUpdate({ _id, deletedAt: null }, { $set: given })
    .lean<ProjectRow>();
  if (before === null) throw new AppError('NOT_FOUND');
  if (change.archivedAt !== undefined) parts.onRightsChanged(_id);
  const fields = (['name', 'description', 'archivedAt'] as const).filter((field) => field in given);
  await tellProject(parts, fields, { by: userId, before });
  return await toProject(parts, { project: { ...before, ...given }, role });
};

const toProject = async (parts: ProjectsParts, access: ProjectAccess): Promise<Project> => {
  const [project] = await toProjects(parts, [access]);
  if (project === undefined) throw new TypeError('a project that was found must be shown');
  return project;
};

const toProjects = async (
  { users, projectMembers, countTasks }: ProjectsParts,
  accesses: readonly ProjectAccess[],
): Promise<Project[]> => {
  const ids = accesses.map(({ project }) => project._id);
  const [people, counts, tasks] = await Promise.all([
    users.people(accesses.map(({ project }) => project.owner)),
    projectMembers.aggregate<{ _id: string; count: number }>([
      { $match: { project: { $in: ids } } },
      { $group: { _id: '$project', count: { $sum: 1 } } },
    ]),
    countTasks(ids),
  ]);
  const countOf = new Map(counts.map(({ _id, count }) => [_id, count]));
  return accesses.flatMap(({ project, role }) => {
    const owner = people.get(project.owner);
    if (owner === undefined) return [];
    const { _id: id, name, description, createdAt, archivedAt } = project;
    const memberCount = countOf.get(id) ?? 0;
    const shown = role === 'owner' ? 'admin' : role;
    const taskCounts = tasks.get(id) ?? { todo: 0, inProgress: 0, done: 0 };
    return [{ id, name, description, owner, role: shown, memberCount, taskCounts, createdAt, archivedAt }];
  });
};

type Place = readonly [projectId: string];

const LIST = 'projects';
const place = z.tuple([z.string().min(1).max(64)]);

const list = async (
  parts: ProjectsParts,
  userId: string,
  { archived, cursor, limit }: ListInput,
): Promise<{ items: Project[]; nextCursor: string | null }> =>
  fillPage({
    list: LIST,
    limit,
    after: cursor === undefined ? null : decodeCursor<Place>(LIST, place, cursor),
    // Ids begin with the time they were made at.
    read: (after, count) =>
      parts.projectMembers
        .find({ user: userId, ...(after !== null && { project: { $lt: after[0] } }) })
        .sort({ project: -1 })
        .limit(count)
        .lean<ProjectMemberRow[]>()
        .exec(),
    placeOf: ({ project }): Place => [project],
    show: (rows) => show(parts, rows, archived),
  });

const show = async (
  parts: ProjectsParts,
  rows: readonly ProjectMemberRow[],
  archived: boolean,
): Promise<Project[]> => {
  const found = await parts.projects
    .find({
      _id: { $in: rows.map(({ project }) => project) },
      deletedAt: null,
      archivedAt: archived ? { $ne: null } : null,
    })
    .lean<ProjectRow[]>();
  const byId = new Map(found.map((project) => [project._id, project]));
  return await toProjects(
    parts,
    rows.flatMap(({ project: id, role }) => {
      const project = byId.get(id);
      return project === undefined ? [] : [{ project, role }];
    }),
  );
};
