// Owns places in lists that are ordered by a time, and by id where times are the same: no row is skipped or told twice.
import { z } from 'zod';
import { decodeCursor } from './cursor.js';

/** The time in ms, and the id. */
export const timePlace = z.tuple([
  z.number().int().min(0).max(8_640_000_000_000_000),
  z.string().min(1).max(200),
]);
export type TimePlace = z.output<typeof timePlace>;

type Order = 'newest first' | 'oldest first';

/** The filter for what comes after a place in a list by that field. */
export const beyond = (field: string, [ms, id]: TimePlace, order: Order): { readonly $or: object[] } => {
  const at = new Date(ms);
  const next = order === 'newest first' ? '$lt' : '$gt';
  return { $or: [{ [field]: { [next]: at } }, { [field]: at, _id: { [next]: id } }] };
};

/** The same for a cursor of a list; everything where there is none. Throws INVALID_INPUT naming `cursor`. */
export const afterCursor = (
  cursor: string | undefined,
  { list, field, order }: { readonly list: string; readonly field: string; readonly order: Order },
): object => (cursor === undefined ? {} : beyond(field, decodeCursor(list, timePlace, cursor), order));
