// Owns reading history page by page, from its ends and from anywhere in it. Pages go by number: edits and deletions move nothing.
import {
  AppError,
  type Message,
  type messagesAroundInputSchema,
  type messagesListInputSchema,
} from '@parley/shared';
import { z } from 'zod';
import { cutPage, decodeCursor, encodeCursor } from '../../platform/cursor.js';
import type { MessageRow } from './message.model.js';
import type { MessagesParts } from './parts.js';
import { seqAt } from './seq-at.js';

const LIST = 'messages';
const place = z.tuple([z.number().int().min(0)]);

export const listMessages = async (
  parts: MessagesParts,
  userId: string,
  input: z.output<typeof messagesListInputSchema>,
): Promise<{ items: Message[]; nextCursor: string | null }> => {
  const { conversationId, direction, limit } = input;
  const from =
    input.cursor === undefined ? (input.fromSeq ?? null) : decodeCursor(LIST, place, input.cursor)[0];
  const { sinceSeq } = await parts.conversations.getAccess(conversationId, userId);
  await parts.live.settled(conversationId);
  const found = await read(parts, { conversationId, sinceSeq, direction, from, limit: limit + 1 });
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last.seq]);
  if (direction === 'older') rows.reverse();
  return { items: await parts.reader.toMessages(rows), nextCursor };
};

/** NOT_FOUND for a message that is none of the conversation, or that the user is not shown. */
export const messagesAround = async (
  parts: MessagesParts,
  userId: string,
  { conversationId, id, at, limit }: z.output<typeof messagesAroundInputSchema>,
): Promise<{ items: Message[]; olderCursor: string | null; newerCursor: string | null }> => {
  const { sinceSeq } = await parts.conversations.getAccess(conversationId, userId);
  await parts.live.settled(conversationId);
  const wanted = { conversationId, sinceSeq };
  const middle =
    id === undefined
      ? Math.max(await seqAt(parts.messages, conversationId, at ?? new Date()), sinceSeq + 1)
      : await seqOf(parts, wanted, id);
  const olderLimit = Math.floor(limit / 2);
  const newerLimit = limit - olderLimit;
  const [older, newer] = await Promise.all([
    read(parts, { ...wanted, direction: 'older', from: middle, limit: olderLimit + 1 }),
    read(parts, { ...wanted, direction: 'newer', from: middle - 1, limit: newerLimit + 1 }),
  ]);
  const before = older.slice(0, olderLimit).reverse();
  const after = newer.slice(0, newerLimit);
  const first = before[0]?.seq ?? middle;
  const last = after.at(-1)?.seq ?? middle - 1;
  return {
    items: await parts.reader.toMessages([...before, ...after]),
    olderCursor: older.length > olderLimit ? encodeCursor(LIST, [first]) : null,
    newerCursor: newer.length > newerLimit ? encodeCursor(LIST, [last]) : null,
  };
};

interface Wanted {
  readonly conversationId: string;
  readonly sinceSeq: number;
}

const read = (
  { messages }: MessagesParts,
  {
    conversationId,
    sinceSeq,
    direction,
    from,
    limit,
  }: Wanted & { readonly direction: 'older' | 'newer'; readonly from: number | null; readonly limit: number },
): Promise<MessageRow[]> => {
  const isOlder = direction === 'older';
  const seq = isOlder
    ? { $gt: sinceSeq, ...(from !== null && { $lt: from }) }
    : { $gt: Math.max(sinceSeq, from ?? 0) };
  return messages
    .find({ conversation: conversationId, seq })
    .sort({ seq: isOlder ? -1 : 1 })
    .limit(limit)
    .lean<MessageRow[]>()
    .exec();
};

const seqOf = async (
  { messages }: MessagesParts,
  { conversationId, sinceSeq }: Wanted,
  id: string,
): Promise<number> => {
  const row = await messages.findById(id).select({ conversation: 1, seq: 1 }).lean();
  if (row === null || row.conversation !== conversationId || row.seq <= sinceSeq)
    throw new AppError('NOT_FOUND');
  return row.seq;
};
