// Owns what an id means to somebody where either a conversation or a person may stand: the person for the direct conversation with them.
import { AppError } from '@parley/shared';
import type { HiddenFrom, UsersService } from '../users/index.js';
import { type AccessModels, assertMember, type FindAccess } from './access.js';
import type { ConversationKind } from './conversation.model.js';
import { directKeyOf, peerIdOf } from './direct-key.js';

/** A conversation that somebody is in, or the one they would have with a person. */
export interface Addressed {
  readonly kind: ConversationKind;
  /** Null where the two have said nothing to each other yet. */
  readonly conversationId: string | null;
  /** The other of a direct one. */
  readonly peerId: string | null;
  readonly mayWrite: boolean;
}

export interface AddressedParts extends AccessModels {
  readonly access: FindAccess;
  readonly users: UsersService;
  readonly hiddenFrom: HiddenFrom;
}

/**
 * NOT_FOUND for what is neither a conversation nor a person that they may know of, FORBIDDEN where they are not in it, INVALID_INPUT for
 * themselves.
 */
export const findAddressed = async (
  parts: AddressedParts,
  userId: string,
  id: string,
): Promise<Addressed> => {
  const { conversations, access, users, hiddenFrom } = parts;
  const own = await access(id, userId);
  if (own !== null) {
    const { kind, mayWrite } = assertMember(own);
    const row = kind === 'direct' ? await conversations.findById(id).select({ directKey: 1 }).lean() : null;
    const peerId = row?.directKey === undefined ? null : peerIdOf(row.directKey, userId);
    return { kind, conversationId: id, peerId, mayWrite };
  }
  if (id === userId)
    throw new AppError('INVALID_INPUT', { details: { fields: { userId: ['must be somebody else'] } } });
  const direct = await conversations.exists({ directKey: directKeyOf(userId, id) });
  const between = direct === null ? null : await access(direct._id, userId);
  if (direct !== null && between !== null) {
    const { mayWrite } = assertMember(between);
    return { kind: 'direct', conversationId: direct._id, peerId: id, mayWrite };
  }
  const [peer, hidden] = await Promise.all([users.find(id), hiddenFrom(userId, [id])]);
  if (peer === null || hidden.has(id)) throw new AppError('NOT_FOUND');
  return { kind: 'direct', conversationId: null, peerId: id, mayWrite: true };
};
