import {
  AppError,
  type Invitation,
  type invitationsListInputSchema,
  type inviteInputSchema,
  limits,
  type ownInvitationsInputSchema,
  type Project,
} from '@parley/shared';
import type { z } from 'zod';
import { getAccess } from '../access.js';
import { comeIn } from '../come-in.js';
import type { MembersParts } from '../parts.js';
import { tellMember } from '../tell.js';
import { endInvitation } from './end-invitations.js';
import type { InvitationRow } from './invitation.model.js';
import { invite } from './invite.js';
import { type InvitationsPage, listInvitations, open, placeIn } from './show-invitations.js';

type InviteInput = z.output<typeof inviteInputSchema>;
type ListInput = z.output<typeof invitationsListInputSchema>;
type OwnInput = z.output<typeof ownInvitationsInputSchema>;

/** What admins of a project are told, and what the one who was sent an invitation is; nobody else learns of one. */
export interface InvitationsService {
  /** By an admin. NOT_FOUND for nobody and across a block, CONFLICT for who is in already. Again: the one that stands, with this role. */
  create(userId: string, input: InviteInput): Promise<Invitation>;
  /** Those of a project that are open; by an admin. */
  list(userId: string, input: ListInput): InvitationsPage;
  /** Those one may accept. */
  mine(userId: string, input: OwnInput): InvitationsPage;
  /** By the one who was sent it. CONFLICT while the project is archived, or full. */
  accept(userId: string, invitationId: string): Promise<Project>;
  decline(userId: string, invitationId: string): Promise<void>;
  /** By an admin. CONFLICT where it was accepted a moment ago. */
  revoke(userId: string, invitationId: string): Promise<void>;
  /** Lets those in whom an earlier process did not get in after they had accepted. */
  finish(): Promise<void>;
}

const LIST = 'projects.invitations';
const OWN_LIST = 'projects.invitations.mine';

export const createInvitationsService = (
  parts: MembersParts,
  getProject: (userId: string, projectId: string) => Promise<Project>,
): InvitationsService => ({
  create: (userId, input) => invite(parts, userId, input),
  list: async (userId, { projectId, cursor, limit }) => {
    const after = placeIn(LIST, cursor);
    await getAccess(parts, { projectId, userId, needs: 'admin' });
    return await listInvitations(parts, { list: LIST, which: { project: projectId }, after, limit });
  },
  mine: (userId, { cursor, limit }) => {
    const after = placeIn(OWN_LIST, cursor);
    return listInvitations(parts, {
      list: OWN_LIST,
      which: { user: userId },
      after,
      limit,
      viewerId: userId,
    });
  },
  accept: async (userId, invitationId) => {
    const { project: projectId } = await findOwn(parts, userId, invitationId);
    const project = await parts.projects.findOne({ _id: projectId, deletedAt: null }).lean();
    if (project === null) throw new AppError('NOT_FOUND');
    if (project.archivedAt !== null)
      throw new AppError('CONFLICT', {
        details: { fields: { invitationId: ['is to an archived project'] } },
      });
    await accept(parts, userId, invitationId);
    return await getProject(userId, projectId);
  },
  decline: async (userId, invitationId) => {
    await findOwn(parts, userId, invitationId);
    const which = { _id: invitationId, user: userId, acceptedAt: null };
    const row = await endInvitation(parts, which, { outcome: 'declined', by: userId });
    if (row === null) throw new AppError('NOT_FOUND');
  },
  revoke: async (userId, invitationId) => {
    const row = await parts.projectInvitations.findOne({ _id: invitationId, ...open() }).lean();
    if (row === null) throw new AppError('NOT_FOUND');
    await getAccess(parts, { projectId: row.project, userId, needs: 'admin' });
    const which = { _id: invitationId, acceptedAt: null };
    if ((await endInvitation(parts, which, { outcome: 'revoked', by: userId })) === null)
      throw new AppError('CONFLICT');
  },
  finish: async () => {
    const accepted = await parts.projectInvitations.find({ acceptedAt: { $gt: new Date(0) } }).lean();
    for (const row of accepted) await letIn(parts, row).catch(refusedOnly);
  },
});

/** One's own, that may still be answered. A block that came after it takes it away. */
const findOwn = async (parts: MembersParts, userId: string, invitationId: string): Promise<InvitationRow> => {
  const row = await parts.projectInvitations
    .findOne({ _id: invitationId, user: userId, ...open() })
    .lean<InvitationRow>();
  if (row === null || (await parts.hiddenFrom(userId, [row.invitedBy])).size > 0)
    throw new AppError('NOT_FOUND');
  return row;
};

/** The mark decides: after it nobody takes the invitation back, and a crash does not take it along. */
const accept = async (parts: MembersParts, userId: string, invitationId: string): Promise<void> => {
  const now = new Date();
  const row = await parts.projectInvitations
    .findOneAndUpdate(
      { _id: invitationId, user: userId, ...open() },
      { $set: { acceptedAt: now, expiresAt: new Date(now.getTime() + limits.invitationMs.value) } },
      { returnDocument: 'after' },
    )
    .lean<InvitationRow>();
  if (row === null) throw new AppError('NOT_FOUND');
  await letIn(parts, row);
};

const letIn = async (parts: MembersParts, row: InvitationRow): Promise<void> => {
  const place = { projectId: row.project, userId: row.user };
  try {
    const isNew = await comeIn(parts, place, { role: row.role, by: row.user });
    // An earlier try may have ended between their coming in and telling of it.
    if (!isNew) await tellMember(parts, place, { by: row.user, before: null });
  } catch (error) {
    if (error instanceof AppError)
      await parts.projectInvitations.updateOne({ _id: row._id }, { $set: { acceptedAt: null } });
    throw error;
  }
};

/** Whoever cannot come in still has their invitation; a store that is away is another matter. */
const refusedOnly = (error: unknown): void => {
  if (!(error instanceof AppError)) throw error;
};
