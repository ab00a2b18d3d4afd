// Owns who is in a conversation, as those who are in it see each other.
import type { Participant, participantsInputSchema } from '@parley/shared';
import type { z } from 'zod';
import { cutPage } from '../../platform/cursor.js';
import { afterCursor } from '../../platform/time-place.js';
import type { PresenceService } from '../presence/index.js';
import type { UsersService } from '../users/index.js';
import type { ConversationAccess } from './access.js';
import type { MembershipModel, MembershipRow } from './membership.model.js';

export interface ParticipantsParts {
  readonly memberships: MembershipModel;
  readonly users: UsersService;
  readonly presence: Pick<PresenceService, 'get'>;
  /** What they are to the conversation; throws for whoever is not in it. */
  getAccess(conversationId: string, userId: string): Promise<ConversationAccess>;
}

const LIST = 'participants';

/** For those who are in it. Those who have been there longest first, each with whether they are here. */
export const listParticipants = async (
  { memberships, users, presence, getAccess }: ParticipantsParts,
  userId: string,
  { conversationId, role, cursor, limit }: z.output<typeof participantsInputSchema>,
): Promise<{ items: Participant[]; nextCursor: string | null }> => {
  const after = afterCursor(cursor, { list: LIST, field: 'joinedAt', order: 'oldest first' });
  await getAccess(conversationId, userId);
  const found = await memberships
    .find({
      $and: [{ conversation: conversationId, state: 'member', ...(role && { role }) }, after],
    })
    .sort({ joinedAt: 1, _id: 1 })
    .limit(limit + 1)
    .lean<MembershipRow[]>();
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last.joinedAt.getTime(), last._id]);
  const ids = rows.map(({ user }) => user);
  const [people, seen] = await Promise.all([users.people(ids), presence.get(userId, ids)]);
  const presences = new Map(seen.map((each) => [each.userId, each]));
  const items = rows.flatMap(({ user, role: as, joinedAt, silenced, lastReadSeq }): Participant[] => {
    const person = people.get(user);
    const here = presences.get(user);
    if (person === undefined || here === undefined) return [];
    return [{ person, role: as, joinedAt, silenced, lastReadSeq, presence: here }];
  });
  return { items, nextCursor };
};
