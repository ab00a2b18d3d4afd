// Owns who is in a project. The owner is always: what would take them out, or down, is refused, and mended where it crossed a transfer.
import {
  AppError,
  type addMemberInputSchema,
  type memberRefSchema,
  type ProjectMember,
  type projectMembersInputSchema,
  type setMemberRoleInputSchema,
} from '@parley/shared';
import type { z } from 'zod';
import { cutPage } from '../../platform/cursor.js';
import { afterCursor } from '../../platform/time-place.js';
import { getAccess, getOpen } from './access.js';
import { comeIn } from './come-in.js';
import { leaveAllProjects } from './delete-project.js';
import { keepOwner } from './keep-owner.js';
import type { MembersParts } from './parts.js';
import type { ProjectMemberRow, ProjectRow } from './project.model.js';
import { tellMember, tellProject } from './tell.js';

type Ref = z.output<typeof memberRefSchema>;

const LIST = 'projects.members';

export const listMembers = async (
  parts: MembersParts,
  userId: string,
  { projectId, cursor, limit }: z.output<typeof projectMembersInputSchema>,
): Promise<{ items: ProjectMember[]; nextCursor: string | null }> => {
  const after = afterCursor(cursor, { list: LIST, field: 'joinedAt', order: 'oldest first' });
  const { project } = await getAccess(parts, { projectId, userId, needs: 'viewer' });
  const found = await parts.projectMembers
    .find({ $and: [{ project: projectId }, after] })
    .sort({ joinedAt: 1, _id: 1 })
    .limit(limit + 1)
    .lean<ProjectMemberRow[]>();
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last.joinedAt.getTime(), last._id]);
  return { items: await toMembers(parts, rows, project.owner), nextCursor };
};

const toMembers = async (
  { users }: MembersParts,
  rows: readonly ProjectMemberRow[],
  owner: string,
): Promise<ProjectMember[]> => {
  const people = await users.people(rows.map(({ user }) => user));
  return rows.flatMap(({ user, role, joinedAt }) => {
    const person = people.get(user);
    return person === undefined ? [] : [{ person, role, joinedAt, isOwner: user === owner }];
  });
};

/** By an admin. Whoever is in already stays as they are. NOT_FOUND for nobody, and where a block is between the two. */
export const addMember = async (
  parts: MembersParts,
  actorId: string,
  { projectId, userId, role }: z.output<typeof addMemberInputSchema>,
): Promise<ProjectMember> => {
  const { project } = await getOpen(parts, { projectId, userId: actorId, needs: 'admin' });
  const [user, hidden] = await Promise.all([parts.users.find(userId), parts.hiddenFrom(actorId, [userId])]);
  if (user === null || hidden.has(userId)) throw new AppError('NOT_FOUND');
  await comeIn(parts, { projectId, userId }, { role, by: actorId });
  return await getMember(parts, { projectId, userId }, project.owner);
};

const getMember = async (
  parts: MembersParts,
  { projectId, userId }: Ref,
  owner: string,
): Promise<ProjectMember> => {
  const row = await parts.projectMembers.findOne({ project: projectId, user: userId }).lean();
  const [member] = row === null ? [] : await toMembers(parts, [row], owner);
  if (member === undefined) throw new AppError('NOT_FOUND');
  return member;
};

/** By an admin. CONFLICT for the owner's: that is handed on by a transfer. */
export const setRole = async (
  parts: MembersParts,
  actorId: string,
  { projectId, userId, role }: z.output<typeof setMemberRoleInputSchema>,
): Promise<ProjectMember> => {
  const { project } = await getOpen(parts, { projectId, userId: actorId, needs: 'admin' });
  refuseOwner(project.owner, userId);
  const before = await parts.projectMembers
    .findOneAndUpdate({ project: projectId, user: userId, role: { $ne: role } }, { $set: { role } })
    .lean();
  if (before !== null) await tellMember(parts, { projectId, userId }, { by: actorId, before: before.role });
  await keepOwner(parts, projectId);
  return await getMember(parts, { projectId, userId }, project.owner);
};

/** By an admin. CONFLICT for the owner; NOT_FOUND for whoever is not in it. */
export const removeMember = async (
  parts: MembersParts,
  actorId: string,
  { projectId, userId }: Ref,
): Promise<void> => {
  const { project } = await getAccess(parts, { projectId, userId: actorId, needs: 'admin' });
  refuseOwner(project.owner, userId);
  if (!(await takeOut(parts, { projectId, userId }, actorId))) throw new AppError('NOT_FOUND');
};

/** Whether they were in it. */
const takeOut = async (parts: MembersParts, ref: Ref, by: string): Promise<boolean> => {
  const { projectId, userId } = ref;
  // Before, so that a crash leaves nothing theirs; and after, for what was made theirs meanwhile.
  await parts.onLeft(projectId, userId);
  const row = await parts.projectMembers.findOneAndDelete({ project: projectId, user: userId }).lean();
  if (row !== null) await tellMember(parts, ref, { by, before: row.role });
  // After that: whoever comes back in hears of it last.
  await keepOwner(parts, projectId);
  if (row !== null) await parts.onLeft(projectId, userId);
  return row !== null;
};

/** Leaves. CONFLICT for the owner, who hands it on first, or deletes it. */
export const leave = async (parts: MembersParts, userId: string, projectId: string): Promise<void> => {
  const { project } = await getAccess(parts, { projectId, userId, needs: 'viewer' });
  refuseOwner(project.owner, userId);
  await takeOut(parts, { projectId, userId }, userId);
};

/** Makes another member the owner; by the owner. NOT_FOUND for whoever is not in it. */
export const transfer = async (
  parts: MembersParts,
  actorId: string,
  { projectId, userId }: Ref,
): Promise<void> => {
  await getAccess(parts, { projectId, userId: actorId, needs: 'owner' });
  if ((await parts.projectMembers.exists({ project: projectId, user: userId })) === null) {
    throw new AppError('NOT_FOUND');
  }
  const before = await parts.projects
    .findOneAndUpdate({ _id: projectId, owner: actorId, deletedAt: null }, { $set: { owner: userId } })
    .lean<ProjectRow>();
  // Handed on, or deleted, a moment ago.
  if (before === null) throw new AppError('CONFLICT');
  await tellProject(parts, ['owner'], { by: actorId, before });
  await keepOwner(parts, projectId);
  // Their account ended meanwhile, and has handed on what it owned before this was theirs.
  if ((await parts.users.find(userId)) === null) await leaveAllProjects(parts, userId);
};

const refuseOwner = (owner: string, userId: string): void => {
  if (owner === userId) {
    throw new AppError('CONFLICT', { details: { fields: { userId: ['is the owner'] } } });
  }
};
