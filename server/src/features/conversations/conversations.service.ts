import type {
  Conversation,
  conversationsListInputSchema,
  Message,
  markReadInputSchema,
  Overview,
  ReadMark,
  Started,
} from '@parley/shared';
import type { z } from 'zod';
import { cutPage } from '../../platform/cursor.js';
import type { Publish } from '../events/index.js';
import type { PresenceService } from '../presence/index.js';
import type { HiddenFrom, UsersService } from '../users/index.js';
import {
  type AccessModels,
  assertMember,
  type ConversationAccess,
  createFindAccess,
  type FindAccess,
  type MembershipEvents,
} from './access.js';
import type { ConversationRow } from './conversation.model.js';
import { markRead } from './mark-read.js';
import { overviewOf, unreadOf } from './overview.js';
import { afterCursor, byActivity, placeOf } from './paging.js';
import { peerIdOf, startDirect } from './start-direct.js';

/** Reads messages of history for lists of conversations; whoever keeps history implements it. */
export interface LastMessages {
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, Message>>;
}

export interface ConversationsParts extends AccessModels, MembershipEvents {
  readonly users: UsersService;
  readonly hiddenFrom: HiddenFrom;
  readonly presence: Pick<PresenceService, 'get'>;
  readonly publish: Publish;
  readonly lastMessages: LastMessages;
  /** Resolves when these conversations tell of what their members have seen so far, or after a moment. */
  settled(conversationIds: readonly string[]): Promise<void>;
}

export interface ConversationsService {
  /** Opens the direct conversation with somebody; `created` is true for the one call that made it. Tells whether they are here, too. NOT_FOUND where a block is between them. */
  start(userId: string, peerId: string): Promise<Started>;
  /** The user's conversations, newest activity first. */
  list(userId: string, input: ListInput): Promise<{ items: Conversation[]; nextCursor: string | null }>;
  /** Moves how far the user has read forward, never back; members only. */
  markRead(userId: string, input: z.output<typeof markReadInputSchema>): Promise<ReadMark>;
  /** See overview.ts. */
  overview(userId: string): Promise<Overview>;
  /** What the user is to the conversation: its access, 'forbidden' where it may be known, null where not. */
  readonly access: FindAccess;
  /** The same for members only. Throws NOT_FOUND or FORBIDDEN. */
  getAccess(conversationId: string, userId: string): Promise<ConversationAccess>;
}

type ListInput = z.output<typeof conversationsListInputSchema>;

const LIST = 'conversations';

export const createConversationsService = (parts: ConversationsParts): ConversationsService => {
  const access = createFindAccess(parts);
  return {
    start: async (userId, peerId) => {
      const { conversation, created } = await startDirect(parts, userId, peerId);
      const [[shown], [presence]] = await Promise.all([
        show(parts, userId, [conversation]),
        parts.presence.get(userId, [peerId]),
      ]);
      if (shown === undefined || presence === undefined)
        throw new TypeError('a conversation that was found must be shown');
      return { conversation: shown, created, presence };
    },
    list: (userId, input) => list(parts, userId, input),
    markRead: async (userId, input) => {
      assertMember(await access(input.conversationId, userId));
      return await markRead(parts, userId, input);
    },
    overview: (userId) => overviewOf(parts, userId),
    access,
    getAccess: async (conversationId, userId) => assertMember(await access(conversationId, userId)),
  };
};

const list = async (parts: ConversationsParts, userId: string, input: ListInput) => {
  const after = afterCursor(LIST, input.cursor);
  const mine = await parts.memberships
    .find({ user: userId, state: 'member' })
    .select({ conversation: 1 })
    .lean();
  const ids = mine.map((membership) => membership.conversation);
  await parts.settled(ids);
  const rows = await parts.conversations
    .find({ _id: { $in: ids }, ...after })
    .sort(byActivity)
    .limit(input.limit + 1)
    .lean();
  const page = cutPage(LIST, rows, input.limit, placeOf);
  return { items: await show(parts, userId, page.rows), nextCursor: page.nextCursor };
};

/** Rows as one member sees them: three queries, however many rows. */
const show = async (
  parts: ConversationsParts,
  userId: string,
  rows: readonly ConversationRow[],
): Promise<Conversation[]> => {
  const peers = new Map(rows.map((row) => [row._id, row.directKey ? peerIdOf(row.directKey, userId) : null]));
  const [memberships, people, messages] = await Promise.all([
    parts.memberships
      .find({ user: userId, conversation: { $in: rows.map((row) => row._id) } })
      .select({ conversation: 1, lastReadSeq: 1 })
      .lean(),
    parts.users.people([...peers.values()].filter((id) => id !== null)),
    parts.lastMessages.byIds(rows.map((row) => row.lastMessage).filter((id) => id !== null)),
  ]);
  const read = new Map(memberships.map((membership) => [membership.conversation, membership.lastReadSeq]));
  return rows.map((row) => ({
    id: row._id,
    kind: row.kind,
    name: row.name ?? null,
    peer: people.get(peers.get(row._id) ?? '') ?? null,
    lastMessage: messages.get(row.lastMessage ?? '') ?? null,
    messageCount: row.messageCount,
    unread: unreadOf(row.messageCount, read.get(row._id) ?? 0),
    activeAt: row.activeAt,
    createdAt: row.createdAt,
  }));
};
