export { createConversationKind } from './document/conversation-kind.js';
export { createMessageModel } from './message.model.js';
export { createMessageReader } from './message-reader.js';
export { createMessagesRouter } from './messages.router.js';
export { createMessagesService, type LiveConversations, type MessagesService } from './messages.service.js';
