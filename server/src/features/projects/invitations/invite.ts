// Owns inviting somebody.
import { AppError, type Invitation, type inviteInputSchema, limits, newId } from '@parley/shared';
import type { z } from 'zod';
import { isDuplicateKey } from '../../../platform/rows.js';
import { type NewEvent, userAudience } from '../../events/index.js';
import { getOpen } from '../access.js';
import type { MembersParts } from '../parts.js';
import type { InvitationRow } from './invitation.model.js';
import { open, toInvitations } from './show-invitations.js';

/** See InvitationsService. */
export const invite = async (
  parts: MembersParts,
  actorId: string,
  { projectId, userId, role }: z.output<typeof inviteInputSchema>,
): Promise<Invitation> => {
  await getOpen(parts, { projectId, userId: actorId, needs: 'admin' });
  const [user, hidden] = await Promise.all([parts.users.find(userId), parts.hiddenFrom(actorId, [userId])]);
  if (user === null || hidden.has(userId)) throw new AppError('NOT_FOUND');
  if (await isIn(parts, projectId, userId)) throw isMember();
  const before = await write(parts, { projectId, userId, role, invitedBy: actorId });
  const row = await parts.projectInvitations
    .findOne({ project: projectId, user: userId })
    .lean<InvitationRow>();
  if (row === null) throw new AppError('CONFLICT');
  const fault = await faultOf(parts, row);
  if (fault !== null) {
    await parts.projectInvitations.deleteOne({ _id: row._id, acceptedAt: null });
    throw fault;
  }
  if (before?.role !== row.role) await parts.publish([invitedEvent(row)]);
  const [invitation] = await toInvitations(parts, [row]);
  if (invitation === undefined) throw new AppError('NOT_FOUND');
  return invitation;
};

/** What stood before; null where there was none. */
const write = async (
  { projectInvitations }: MembersParts,
  {
    projectId,
    userId,
    ...given
  }: Pick<InvitationRow, 'role' | 'invitedBy'> & {
    readonly projectId: string;
    readonly userId: string;
  },
): Promise<InvitationRow | null> => {
  const now = new Date();
  const place = { project: projectId, user: userId };
  await projectInvitations.deleteOne({ ...place, expiresAt: { $lte: now } });
  const expiresAt = new Date(now.getTime() + limits.invitationMs.value);
  for (;;) {
    try {
      return await projectInvitations
        .findOneAndUpdate(
          { ...place, acceptedAt: null },
          { $set: { ...given, expiresAt }, $setOnInsert: { _id: newId(), createdAt: now } },
          { upsert: true },
        )
        .lean<InvitationRow>();
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // They are coming in just now; or somebody else invites them at the same moment.
      const isAccepted = { ...place, acceptedAt: { $ne: null } };
      if ((await projectInvitations.exists(isAccepted)) !== null) throw isMember();
    }
  }
};

/** What ended meanwhile has taken its rows along before this one was written; they may have come in another way; there may be too many. */
const faultOf = async (parts: MembersParts, row: InvitationRow): Promise<AppError | null> => {
  const [project, user, inviter, member, count] = await Promise.all([
    parts.projects.exists({ _id: row.project, deletedAt: null }),
    parts.users.find(row.user),
    parts.users.find(row.invitedBy),
    isIn(parts, row.project, row.user),
    parts.projectInvitations.countDocuments({ project: row.project, ...open() }),
  ]);
  if (project === null || user === null || inviter === null) return new AppError('NOT_FOUND');
  if (member) return isMember();
  if (count <= limits.invitationsPerProject.value) return null;
  return new AppError('CONFLICT', {
    details: { fields: { projectId: ['has as many invitations as it may'] } },
  });
};

const isIn = async ({ projectMembers }: MembersParts, project: string, user: string): Promise<boolean> =>
  (await projectMembers.exists({ project, user })) !== null;

const isMember = (): AppError =>
  new AppError('CONFLICT', { details: { fields: { userId: ['is in it already'] } } });

const invitedEvent = ({ _id: invitationId, project, user, role, invitedBy }: InvitationRow): NewEvent => ({
  event: {
    type: 'project.invited',
    ...{ projectId: project, by: invitedBy, invitationId, userId: user, role },
  },
  audiences: [userAudience(user)],
});
