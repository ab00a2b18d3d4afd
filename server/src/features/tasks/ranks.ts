// Owns the arithmetic of places on the board: texts between texts. Pure.
import { generateNKeysBetween } from 'fractional-indexing';

/** A place in a column: by rank, and of equal ranks by id. */
export interface Ranked {
  readonly _id: string;
  readonly rank: string;
}

/** Whoever puts things into one gap again and again makes ranks longer; past it others make room. */
const MAX_RANK_CHARACTERS = 200;

/** As many ranks between two, or null where there is no room: they are equal, or what is between them is too long. */
export const ranksBetween = (low: string | null, high: string | null, count: number): string[] | null => {
  if (low !== null && high !== null && low >= high) return null;
  const ranks = generateNKeysBetween(low, high, count);
  return ranks.some((rank) => rank.length > MAX_RANK_CHARACTERS) ? null : ranks;
};

/** Whether they stand in this order. */
export const inOrder = (rows: readonly Ranked[]): boolean =>
  rows.every((row, index) => {
    const next = rows[index + 1];
    return next === undefined || row.rank < next.rank || (row.rank === next.rank && row._id < next._id);
  });
