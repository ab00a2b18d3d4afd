// Owns from where newcomers see a conversation that shows them nothing older: what is older leaves the document before they may open it.
import { AppError } from '@parley/shared';
import type { ConversationModel } from '../conversations/index.js';
import type { LiveConversations } from './parts.js';

interface HistoryStartParts {
  readonly conversations: ConversationModel;
  readonly live: Pick<LiveConversations, 'perform'>;
}

/** A generation of the document that ends meanwhile takes what was leaving along into the next: then it is done again. */
const MAX_TRIES = 5;

/**
 * The number of the newest message when it was called, once no message up to it is in the document any more. What a new client gets
 * holds none of their bytes then: Yjs keeps a deleted segment as a length.
 */
export const startHistory = async (parts: HistoryStartParts, conversationId: string): Promise<number> => {
  const { conversations, live } = parts;
  await live.perform(conversationId, { type: 'settle' });
  const row = await conversations.findById(conversationId).select({ messageCount: 1 }).lean();
  const upToSeq = row?.messageCount ?? 0;
  if (upToSeq === 0) return 0;
  for (let tries = 1; ; tries += 1) {
    await live.perform(conversationId, { type: 'cut' });
    if (await isGone(parts, conversationId, upToSeq)) return upToSeq;
    if (tries === MAX_TRIES) throw new AppError('UNAVAILABLE', { logMessage: 'a window could not be cut' });
  }
};

const isGone = async (
  { live }: HistoryStartParts,
  conversationId: string,
  upToSeq: number,
): Promise<boolean> => {
  try {
    await live.perform(conversationId, { type: 'assertGone', upToSeq });
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'UNAVAILABLE') return false;
    throw error;
  }
};
