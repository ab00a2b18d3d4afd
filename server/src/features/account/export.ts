// Owns handing people everything that is kept of them, part by part, page by page.
import type { Comment, ExportPage, Notification } from '@parley/shared';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../platform/cursor.js';
import type { Actor } from '../../trpc/index.js';
import type { AuthService } from '../auth/index.js';
import type { ConversationsService } from '../conversations/index.js';
import type { FriendsService } from '../friends/index.js';
import type { OwnMessages } from '../messages/index.js';
import type { ProjectsService } from '../projects/index.js';
import type { OwnTasks } from '../tasks/index.js';

export interface ExportParts {
  readonly auth: AuthService;
  readonly friends: FriendsService;
  readonly projects: ProjectsService;
  readonly conversations: ConversationsService;
  readonly ownMessages: OwnMessages;
  readonly ownTasks: OwnTasks;
  /** A page of what somebody has written of tasks. */
  ownComments(
    userId: string,
    cursor: string | undefined,
  ): Promise<{ items: Comment[]; nextCursor: string | null }>;
  /** A page of what concerns somebody. */
  ownNotifications(
    userId: string,
    page: { readonly cursor?: string; readonly limit: number; readonly unread: false },
  ): Promise<{ items: Notification[]; nextCursor: string | null }>;
}

const LIST = 'export';
const friendStates = ['friends', 'received', 'sent', 'blocked'] as const;
const steps = [
  'account',
  'sessions',
  ...friendStates,
  'projects',
  'archived',
  'tasks',
  'comments',
  'invitations',
  'notifications',
  'conversations',
  'messages',
] as const;
const place = z.tuple([z.enum(steps), z.string().max(200)]);
const PAGE = 100;

/** One page of everything. The cursor names the step and, within it, the step's own place. */
export const exportPage = async (
  parts: ExportParts,
  actor: Actor,
  cursor: string | undefined,
): Promise<ExportPage> => {
  const [step, inner] = cursor === undefined ? (['account', ''] as const) : decodeCursor(LIST, place, cursor);
  const within = inner === '' ? {} : { cursor: inner };
  /** Where it goes on after a page of this step. */
  const after = (nextInner: string | null): string | null => {
    if (nextInner !== null) return encodeCursor(LIST, [step, nextInner]);
    const next = steps[steps.indexOf(step) + 1];
    return next === undefined ? null : encodeCursor(LIST, [next, '']);
  };
  switch (step) {
    case 'account': {
      const { user } = await parts.auth.me(actor);
      return { part: 'account', items: [user], nextCursor: after(null) };
    }
    case 'sessions': {
      const { items, nextCursor } = await parts.auth.sessions(actor, { ...within, limit: PAGE });
      return { part: 'sessions', items, nextCursor: after(nextCursor) };
    }
    case 'projects':
    case 'archived': {
      const those = { ...within, archived: step === 'archived', limit: PAGE };
      const { items, nextCursor } = await parts.projects.list(actor.userId, those);
      return { part: 'projects', items, nextCursor: after(nextCursor) };
    }
    case 'tasks': {
      const { items, nextCursor } = await parts.ownTasks(actor.userId, within.cursor);
      return { part: 'tasks', items, nextCursor: after(nextCursor) };
    }
    case 'comments': {
      const { items, nextCursor } = await parts.ownComments(actor.userId, within.cursor);
      return { part: 'comments', items, nextCursor: after(nextCursor) };
    }
    case 'invitations': {
      const own = { ...within, limit: PAGE };
      const { items, nextCursor } = await parts.projects.invitations.mine(actor.userId, own);
      return { part: 'invitations', items, nextCursor: after(nextCursor) };
    }
    case 'notifications': {
      const own = { ...within, limit: PAGE, unread: false } as const;
      const { items, nextCursor } = await parts.ownNotifications(actor.userId, own);
      return { part: 'notifications', items, nextCursor: after(nextCursor) };
    }
    case 'conversations': {
      const { items, nextCursor } = await parts.conversations.list(actor.userId, { ...within, limit: PAGE });
      return { part: 'conversations', items, nextCursor: after(nextCursor) };
    }
    case 'messages': {
      const { items, nextCursor } = await parts.ownMessages(actor.userId, within.cursor);
      return { part: 'messages', items, nextCursor: after(nextCursor) };
    }
    default: {
      const found = await parts.friends.list(actor.userId, { ...within, state: step, limit: PAGE });
      const items = found.items.map((item) => ({ ...item, state: step }));
      return { part: 'friends', items, nextCursor: after(found.nextCursor) };
    }
  }
};
