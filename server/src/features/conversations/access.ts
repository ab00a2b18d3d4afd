import { AppError } from '@parley/shared';
import type { ConversationKind, ConversationModel, Visibility } from './conversation.model.js';
import type { MemberRole, MembershipModel, MembershipRow } from './membership.model.js';

/** What a member is in a conversation. */
export interface ConversationAccess {
  readonly kind: ConversationKind;
  readonly visibility: Visibility;
  readonly role: MemberRole;
  /** Silenced: reads, writes nothing. */
  readonly muted: boolean;
}

export interface AccessModels {
  readonly conversations: ConversationModel;
  readonly memberships: MembershipModel;
}

/** Told of every change of a membership row, once it stands: somebody came, left, was put out, silenced, given another role. */
export interface MembershipEvents {
  onMembershipChanged(conversationId: string, userId: string): void;
}

/**
 * What somebody is to a conversation: a member, with what that allows; 'forbidden' where they may know of it but are not
 * in it (a public room, an invitation); null where it is none of their business or does not exist.
 */
export const findAccess = async (
  models: AccessModels,
  conversationId: string,
  userId: string,
): Promise<ConversationAccess | 'forbidden' | null> => {
  const [conversation, membership] = await Promise.all([
    models.conversations.findById(conversationId).select({ kind: 1, visibility: 1 }).lean(),
    models.memberships.findOne({ conversation: conversationId, user: userId }).lean(),
  ]);
  if (conversation === null) return null;
  const { kind, visibility } = conversation;
  if (membership?.state === 'member')
    return { kind, visibility, role: membership.role, muted: membership.muted };
  return visibility === 'public' || mayKnow(membership) ? 'forbidden' : null;
};

const mayKnow = (membership: MembershipRow | null): boolean => membership?.state === 'invited';

/** The access of a member. Throws NOT_FOUND or FORBIDDEN for everybody else. */
export const getAccess = async (
  models: AccessModels,
  conversationId: string,
  userId: string,
): Promise<ConversationAccess> => {
  const access = await findAccess(models, conversationId, userId);
  if (access === null) throw new AppError('NOT_FOUND');
  if (access === 'forbidden') throw new AppError('FORBIDDEN');
  return access;
};
