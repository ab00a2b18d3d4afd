// Owns coming into a project, and that its owner is in it.
import { newId, type ProjectRole } from '@parley/shared';
import { isDuplicateKey } from '../../platform/rows.js';
import type { MembersParts, ProjectModels } from './parts.js';
import { tellMember } from './tell.js';

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
export const keepOwner = async (parts: MembersParts, projectId: string): Promise<void> => {
  const project = await parts.projects.findOne({ _id: projectId, deletedAt: null }).lean();
  if (project === null) return;
  const who = { projectId, userId: project.owner };
  if (await insertMember(parts, who, 'admin')) {
    await tellMember(parts, who, { by: null, before: null });
    return;
  }
  const lower = await parts.projectMembers
    .findOneAndUpdate(
      { project: projectId, user: project.owner, role: { $ne: 'admin' } },
      { $set: { role: 'admin' } },
    )
    .lean();
  if (lower !== null) await tellMember(parts, who, { by: null, before: lower.role });
};
