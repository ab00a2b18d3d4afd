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

interface Filled<Row, Item, Place extends readonly (string | number)[]> {
  readonly list: string;
  readonly limit: number;
  /** Where to begin; null at the beginning. */
  readonly after: Place | null;
  /** Reads at most so many rows after a place, in the order of the list. */
  readonly read: (after: Place | null, limit: number) => Promise<readonly Row[]>;
  readonly placeOf: (row: Row) => Place;
  /** Those of the rows that may be shown, in their order. */
  readonly show: (rows: readonly Row[]) => Promise<readonly Item[]>;
}

/** Rounds in which rows that may not be shown are made up for. */
const MAX_ROUNDS = 5;

/** A page out of rows of which some may not be shown; it may be shorter than asked for, and still not the last. */
export const fillPage = async <Row, Item, Place extends readonly (string | number)[]>({
  list,
  limit,
  read,
  placeOf,
  show,
  ...from
}: Filled<Row, Item, Place>): Promise<{ items: Item[]; nextCursor: string | null }> => {
  const items: Item[] = [];
  let { after } = from;
  for (let round = 0; round < MAX_ROUNDS && items.length < limit; round += 1) {
    const wanted = limit - items.length;
    const found = await read(after, wanted + 1);
    const rows = found.slice(0, wanted);
    items.push(...(await show(rows)));
    const last = rows.at(-1);
    after = found.length > wanted && last !== undefined ? placeOf(last) : null;
    if (after === null) break;
  }
  return { items, nextCursor: after === null ? null : encodeCursor(list, after) };
};

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null; // Not JSON: answered by the caller like any other wrong cursor.
  }
};
