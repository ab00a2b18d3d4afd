// Owns wiring what groups and rooms are made with.
import { createSecretKey } from 'node:crypto';
import { CONVERSATION_MODEL, type MessageValue, newId } from '@parley/shared';
import type { SpacesParts } from '../features/conversations/index.js';
import { startHistory } from '../features/messages/index.js';
import type { Logger } from '../platform/logger.js';
import type { Live } from './documents.js';
import type { Models } from './store.js';

interface Wiring
  extends Pick<
    SpacesParts,
    'users' | 'hiddenFrom' | 'publish' | 'onMembershipChanged' | 'newestMessages' | 'removeContent'
  > {
  readonly models: Models;
  readonly log: Logger;
  readonly live: Live;
  /** Signs links. */
  readonly secret: string;
}

export const createSpacesParts = ({ models, log, live, secret, ...given }: Wiring): SpacesParts => ({
  ...given,
  ...{ conversations: models.conversations, memberships: models.memberships },
  conversationLinks: models.conversationLinks,
  linkKey: createSecretKey(Buffer.from(secret)),
  onRightsChanged: (conversationId) => live.rightsChanged(conversationId),
  onSettingsChanged: async (conversationId) => {
    const row = await models.conversations.findById(conversationId).select({ slowModeMs: 1 }).lean();
    if (row === null) return;
    const { slowModeMs } = row;
    // A document that is not in memory reads it when it is.
    await live.perform(conversationId, { type: 'slow', slowModeMs }).catch((error: unknown) => {
      log.warn({ err: error, conversation: conversationId }, 'a conversation could not be slowed down yet');
    });
  },
  historyStart: (conversationId) =>
    startHistory({ conversations: models.conversations, live }, conversationId),
  // What was done stands, whether the conversation can say so or not.
  say: async (conversationId, by, system) => {
    const value: MessageValue = {
      v: CONVERSATION_MODEL,
      type: 'message',
      ...{ id: newId(), author: by },
      ...{ text: '', sentAt: Date.now(), system },
    };
    await live.perform(conversationId, { type: 'append', value }).catch((error: unknown) => {
      log.warn({ err: error, conversation: conversationId }, 'a conversation could not say what happened');
    });
  },
});
