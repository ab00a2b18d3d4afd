import { AppError, newId } from '@parley/shared';
import { isDuplicateKey } from '../../platform/rows.js';
import type { HiddenFrom, UsersService } from '../users/index.js';
import type { AccessModels, MembershipEvents } from './access.js';
import type { ConversationRow } from './conversation.model.js';
import { directKeyOf } from './direct-key.js';
import { findOrCreateConversation } from './find-or-create.js';
import { freshMembership, type MembershipModel } from './membership.model.js';

/**
 * The one direct conversation of two people, made when there is none. Safe side by side from both ends: the pair is a
 * unique key. Memberships are written on every call, so that a crash between the two writes is repaired by the next start.
 */
export const startDirect = async (
  parts: AccessModels & MembershipEvents & { readonly users: UsersService; readonly hiddenFrom: HiddenFrom },
  actorId: string,
  peerId: string,
): Promise<{ conversation: ConversationRow; created: boolean }> => {
  if (peerId === actorId) {
    throw new AppError('INVALID_INPUT', { details: { fields: { userId: ['must be somebody else'] } } });
  }
  const [peer, hidden] = await Promise.all([parts.users.find(peerId), parts.hiddenFrom(actorId, [peerId])]);
  if (peer === null || hidden.has(peerId)) throw new AppError('NOT_FOUND');
  const started = await findOrCreateConversation(
    parts.conversations,
    { directKey: directKeyOf(actorId, peerId) },
    { kind: 'direct', visibility: 'private', createdBy: actorId, memberCount: 2 },
  );
  await joinBoth(parts, started.conversation, [actorId, peerId]);
  return started;
};

const joinBoth = async (
  { memberships, onMembershipChanged }: { memberships: MembershipModel } & MembershipEvents,
  conversation: ConversationRow,
  users: readonly string[],
): Promise<void> => {
  for (const user of users) {
    try {
      const { upsertedCount } = await memberships.updateOne(
        { conversation: conversation._id, user },
        {
          $setOnInsert: { _id: newId(), ...freshMembership, joinedAt: new Date() },
        },
        { upsert: true },
      );
      if (upsertedCount > 0) await onMembershipChanged(conversation._id, user, 'joined');
    } catch (error) {
      // Two upserts of one key may both try to insert; the row that was wanted stands.
      if (!isDuplicateKey(error)) throw error;
    }
  }
};
