export {
  appendMessage,
  type DocumentMessage,
  DocumentNotReady,
  isReady,
  type MessageDraft,
  type MessageValue,
  readMessages,
  readWindow,
  type WindowMeta,
} from '@parley/shared';
