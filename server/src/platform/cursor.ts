import { AppError } from '@parley/shared';
import type { z } from 'zod';

/**
 * A place in a list as text for clients. `list` tells the lists apart, so that a cursor of one is refused by another
 * instead of pointing somewhere by chance.
 */
export const encodeCursor = (list: string, place: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify([list, ...place])).toString('base64url');

/** Reads a cursor back, checked against the shape of its place. Throws INVALID_INPUT naming `cursor`. */
export const decodeCursor = <T>(list: string, place: z.ZodType<T>, cursor: string): T => {
  const value = parse(cursor);
  if (Array.isArray(value) && value[0] === list) {
    const parsed = place.safeParse(value.slice(1));
    if (parsed.success) return parsed.data;
  }
  throw new AppError('INVALID_INPUT', { details: { fields: { cursor: ['is not a cursor of this list'] } } });
};

/** Cuts a page out of rows of which one more than it holds was asked for; `placeOf` says where the next one goes on. */
export const cutPage = <Row>(
  list: string,
  found: readonly Row[],
  limit: number,
  placeOf: (last: Row) => readonly (string | number)[],
): { readonly rows: Row[]; readonly nextCursor: string | null } => {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { rows, nextCursor: hasMore ? encodeCursor(list, placeOf(last)) : null };
};

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null; // Not JSON: answered by the caller like any other wrong cursor.
  }
};
