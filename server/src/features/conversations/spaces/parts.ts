// What groups and rooms are given.
import type { KeyObject } from 'node:crypto';
import type { Message } from '@parley/shared';
import type { LinkModel } from '../../links/index.js';
import type { ConversationRow } from '../conversation.model.js';
import type { MembersParts } from '../members/parts.js';

/** Reads the newest messages of several conversations in one go; whoever keeps history implements it. */
export interface NewestMessages {
  /** Up to so many of each, the oldest of them first. */
  newestOf(
    conversations: readonly Pick<ConversationRow, '_id' | 'messageCount'>[],
    perConversation: number,
  ): Promise<ReadonlyMap<string, readonly Message[]>>;
}

export interface SpacesParts extends MembersParts {
  readonly conversationLinks: LinkModel;
  /** Signs links. */
  readonly linkKey: KeyObject;
  readonly newestMessages: NewestMessages;
  /** What everybody may do in it is another thing now. */
  onRightsChanged(conversationId: string): void;
  /** After its settings were changed. */
  onSettingsChanged(conversationId: string): Promise<void>;
  /** Removes what features above keep of a conversation that is gone for everybody; may be repeated. */
  removeContent(conversationId: string): Promise<void>;
}
