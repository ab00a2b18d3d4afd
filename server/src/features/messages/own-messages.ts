// Owns finding everything that somebody has said, wherever they ever were. Without an index for it, which every message would pay
// for: it goes through the history of one conversation after the other, a bounded stretch at a time.
import type { Message } from '@parley/shared';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../platform/cursor.js';
import type { MembershipModel } from '../conversations/index.js';
import type { MessageModel } from './message.model.js';
import type { MessageReader } from './message-reader.js';

export interface OwnMessagesParts {
  readonly messages: MessageModel;
  readonly memberships: MembershipModel;
  readonly reader: MessageReader;
}

/** A stretch of one's own messages, oldest first within a conversation. An empty one may still have a next. */
export type OwnMessages = (
  userId: string,
  cursor: string | undefined,
) => Promise<{ items: Message[]; nextCursor: string | null }>;

const LIST = 'own-messages';
/** The conversation, and the number up to which it was looked through. */
const place = z.tuple([z.string().min(1).max(64), z.number().int().min(0)]);
/** Messages of history looked at in one call. */
const STRETCH = 500;

export const createOwnMessages =
  ({ messages, memberships, reader }: OwnMessagesParts): OwnMessages =>
  async (userId, cursor) => {
    const mine = await memberships.find({ user: userId }).select({ conversation: 1 }).lean();
    const conversations = mine.map(({ conversation }) => conversation).sort();
    const [from, after] = cursor === undefined ? ['', 0] : decodeCursor(LIST, place, cursor);
    const conversation = conversations.find((id) => id >= from);
    if (conversation === undefined) return { items: [], nextCursor: null };
    const rows = await messages
      .find({ conversation, seq: { $gt: conversation === from ? after : 0 } })
      .sort({ seq: 1 })
      .limit(STRETCH)
      .lean();
    const items = await reader.toMessages(rows.filter(({ author }) => author === userId));
    const last = rows.at(-1);
    if (rows.length === STRETCH && last !== undefined)
      return { items, nextCursor: encodeCursor(LIST, [conversation, last.seq]) };
    const next = conversations.find((id) => id > conversation);
    return { items, nextCursor: next === undefined ? null : encodeCursor(LIST, [next, 0]) };
  };
