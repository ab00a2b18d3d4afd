// Owns coming into a project, and that its owner is in it.
import { newId, type ProjectRole } from '@parley/shared';
import { isDuplicateKey } from '../../platform/rows.js';
import type { ProjectModels } from './access.js';

interface Place {
  readonly projectId: string;
  readonly userId: string;
}

/** Whether they were not in before. */
export const insertMember = async (
  { projectMembers }: ProjectModels,
  { projectId, userId }: Place,
  role: ProjectRole,
): Promise<boolean> => {
  try {
    await projectMembers.insertOne({
      _id: newId(),
      project: projectId,
      user: userId,
      role,
      joinedAt: new Date(),
    });
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
};

/** Whoever became the owner while they were taken out or down is an admin in it again. */
export const keepOwner = async (models: ProjectModels, projectId: string): Promise<void> => {
  const project = await models.projects.findOne({ _id: projectId, deletedAt: null }).lean();
  if (project === null) return;
  const who = { projectId, userId: project.owner };
  if (await insertMember(models, who, 'admin')) return;
  await models.projectMembers.updateOne(
    { project: projectId, user: project.owner },
    { $set: { role: 'admin' } },
  );
};
