// Messages as a client of the SDK gets them, with nothing to them but what a test is about.
import type { Unsent } from '@parley/client/internal/conversation/timeline';
import type { DocumentMessage, Message } from '@parley/shared';

const plain = () => ({ replyTo: null, mentions: [], files: [], system: null, reactions: {} });

/** As the window of the document has it. */
export const messageInWindow = ({ id, text }: Pick<Message, 'id' | 'text'>): DocumentMessage => ({
  ...plain(),
  id,
  text,
  author: 'user-1',
  sentAt: 0,
  editedAt: null,
});

/** As history has it, not deleted. */
export const messageInHistory = ({ id, text, seq }: Pick<Message, 'id' | 'text' | 'seq'>): Message => ({
  ...plain(),
  id,
  conversationId: 'c1',
  seq,
  author: { id: 'user-1', username: null, name: 'Ada' },
  text,
  sentAt: new Date(0),
  receivedAt: new Date(0),
  editedAt: null,
  deletedAt: null,
});

/** A list of nothing but what is stored. */
export const nothingUnsent: Unsent = {
  pending: [],
  refused: [],
  dismissed: new Set(),
  changes: new Map(),
  me: 'user-1',
  nameOf: () => undefined,
  hiddenSeq: 0,
};
