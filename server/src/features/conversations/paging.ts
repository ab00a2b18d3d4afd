import { afterCursor } from '../../platform/time-place.js';
import type { ConversationRow } from './conversation.model.js';

/** Newest activity first; the id decides between two of one millisecond. */
export const byActivity = { activeAt: -1, _id: -1 } as const;

/** The same order, for rows that come from several questions. */
export const newestFirst = (left: ConversationRow, right: ConversationRow): number =>
  right.activeAt.getTime() - left.activeAt.getTime() || (right._id < left._id ? -1 : 1);

/** The filter for what comes after a cursor in that order; `list` names the list, whose cursors no other takes. */
export const afterActivity = (list: string, cursor: string | undefined): object =>
  afterCursor(cursor, { list, field: 'activeAt', order: 'newest first' });

/** Where a list in that order goes on after a row. */
export const placeOf = (row: ConversationRow): [number, string] => [row.activeAt.getTime(), row._id];
