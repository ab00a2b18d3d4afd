// Owns what somebody may do in a project.
import { AppError, type DocumentAccess, type ProjectRole } from '@parley/shared';
import type { ProjectMemberModel, ProjectModel, ProjectRow } from './project.model.js';

/** What tells who is in which project. */
export interface AccessModels {
  readonly projects: ProjectModel;
  readonly projectMembers: ProjectMemberModel;
}

/** A project and what one is in it; `owner` beside the roles that rows hold. */
export interface ProjectAccess {
  readonly project: ProjectRow;
  readonly role: ProjectRole | 'owner';
}

const RANK = { viewer: 0, member: 1, admin: 2, owner: 3 } as const;

/** Whose access to which project, and the least that is needed. */
export interface Wanted {
  readonly projectId: string;
  readonly userId: string;
  readonly needs: ProjectAccess['role'];
}

const findAccess = async (
  { projects, projectMembers }: AccessModels,
  { projectId, userId }: Omit<Wanted, 'needs'>,
): Promise<ProjectAccess | null> => {
  const [project, member] = await Promise.all([
    projects.findOne({ _id: projectId, deletedAt: null }).lean<ProjectRow>(),
    projectMembers.findOne({ project: projectId, user: userId }).lean(),
  ]);
  const role = project?.owner === userId ? 'owner' : member?.role;
  return project === null || role === undefined ? null : { project, role };
};

/** Throws NOT_FOUND for whoever is not in it, and FORBIDDEN for whoever is and may do less than is needed. */
export const getAccess = async (models: AccessModels, wanted: Wanted): Promise<ProjectAccess> => {
  const access = await findAccess(models, wanted);
  if (access === null) throw new AppError('NOT_FOUND');
  if (RANK[access.role] < RANK[wanted.needs]) throw new AppError('FORBIDDEN');
  return access;
};

/** The same for a change: CONFLICT while the project is archived. */
export const getOpen = async (models: AccessModels, wanted: Wanted): Promise<ProjectAccess> => {
  const access = await getAccess(models, wanted);
  if (access.project.archivedAt !== null) {
    throw new AppError('CONFLICT', { details: { fields: { projectId: ['is archived'] } } });
  }
  return access;
};

/** What somebody may do in the project's documents, in the words of the sync engine's kinds. */
export const rightsIn = async (
  models: AccessModels,
  projectId: string,
  userId: string,
): Promise<DocumentAccess | null> => {
  const access = await findAccess(models, { projectId, userId });
  if (access === null) return null;
  if (access.project.archivedAt !== null || access.role === 'viewer') return 'read';
  return access.role === 'member' ? 'write' : 'admin';
};
