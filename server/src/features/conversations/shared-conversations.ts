import type { MembershipModel } from './membership.model.js';

/** Of so many conversations that somebody joined last it is looked up who else is there, and so many people of each. */
const MAX_CONVERSATIONS = 8;
const MAX_PEOPLE = 100;

/** With whom somebody shares conversations: conversation ids by user id. */
export const sharedConversations = async (
  memberships: MembershipModel,
  userId: string,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const mine = await memberships
    .find({ user: userId, state: 'member' })
    .sort({ joinedAt: -1, _id: -1 })
    .limit(MAX_CONVERSATIONS)
    .select({ conversation: 1 })
    .lean();
  const members = await Promise.all(
    mine.map(({ conversation }) =>
      memberships
        .find({ conversation, state: 'member' })
        .limit(MAX_PEOPLE)
        .select({ conversation: 1, user: 1 })
        .lean(),
    ),
  );
  const shared = new Map<string, string[]>();
  for (const { user, conversation } of members.flat())
    shared.set(user, [...(shared.get(user) ?? []), conversation]);
  shared.delete(userId);
  return shared;
};
