// Owns what a conversation looks like to one of its members.
import type { Conversation, Message } from '@parley/shared';
import type { UsersService } from '../users/index.js';
import type { AccessModels } from './access.js';
import type { ConversationRow } from './conversation.model.js';
import { settingsOf } from './conversation-settings.js';
import { peerIdOf } from './direct-key.js';
import type { MembershipRow } from './membership.model.js';
import { unreadOf } from './unread.js';

/** Reads messages of history for lists of conversations; whoever keeps history implements it. */
export interface LastMessages {
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, Message>>;
}

export interface ShowParts extends AccessModels {
  readonly users: UsersService;
  readonly lastMessages: LastMessages;
}

/** Rows as one member sees them: three queries, however many rows. Those they are no member of are left out. */
export const showConversations = async (
  { memberships, users, lastMessages }: ShowParts,
  userId: string,
  rows: readonly ConversationRow[],
): Promise<Conversation[]> => {
  const peers = new Map(rows.map((row) => [row._id, row.directKey ? peerIdOf(row.directKey, userId) : null]));
  const [mine, people, messages] = await Promise.all([
    memberships
      .find({ user: userId, conversation: { $in: rows.map((row) => row._id) }, state: 'member' })
      .lean<MembershipRow[]>(),
    users.people([...peers.values()].filter((id) => id !== null)),
    lastMessages.byIds(rows.map((row) => row.lastMessage).filter((id) => id !== null)),
  ]);
  const places = new Map(mine.map((membership) => [membership.conversation, membership]));
  return rows.flatMap((row) => {
    const place = places.get(row._id);
    if (place === undefined) return [];
    const { _id: id, kind, topic, archivedAt, memberCount, messageCount, activeAt, createdAt } = row;
    const last = messages.get(row.lastMessage ?? '') ?? null;
    return {
      ...{ id, kind, topic, archivedAt, memberCount, messageCount, activeAt, createdAt },
      name: row.name ?? null,
      peer: people.get(peers.get(id) ?? '') ?? null,
      settings: settingsOf(row),
      lastMessage: last !== null && last.seq > place.sinceSeq ? last : null,
      unread: unreadOf(row, place),
      me: placeOf(place),
    };
  });
};

const placeOf = (row: MembershipRow): Conversation['me'] => {
  const { role, joinedAt, silenced, sinceSeq, lastReadSeq, mutedUntil, pinnedAt, archivedAt } = row;
  const keepDays = row.keepDays ?? null;
  return { role, joinedAt, silenced, sinceSeq, lastReadSeq, mutedUntil, pinnedAt, archivedAt, keepDays };
};
