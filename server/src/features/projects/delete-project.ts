// Owns the end of a project, and what becomes of the projects of somebody who goes for good. Each step may be repeated.
import { endInvitations } from './invitations/end-invitations.js';
import { keepOwner } from './keep-owner.js';
import type { MembersParts } from './parts.js';
import type { ProjectMemberRow, ProjectRow } from './project.model.js';
import { tellDeleted, tellMember, tellProject } from './tell.js';

/** Gone for everybody with the first write; the rest follows, after a crash too. */
export const deleteProject = async (parts: MembersParts, projectId: string, by: string): Promise<void> => {
  await parts.projects.updateOne({ _id: projectId, deletedAt: null }, { $set: { deletedAt: new Date() } });
  await removeParts(parts, projectId, by);
};

export const finishProjectDeletions = async (parts: MembersParts): Promise<void> => {
  const unfinished = await parts.projects.find({ deletedAt: { $gt: new Date(0) } }, { _id: 1 }).lean();
  for (const { _id } of unfinished) await removeParts(parts, _id, null);
};

/** The project's own row last: as long as it stands, something may be left to do. */
const removeParts = async (parts: MembersParts, projectId: string, by: string | null): Promise<void> => {
  await tellDeleted(parts, projectId, by);
  await parts.removeContent(projectId);
  await endInvitations(parts, { project: projectId }, { outcome: 'revoked', by });
  await parts.projectLinks.deleteMany({ place: projectId });
  await parts.projectMembers.deleteMany({ project: projectId });
  await parts.projects.deleteOne({ _id: projectId, deletedAt: { $ne: null } });
};

/**
 * Leaves every project. What they own goes to whoever has been there longest of the admins, else of the members, else of the viewers;
 * with nobody left it is deleted. Invitations to them and by them end, and their links.
 */
export const leaveAllProjects = async (parts: MembersParts, userId: string): Promise<void> => {
  const owned = await parts.projects.find({ owner: userId, deletedAt: null }, { _id: 1 }).lean();
  for (const { _id } of owned) await handOn(parts, _id, userId);
  await endInvitations(parts, { invitedBy: userId }, { outcome: 'revoked', by: userId });
  await parts.projectLinks.deleteMany({ createdBy: userId });
  await endInvitations(parts, { user: userId }, { outcome: 'declined', by: userId });
  for (;;) {
    const row = await parts.projectMembers.findOneAndDelete({ user: userId }).lean<ProjectMemberRow>();
    if (row === null) return;
    const place = { projectId: row.project, userId };
    await tellMember(parts, place, { by: userId, before: row.role });
    await parts.onLeft(row.project, userId);
  }
};

const handOn = async (parts: MembersParts, projectId: string, userId: string): Promise<void> => {
  const heir = await heirOf(parts, projectId, userId);
  if (heir === null) {
    await deleteProject(parts, projectId, userId);
    return;
  }
  const before = await parts.projects
    .findOneAndUpdate({ _id: projectId, owner: userId, deletedAt: null }, { $set: { owner: heir.user } })
    .lean<ProjectRow>();
  if (before !== null) await tellProject(parts, ['owner'], { by: userId, before });
  await keepOwner(parts, projectId);
};

const heirOf = async (
  { projectMembers }: MembersParts,
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
