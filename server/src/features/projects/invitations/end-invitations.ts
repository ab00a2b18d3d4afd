// Owns the ends of invitations, and telling of them: the one who was invited, and who invited them.
import type { QueryFilter } from 'mongoose';
import { type NewEvent, userAudience } from '../../events/index.js';
import type { MembersParts } from '../parts.js';
import type { InvitationRow } from './invitation.model.js';

type Outcome = 'accepted' | 'declined' | 'revoked';

/** How it ended, and who did that. */
export interface Ending {
  readonly outcome: Outcome;
  readonly by: string | null;
}

const AT_ONCE = 100;

/** The row of one that was ended; null where none fits. */
export const endInvitation = async (
  { projectInvitations, publish }: MembersParts,
  which: QueryFilter<InvitationRow>,
  ending: Ending,
): Promise<InvitationRow | null> => {
  const row = await projectInvitations.findOneAndDelete(which).lean<InvitationRow>();
  if (row !== null) await publish([endedEvent(row, ending)]);
  return row;
};

/** All that fit. May be repeated. */
export const endInvitations = async (
  { projectInvitations, publish }: MembersParts,
  which: QueryFilter<InvitationRow>,
  ending: Ending,
): Promise<void> => {
  for (;;) {
    const rows = await projectInvitations.find(which).limit(AT_ONCE).lean<InvitationRow[]>();
    if (rows.length === 0) return;
    await projectInvitations.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } });
    await publish(rows.map((row) => endedEvent(row, ending)));
  }
};

const endedEvent = (row: InvitationRow, { outcome, by }: Ending): NewEvent => ({
  event: {
    type: 'project.invitationEnded',
    ...{ projectId: row.project, by, invitationId: row._id, userId: row.user, outcome },
  },
  audiences: [userAudience(row.user), userAudience(row.invitedBy)],
});
