import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../platform/cursor.js';
import type { ConversationRow } from './conversation.model.js';

/** Newest activity first; the id decides between two of one millisecond, so that no row is skipped or told twice. */
export const byActivity = { activeAt: -1, _id: -1 } as const;

const place = z.tuple([z.number().int().min(0).max(8_640_000_000_000_000), z.string().min(1).max(64)]);

/** The filter for what comes after a cursor in that order; `list` names the list, whose cursors no other takes. */
export const afterCursor = (list: string, cursor: string | undefined): object => {
  if (cursor === undefined) return {};
  const [ms, id] = decodeCursor(list, place, cursor);
  const activeAt = new Date(ms);
  return { $or: [{ activeAt: { $lt: activeAt } }, { activeAt, _id: { $lt: id } }] };
};

/** Cuts a page out of rows of which one more than the page holds was asked for. */
export const cutPage = (
  list: string,
  rows: readonly ConversationRow[],
  limit: number,
): { readonly rows: readonly ConversationRow[]; readonly nextCursor: string | null } => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const nextCursor =
    rows.length > limit && last !== undefined
      ? encodeCursor(list, [last.activeAt.getTime(), last._id])
      : null;
  return { rows: page, nextCursor };
};
