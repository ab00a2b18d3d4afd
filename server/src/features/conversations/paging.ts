import { z } from 'zod';
import { decodeCursor } from '../../platform/cursor.js';
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

/** Where a list in that order goes on after a row. */
export const placeOf = (row: ConversationRow): [number, string] => [row.activeAt.getTime(), row._id];
