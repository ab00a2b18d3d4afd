// Owns somebody's list of conversations. It is put together when it is asked for: a message writes the one row of its conversation, and
// none of the ten thousand of its members.
import type { Conversation, conversationsListInputSchema } from '@parley/shared';
import type { z } from 'zod';
import { cutPage } from '../../platform/cursor.js';
import { findByKeys } from '../../platform/rows.js';
import type { ConversationRow } from './conversation.model.js';
import type { MembershipRow } from './membership.model.js';
import { afterActivity, byActivity, newestFirst, placeOf } from './paging.js';
import { type ShowParts, showConversations } from './show-conversations.js';

export interface ListParts extends ShowParts {
  /** See `ConversationsParts`. */
  settled(conversationIds: readonly string[]): Promise<void>;
}

type Input = z.output<typeof conversationsListInputSchema>;

const LIST = 'conversations';

/** Newest activity first. */
export const listConversations = async (
  parts: ListParts,
  userId: string,
  input: Input,
): Promise<{ items: Conversation[]; nextCursor: string | null }> => {
  const after = afterActivity(LIST, input.cursor);
  const mine = await parts.memberships.find({ user: userId, state: 'member' }).lean<MembershipRow[]>();
  const wanted = mine.filter((membership) => isWanted(membership, input));
  await parts.settled(wanted.map(({ conversation }) => conversation));
  const hidden = wanted.filter((membership) => membership.hidden);
  const back = await withNews(parts, hidden);
  const ids = wanted
    .filter((membership) => !membership.hidden || back.has(membership.conversation))
    .map(({ conversation }) => conversation);
  const found = await findByKeys(ids, (some) =>
    parts.conversations
      .find({ _id: { $in: some }, deletedAt: null, ...(input.kind && { kind: input.kind }), ...after })
      .sort(byActivity)
      .limit(input.limit + 1)
      .lean<ConversationRow[]>(),
  );
  const page = cutPage(LIST, found.sort(newestFirst), input.limit, placeOf);
  return { items: await showConversations(parts, userId, page.rows), nextCursor: page.nextCursor };
};

const isWanted = ({ pinnedAt, archivedAt }: MembershipRow, { pinned, archived }: Input): boolean =>
  (archived === undefined || (archivedAt !== null) === archived) &&
  (pinned === undefined || (pinnedAt !== null) === pinned);

/** Of conversations that were deleted for oneself those in which something was said since. */
const withNews = async (
  { conversations }: ListParts,
  hidden: readonly MembershipRow[],
): Promise<ReadonlySet<string>> => {
  const since = new Map(hidden.map(({ conversation, sinceSeq }) => [conversation, sinceSeq]));
  const rows = await findByKeys([...since.keys()], (some) =>
    conversations
      .find({ _id: { $in: some } })
      .select({ messageCount: 1 })
      .lean<ConversationRow[]>(),
  );
  return new Set(
    rows.flatMap(({ _id, messageCount }) => (messageCount > (since.get(_id) ?? 0) ? [_id] : [])),
  );
};
