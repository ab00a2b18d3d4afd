// What the procedures of messages are given.
import type { ConversationsService } from '../conversations/index.js';
import type { ConversationCommand } from './document/changes.js';
import type { MessageModel } from './message.model.js';
import type { MessageReader } from './message-reader.js';
import type { TermsModel } from './search/terms.model.js';

/** The live documents of conversations, as far as procedures write to them; the sync engine implements it. */
export interface LiveConversations {
  /** Carries the command out. Resolves when it is in history, with whether it changed anything; rejects with the AppError to answer with, changing nothing. */
  perform(conversationId: string, command: ConversationCommand): Promise<boolean>;
  /** Leaves nothing in the log that history and the document hold. Rejects with UNAVAILABLE where the store did not take that. */
  compact(conversationId: string): Promise<void>;
  /** Removes the document with all that is stored of it; may be repeated. */
  remove(conversationId: string): Promise<void>;
  /** Resolves when history holds what members have seen so far, or after a moment. */
  settled(conversationId: string): Promise<void>;
  /** The same of several. */
  allSettled(conversationIds: readonly string[]): Promise<void>;
}

export interface MessagesParts {
  /** Whether people who search without end are slowed down. */
  readonly rateLimits: boolean;
  /** The conversations that somebody is in, and from where each shows them what was said. */
  placesOf(userId: string): Promise<ReadonlyMap<string, number>>;
  readonly messageTerms: TermsModel;
  /** Resolves when what was said in these conversations before is found by its words, or after a moment. */
  found(conversationIds: readonly string[]): Promise<void>;
  readonly messages: MessageModel;
  readonly reader: MessageReader;
  readonly conversations: ConversationsService;
  readonly live: LiveConversations;
}
