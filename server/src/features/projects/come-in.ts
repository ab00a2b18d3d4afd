// Owns coming into a project, whichever way: taken in, invited, or by a link.
import { AppError, limits, type ProjectRole } from '@parley/shared';
import { endInvitation } from './invitations/end-invitations.js';
import { insertMember } from './keep-owner.js';
import type { MembersParts } from './parts.js';
import { tellMember } from './tell.js';

interface Place {
  readonly projectId: string;
  readonly userId: string;
}

interface Coming {
  readonly role: ProjectRole;
  readonly by: string;
}

/**
 * Whether they were not in before; whoever is in stays as they are. An invitation they had is used up by it. Throws CONFLICT where the
 * project holds as many as it may, and NOT_FOUND where it or the account has ended meanwhile; then they are not in it.
 */
export const comeIn = async (parts: MembersParts, place: Place, { role, by }: Coming): Promise<boolean> => {
  const { projectId, userId } = place;
  const isIn = await parts.projectMembers.exists({ project: projectId, user: userId });
  if (isIn === null && (await membersOf(parts, projectId)) >= limits.projectMembers.value) throw isFull();
  const isNew = await insertMember(parts, place, role);
  if (isNew) {
    const fault = await faultOf(parts, place);
    if (fault !== null) {
      await parts.projectMembers.deleteOne({ project: projectId, user: userId });
      await tellMember(parts, place, { by: null, before: role });
      throw fault;
    }
    await tellMember(parts, place, { by, before: null });
  }
  await endInvitation(parts, { project: projectId, user: userId }, { outcome: 'accepted', by: userId });
  return isNew;
};

/** A project or an account that ended meanwhile has taken its rows along before ours was written; and others have come in as well. */
const faultOf = async (parts: MembersParts, { projectId, userId }: Place): Promise<AppError | null> => {
  const [project, user, members] = await Promise.all([
    parts.projects.exists({ _id: projectId, deletedAt: null }),
    parts.users.find(userId),
    membersOf(parts, projectId),
  ]);
  if (project === null || user === null) return new AppError('NOT_FOUND');
  return members > limits.projectMembers.value ? isFull() : null;
};

const membersOf = async ({ projectMembers }: MembersParts, projectId: string): Promise<number> =>
  await projectMembers.countDocuments({ project: projectId });

const isFull = (): AppError =>
  new AppError('CONFLICT', { details: { fields: { projectId: ['has as many members as it may'] } } });
