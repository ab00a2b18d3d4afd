// Owns telling of who comes into a conversation and who leaves it.
import { conversationAudience, type NewEvent, type Publish, userAudience } from '../events/index.js';
import type { MembershipChange } from './access.js';
import type { MembershipModel } from './membership.model.js';

interface TellParts {
  readonly memberships: MembershipModel;
  readonly publish: Publish;
}

interface Changed {
  readonly conversationId: string;
  readonly userId: string;
  readonly change: MembershipChange;
}

/** Whoever came is told what happens there from now on, whoever left that they did and nothing after. */
export const tellMembership = async (
  { memberships, publish }: TellParts,
  { conversationId, userId, change }: Changed,
): Promise<void> => {
  const place = conversationAudience(conversationId);
  const audiences = [place, userAudience(userId)];
  const who = { conversationId, userId };
  if (change === 'left') {
    const event = { type: 'conversation.memberLeft', ...who } as const;
    await publish([{ event, audiences, leaves: { userId, audience: place } }]);
    return;
  }
  const row = await memberships
    .findOne({ conversation: conversationId, user: userId, state: 'member' })
    .lean();
  // Gone again: that is told by whoever did it.
  if (row === null) return;
  const { role, silenced } = row;
  const told: NewEvent =
    change === 'joined'
      ? {
          event: { type: 'conversation.memberJoined', ...who, role },
          audiences,
          joins: { userId, audience: place },
        }
      : { event: { type: 'conversation.memberChanged', ...who, role, silenced }, audiences };
  await publish([told]);
};
