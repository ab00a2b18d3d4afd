export { createConversationKind } from './document/conversation-kind.js';
export { eraseAll, eraseExpired } from './erase.js';
export { startHistory } from './history-start.js';
export { createMessageModel } from './message.model.js';
export { createMessageReader } from './message-reader.js';
export { createMessagesRouter } from './messages.router.js';
export { createMessagesService, type MessagesService } from './messages.service.js';
export { createOwnMessages, type OwnMessages } from './own-messages.js';
export type { LiveConversations } from './parts.js';
