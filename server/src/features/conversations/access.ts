import { AppError, type DocumentAccess } from '@parley/shared';
import { rowsTogether, together } from '../../platform/together.js';
import type { Standings } from '../friends/index.js';
import type {
  ConversationKind,
  ConversationModel,
  ConversationRow,
  Visibility,
} from './conversation.model.js';
import { pairIn } from './direct-key.js';
import type { MemberRole, MembershipModel, MembershipRow } from './membership.model.js';

/** What a member is in a conversation. */
export interface ConversationAccess {
  readonly kind: ConversationKind;
  readonly visibility: Visibility;
  readonly role: MemberRole;
  /** Not so where they are silenced, where it is archived, and between two people of whom one has blocked the other. */
  readonly mayWrite: boolean;
  /** Nothing up to and including that message is shown to them. */
  readonly sinceSeq: number;
}

export interface AccessModels {
  readonly conversations: ConversationModel;
  readonly memberships: MembershipModel;
}

/** What has become of a membership: somebody came, or left or was put out; `changed`: silenced, or given another role. */
export type MembershipChange = 'joined' | 'changed' | 'left';

/** Told of every change of a membership row, once it stands. */
export interface MembershipEvents {
  onMembershipChanged(conversationId: string, userId: string, change: MembershipChange): Promise<void>;
}

/**
 * What somebody is to a conversation: a member, with what that allows; 'forbidden' where they may know of it but are not
 * in it (a public room, an invitation); null where it is none of their business or does not exist.
 */
export type FindAccess = (
  conversationId: string,
  userId: string,
) => Promise<ConversationAccess | 'forbidden' | null>;

export interface AccessParts extends AccessModels {
  /** How the two of a direct conversation stand to each other. */
  readonly standings: Standings;
}

/** Those who ask at the same moment share the queries. */
export const createFindAccess = ({ conversations, memberships, standings }: AccessParts): FindAccess => {
  const findConversation = rowsTogether((ids) =>
    conversations
      .find({ _id: { $in: ids } })
      .select({ kind: 1, visibility: 1, directKey: 1, archivedAt: 1, deletedAt: 1 })
      .lean(),
  );
  const findMembership = together((keys: readonly MembershipKey[]) => findMemberships(memberships, keys));
  const areApart = together(async (directKeys: readonly string[]) => {
    const pairs = directKeys.map(pairIn);
    const standing = await standings(pairs);
    return pairs.map(([one, other]) => standing(one, other) === 'blocked');
  });
  return async (conversation, user) => {
    const [row, membership] = await Promise.all([
      findConversation(conversation),
      findMembership({ conversation, user }),
    ]);
    const isBlocked = row?.directKey !== undefined && (await areApart(row.directKey)) === true;
    return accessOf(row, membership, isBlocked);
  };
};

interface MembershipKey {
  readonly conversation: string;
  readonly user: string;
}

const findMemberships = async (
  memberships: MembershipModel,
  keys: readonly MembershipKey[],
): Promise<(MembershipRow | null)[]> => {
  const users = new Map<string, string[]>();
  for (const { conversation, user } of keys)
    users.set(conversation, [...(users.get(conversation) ?? []), user]);
  const rows = await Promise.all(
    [...users].map(([conversation, of]) => memberships.find({ conversation, user: { $in: of } }).lean()),
  );
  const found = new Map(rows.flat().map((row) => [`${row.conversation} ${row.user}`, row]));
  return keys.map(({ conversation, user }) => found.get(`${conversation} ${user}`) ?? null);
};

const accessOf = (
  conversation: Pick<ConversationRow, 'kind' | 'visibility' | 'archivedAt' | 'deletedAt'> | null,
  membership: MembershipRow | null,
  isBlocked: boolean,
): ConversationAccess | 'forbidden' | null => {
  if (conversation === null || conversation.deletedAt !== null) return null;
  const { kind, visibility } = conversation;
  if (membership?.state === 'member') {
    const { role, silenced, sinceSeq } = membership;
    const mayWrite = !silenced && conversation.archivedAt === null && !isBlocked;
    return { kind, visibility, role, mayWrite, sinceSeq };
  }
  return visibility === 'public' || mayKnow(membership) ? 'forbidden' : null;
};

const mayKnow = (membership: MembershipRow | null): boolean => membership?.state === 'invited';

/** What that allows in the conversation's documents, in the words of the sync engine's kinds. */
export const rightsOf = (
  access: ConversationAccess | 'forbidden' | null,
): DocumentAccess | 'FORBIDDEN' | null => {
  if (access === null) return null;
  if (access === 'forbidden') return 'FORBIDDEN';
  if (!access.mayWrite) return 'read';
  return access.role === 'member' ? 'write' : 'admin';
};

/** The access of a member. Throws NOT_FOUND or FORBIDDEN for everybody else. */
export const assertMember = (access: ConversationAccess | 'forbidden' | null): ConversationAccess => {
  if (access === null) throw new AppError('NOT_FOUND');
  if (access === 'forbidden') throw new AppError('FORBIDDEN');
  return access;
};
