export {
  emailSchema,
  loginInputSchema,
  type Me,
  meOutputSchema,
  meSchema,
  passwordSchema,
  refreshInputSchema,
  registerInputSchema,
  type SignedIn,
  signedInSchema,
  type Tokens,
  tokensSchema,
  usernameSchema,
} from './contracts/auth.js';
export {
  cursorSchema,
  doneSchema,
  foldName,
  noInputSchema,
  type Person,
  pageLimitSchema,
  pageOf,
  personSchema,
} from './contracts/common.js';
export {
  type Conversation,
  conversationSchema,
  conversationsListInputSchema,
  conversationsPageSchema,
  joinRoomInputSchema,
  joinRoomOutputSchema,
  leaveRoomInputSchema,
  type Room,
  roomNameSchema,
  roomSchema,
  roomsListInputSchema,
  roomsPageSchema,
  startInputSchema,
  startOutputSchema,
} from './contracts/conversations.js';
export {
  editInputSchema,
  type Message,
  messageRefSchema,
  messageSchema,
  messagesListInputSchema,
  messagesPageSchema,
  reactionInputSchema,
  sendInputSchema,
} from './contracts/messages.js';
export {
  createPadInputSchema,
  type Pad,
  padRefSchema,
  padSchema,
  padsListInputSchema,
  padsPageSchema,
} from './contracts/pads.js';
export { type Deferred, deferred } from './deferred.js';
export {
  appendMessage,
  CONVERSATION_MODEL,
  conversationKeys,
  type DocumentMessage,
  DocumentNotReady,
  type EditValue,
  editValueSchema,
  isReady,
  type MessageDraft,
  type MessageValue,
  messageValue,
  messageValueSchema,
  type ReactionValue,
  reactionKey,
  reactionValueSchema,
  readMessages,
  readWindow,
  type WindowMeta,
  windowMetaSchema,
} from './document/conversation.js';
export { AppError, type AppErrorOptions, type ErrorDetails, type FieldMessages } from './errors/app-error.js';
export {
  type ErrorCode,
  type ErrorRow,
  errorCatalogue,
  isErrorCode,
  type Retry,
} from './errors/catalogue.js';
export { messageIdSchema, newId, opaqueIdSchema } from './ids.js';
export { type Limit, limits } from './limits.js';
export { type AwarenessEntry, decodeAwareness, encodeAwarenessEntries } from './protocol/awareness.js';
export { BadBytes, ByteReader, ByteWriter } from './protocol/bytes.js';
export {
  type DocumentAccess,
  decodeFrame,
  encodeAwareness,
  encodeNotice,
  encodeQueryAwareness,
  encodeRefused,
  encodeReply,
  encodeStateVector,
  encodeStored,
  encodeUpdate,
  frameTypes,
  type Notice,
  PROTOCOL_VERSION,
  type Refusal,
  SYNC_PATH,
  type SyncFrame,
  syncParams,
  syncSteps,
} from './protocol/frames.js';
