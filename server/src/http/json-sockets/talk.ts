// What a kind of JSON socket is to the socket, and what it is made with.
import type { ErrorCode, ParleyEvent } from '@parley/shared';
import type { AppRouter } from '../../app-router.js';
import type { ConversationsService } from '../../features/conversations/index.js';
import type { EventsService } from '../../features/events/index.js';
import type { MessageReader } from '../../features/messages/index.js';
import type { RoomsService } from '../../features/rooms/index.js';
import type { UsersService } from '../../features/users/index.js';
import type { ToldMessages } from './told-messages.js';

/** What a socket tells of, and what is done with what it is told. */
export interface Talk {
  /**
   * Called once everything that happens after that place of the log is heard of. Rejects where whoever opened the socket may not have
   * it.
   */
  begin(place: string): Promise<void>;
  /** The frames that an event means. Rejects with what the socket is to be closed with. */
  hear(event: ParleyEvent): AsyncIterable<string>;
  /** What the socket is closed with because of an event, null for nothing. Asked as it happens, whatever waits to be told. */
  endsWith(event: ParleyEvent): ErrorCode | null;
  /** Carries a frame out. What its sender is answered, null for nothing; rejects with what they are told instead. */
  say(value: unknown): Promise<string | null>;
}

/** What the kinds of sockets share on one server. */
export interface TalkParts {
  readonly messages: ToldMessages;
  readonly history: Pick<MessageReader, 'newestSeq' | 'seqBefore'>;
  readonly conversations: Pick<ConversationsService, 'access' | 'getAccess'>;
  readonly rooms: Pick<RoomsService, 'idOf'>;
  readonly events: Pick<EventsService, 'listen' | 'toldUpTo'>;
  readonly users: Pick<UsersService, 'find' | 'findByUsername'>;
  /** Resolves when history holds what members of a conversation have seen so far, or after a moment. */
  settled(conversationId: string): Promise<void>;
}

/** Whoever opened a socket. */
export interface Speaker {
  readonly userId: string;
  /** The procedures, as called by them; their session is looked up anew for each. */
  procedures(): ReturnType<AppRouter['createCaller']>;
}
