import type { Message } from '@parley/shared';
import type { Api } from './api.js';

/** Everything history has of a conversation, page by page, oldest first. */
export const readHistory = async ({ messages }: Api, conversationId: string): Promise<Message[]> => {
  const found: Message[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await messages.list.query({
      conversationId,
      direction: 'newer',
      limit: 100,
      ...(cursor ? { cursor } : {}),
    });
    found.push(...page.items);
    if (page.nextCursor === null) return found;
    cursor = page.nextCursor;
  }
};
