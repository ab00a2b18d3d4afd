import type {
  Conversation,
  conversationsListInputSchema,
  markReadInputSchema,
  Overview,
  ReadMark,
  Started,
} from '@parley/shared';
import type { z } from 'zod';
import type { Publish } from '../events/index.js';
import type { Standings } from '../friends/index.js';
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
import { directKeyOf } from './direct-key.js';
import { listConversations } from './list-conversations.js';
import { markRead } from './mark-read.js';
import { overviewOf } from './overview.js';
import { type LastMessages, showConversations } from './show-conversations.js';
import { startDirect } from './start-direct.js';

export interface ConversationsParts extends AccessModels, MembershipEvents {
  readonly users: UsersService;
  readonly hiddenFrom: HiddenFrom;
  readonly presence: Pick<PresenceService, 'get'>;
  readonly standings: Standings;
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
  /** The direct conversation of two people, where there is one. */
  directOf(oneId: string, otherId: string): Promise<string | null>;
  /** What the user is to the conversation: its access, 'forbidden' where it may be known, null where not. */
  readonly access: FindAccess;
  /** The same for members only. Throws NOT_FOUND or FORBIDDEN. */
  getAccess(conversationId: string, userId: string): Promise<ConversationAccess>;
}

type ListInput = z.output<typeof conversationsListInputSchema>;

export const createConversationsService = (parts: ConversationsParts): ConversationsService => {
  const access = createFindAccess(parts);
  return {
    start: async (userId, peerId) => {
      const { conversation, created } = await startDirect(parts, userId, peerId);
      const [[shown], [presence]] = await Promise.all([
        showConversations(parts, userId, [conversation]),
        parts.presence.get(userId, [peerId]),
      ]);
      if (shown === undefined || presence === undefined)
        throw new TypeError('a conversation that was found must be shown');
      return { conversation: shown, created, presence };
    },
    list: (userId, input) => listConversations(parts, userId, input),
    markRead: async (userId, input) => {
      assertMember(await access(input.conversationId, userId));
      return await markRead(parts, userId, input);
    },
    overview: (userId) => overviewOf(parts, userId),
    directOf: async (oneId, otherId) =>
      (await parts.conversations.exists({ directKey: directKeyOf(oneId, otherId) }))?._id ?? null,
    access,
    getAccess: async (conversationId, userId) => assertMember(await access(conversationId, userId)),
  };
};
