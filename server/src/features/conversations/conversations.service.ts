import {
  AppError,
  type Conversation,
  type conversationsListInputSchema,
  type markReadInputSchema,
  type Overview,
  type participantsInputSchema,
  type ReadMark,
  type Started,
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
import { type Addressed, findAddressed } from './addressed.js';
import type { ConversationRow } from './conversation.model.js';
import { directKeyOf } from './direct-key.js';
import { keepFor } from './keep.js';
import { listConversations } from './list-conversations.js';
import { markRead } from './mark-read.js';
import { overviewOf } from './overview.js';
import { assertMayPin, deleteForOneself, setOwn } from './own-settings.js';
import { listParticipants } from './participants.js';
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
  /** One of them. */
  get(userId: string, conversationId: string): Promise<Conversation>;
  /** Who is in it, for those who are. */
  participants(userId: string, input: ParticipantsInput): ReturnType<typeof listParticipants>;
  /** These set what is so for the user alone, and answer with how it is then. */
  mute(userId: string, conversationId: string, until: Date | null): Promise<Conversation>;
  pin(userId: string, conversationId: string, pinned: boolean): Promise<Conversation>;
  archive(userId: string, conversationId: string, archived: boolean): Promise<Conversation>;
  /** For how many days the user wants a direct conversation kept; it is kept as long as either wants. FORBIDDEN for other ones. */
  keep(userId: string, conversationId: string, days: number | null): Promise<Conversation>;
  /** Deletes it for the user alone: what was said is gone for them, and it comes back with the next message. */
  delete(userId: string, conversationId: string): Promise<void>;
  /** See overview.ts. */
  overview(userId: string): Promise<Overview>;
  /** What an id in the place of a conversation's means to the user; see addressed.ts. */
  addressed(userId: string, id: string): Promise<Addressed>;
  /** The direct conversation of two people, where there is one. */
  directOf(oneId: string, otherId: string): Promise<string | null>;
  /** What the user is to the conversation: its access, 'forbidden' where it may be known, null where not. */
  readonly access: FindAccess;
  /** The same for members only. Throws NOT_FOUND or FORBIDDEN. */
  getAccess(conversationId: string, userId: string): Promise<ConversationAccess>;
}

type ParticipantsInput = z.output<typeof participantsInputSchema>;
type ListInput = z.output<typeof conversationsListInputSchema>;

export const createConversationsService = (parts: ConversationsParts): ConversationsService => {
  const access = createFindAccess(parts);
  const getAccess = async (conversationId: string, userId: string): Promise<ConversationAccess> =>
    assertMember(await access(conversationId, userId));
  const get = async (userId: string, conversationId: string): Promise<Conversation> => {
    assertMember(await access(conversationId, userId));
    await parts.settled([conversationId]);
    const row = await parts.conversations.findById(conversationId).lean<ConversationRow>();
    const [shown] = row === null ? [] : await showConversations(parts, userId, [row]);
    if (shown === undefined) throw new AppError('NOT_FOUND');
    return shown;
  };
  const set = async (
    userId: string,
    conversationId: string,
    own: Parameters<typeof setOwn>[2],
  ): Promise<Conversation> => {
    assertMember(await access(conversationId, userId));
    await setOwn(parts, { conversationId, userId }, own);
    return await get(userId, conversationId);
  };
  return {
    get,
    participants: (userId, input) => listParticipants({ ...parts, getAccess }, userId, input),
    mute: (userId, conversationId, until) => set(userId, conversationId, { mutedUntil: until }),
    pin: async (userId, conversationId, pinned) => {
      if (pinned) await assertMayPin(parts, userId);
      return await set(userId, conversationId, { pinnedAt: pinned ? new Date() : null });
    },
    archive: (userId, conversationId, archived) =>
      set(userId, conversationId, { archivedAt: archived ? new Date() : null }),
    keep: async (userId, conversationId, days) => {
      if (assertMember(await access(conversationId, userId)).kind !== 'direct')
        throw new AppError('FORBIDDEN');
      await keepFor(parts, { conversationId, userId }, days);
      return await get(userId, conversationId);
    },
    delete: async (userId, conversationId) => {
      assertMember(await access(conversationId, userId));
      await deleteForOneself(parts, { conversationId, userId });
    },
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
    addressed: (userId, id) => findAddressed({ ...parts, access }, userId, id),
    directOf: async (oneId, otherId) =>
      (await parts.conversations.exists({ directKey: directKeyOf(oneId, otherId) }))?._id ?? null,
    access,
    getAccess,
  };
};
