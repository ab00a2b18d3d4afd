// Owns what somebody may do in a project.
import { AppError, type ProjectRole } from '@parley/shared';
import type { InvitationModel } from './invitations/invitation.model.js';
import type { LinkModel } from './links/link.model.js';
import type { ProjectMemberModel, ProjectModel, ProjectRow } from './project.model.js';

export interface ProjectModels {
  readonly projects: ProjectModel;
  readonly projectMembers: ProjectMemberModel;
  readonly projectInvitations: InvitationModel;
  readonly projectLinks: LinkModel;
}

/** A project and what one is in it; `owner` beside the roles that rows hold. */
export interface ProjectAccess {
  readonly project: ProjectRow;
  readonly role: ProjectRole | 'owner';
}

const RANK = { viewer: 0, member: 1, admin: 2, owner: 3 } as const;

/** Throws NOT_FOUND for whoever is not in it, and FORBIDDEN for whoever is and may do less than is needed. */
export const getAccess = async (
  { projects, projectMembers }: ProjectModels,
  { projectId, userId, needs }: { projectId: string; userId: string; needs: ProjectAccess['role'] },
): Promise<ProjectAccess> => {
  const [project, member] = await Promise.all([
    projects.findOne({ _id: projectId, deletedAt: null }).lean<ProjectRow>(),
    projectMembers.findOne({ project: projectId, user: userId }).lean(),
  ]);
  const role = project?.owner === userId ? 'owner' : member?.role;
  if (project === null || role === undefined) throw new AppError('NOT_FOUND');
  if (RANK[role] < RANK[needs]) throw new AppError('FORBIDDEN');
  return { project, role };
};

/** The same for a change: CONFLICT while the project is archived. */
export const getOpen = async (
  models: ProjectModels,
  wanted: Parameters<typeof getAccess>[1],
): Promise<ProjectAccess> => {
  const access = await getAccess(models, wanted);
  if (access.project.archivedAt !== null) {
    throw new AppError('CONFLICT', { details: { fields: { projectId: ['is archived'] } } });
  }
  return access;
};
