import type { ConversationFiles } from '@parley/server/internal/features/messages/index';

/** Conversations where nobody has files. */
export const noFiles: ConversationFiles = {
  known: () => Promise.resolve([]),
  attach: () => Promise.resolve(),
  removeOf: () => Promise.resolve(),
};
