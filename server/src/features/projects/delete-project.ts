// Owns the end of a project, and what becomes of the projects of somebody who goes for good. Each step may be repeated.
import type { ProjectModels } from './access.js';
import { keepOwner } from './keep-owner.js';
import type { ProjectMemberRow } from './project.model.js';

/** Gone for everybody with the first write; the rest follows, after a crash too. */
export const deleteProject = async (models: ProjectModels, projectId: string): Promise<void> => {
  await models.projects.updateOne({ _id: projectId, deletedAt: null }, { $set: { deletedAt: new Date() } });
  await removeParts(models, projectId);
};

export const finishProjectDeletions = async (models: ProjectModels): Promise<void> => {
  const unfinished = await models.projects.find({ deletedAt: { $gt: new Date(0) } }, { _id: 1 }).lean();
  for (const { _id } of unfinished) await removeParts(models, _id);
};

/** The project's own row last: as long as it stands, something may be left to do. */
const removeParts = async (models: ProjectModels, projectId: string): Promise<void> => {
  await models.projectMembers.deleteMany({ project: projectId });
  await models.projects.deleteOne({ _id: projectId, deletedAt: { $ne: null } });
};

/**
 * Leaves every project. What they own goes to whoever has been there longest of the admins, else of the members, else of the viewers;
 * with nobody left it is deleted.
 */
export const leaveAllProjects = async (models: ProjectModels, userId: string): Promise<void> => {
  const owned = await models.projects.find({ owner: userId, deletedAt: null }, { _id: 1 }).lean();
  for (const { _id } of owned) await handOn(models, _id, userId);
  await models.projectMembers.deleteMany({ user: userId });
};

const handOn = async (models: ProjectModels, projectId: string, userId: string): Promise<void> => {
  const heir = await heirOf(models, projectId, userId);
  if (heir === null) {
    await deleteProject(models, projectId);
    return;
  }
  await models.projects.updateOne({ _id: projectId, owner: userId }, { $set: { owner: heir.user } });
  await keepOwner(models, projectId);
};

const heirOf = async (
  { projectMembers }: ProjectModels,
  project: string,
  userId: string,
): Promise<ProjectMemberRow | null> => {
  for (const role of ['admin', 'member', 'viewer'] as const) {
    const longest = await projectMembers
      .findOne({ project, role, user: { $ne: userId } })
      .sort({ joinedAt: 1, _id: 1 })
      .lean<ProjectMemberRow>();
    if (longest !== null) return longest;
  }
  return null;
};
