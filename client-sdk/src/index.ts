export type { DocumentAccess } from '@parley/shared';
export type { Api, SubscriptionsOver } from './api/api.js';
export { ParleyError, type ParleyErrorCode } from './api/errors.js';
export type { Fetch } from './api/fetch.js';
export type { SessionEvent } from './api/session.js';
export {
  createParleyClient,
  type ParleyClient,
  type ParleyClientOptions,
  type SignInInput,
  type SignUpInput,
} from './client.js';
export type { Conversation, ConversationEvents } from './conversation/conversation.js';
export type { Draft, SendOptions } from './conversation/draft.js';
export type { ConversationMessage, MessageState } from './conversation/message.js';
export type { MessageChange } from './conversation/message-change.js';
export type { Pads } from './documents/pads.js';
export type { SetAside, SharedDocument, SharedDocumentEvents } from './documents/shared-document.js';
export type { EventOf, Events, EventsStatus } from './events/event-stream.js';
export type { Files, FileToUpload } from './files/files.js';
export type { LiveList } from './live/live-list-ports.js';
export type { Comments, LiveCommentsInput } from './projects/comments.js';
export type { LiveProjectsInput, Projects } from './projects/projects.js';
export type { LiveTasksInput, Tasks } from './projects/tasks.js';
export { memoryStorage, type Storage, type WebStorageLike, webStorage } from './storage/storage.js';
export type { PresenceState, Present } from './sync/presence.js';
export type { SyncStatus } from './sync/provider-ports.js';
export type { WebSocketClass, WebSocketLike } from './sync/socket.js';
export type { Timing } from './timing.js';
