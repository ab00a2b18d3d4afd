// Owns the order of a column: who stands before and after a place, and room where there is none.
import { AppError, type TaskPlace, type TaskStatus } from '@parley/shared';
import type { TasksParts } from './change-task.js';
import { type Ranked, ranksBetween } from './ranks.js';
import { type TaskRow, taskIndexes } from './task.model.js';
import type { Moved } from './tell-tasks.js';

/** The tasks of one status, without some that are on their way. */
export interface Column {
  readonly project: string;
  readonly status: TaskStatus;
  readonly without: readonly string[];
}

/** Between whom; null at an end. */
export interface Gap {
  readonly low: Ranked | null;
  readonly high: Ranked | null;
}

type Placed = Ranked & Pick<TaskRow, 'version'>;

const rowsOf = ({ tasks }: TasksParts, { project, status, without }: Column, where: object, order: 1 | -1) =>
  tasks
    .find({ $and: [{ project, status, deletedAt: null, _id: { $nin: [...without] } }, where] })
    .hint(taskIndexes.board)
    .sort({ rank: order, _id: order })
    .select({ rank: 1, version: 1 })
    .lean<Placed[]>();

const beyond = ({ rank, _id }: Ranked, way: '$gt' | '$lt', orThere = false) => ({
  rank: { [`${way}e`]: rank },
  $or: [{ rank: { [way]: rank } }, { rank, _id: { [orThere ? `${way}e` : way]: _id } }],
});

const firstBeyond = async (
  parts: TasksParts,
  column: Column,
  from: Ranked | null,
  way: '$gt' | '$lt',
): Promise<Ranked | null> => {
  const where = from === null ? {} : beyond(from, way);
  const [row] = await rowsOf(parts, column, where, way === '$gt' ? 1 : -1).limit(1);
  return row ?? null;
};

/** CONFLICT where the neighbour is not in the column. */
export const gapAt = async (parts: TasksParts, column: Column, place: TaskPlace): Promise<Gap> => {
  if (place === 'first') return { low: null, high: await firstBeyond(parts, column, null, '$gt') };
  if (place === 'last') return { low: await firstBeyond(parts, column, null, '$lt'), high: null };
  const isBefore = 'before' in place;
  const id = isBefore ? place.before : place.after;
  const { project, status } = column;
  const next = await parts.tasks
    .findOne({ _id: id, project, status, deletedAt: null })
    .select({ rank: 1 })
    .lean<Ranked>();
  if (next === null)
    throw new AppError('CONFLICT', { details: { fields: { place: ['is not in that column'] } } });
  return isBefore
    ? { low: await firstBeyond(parts, column, next, '$lt'), high: next }
    : { low: next, high: await firstBeyond(parts, column, next, '$gt') };
};

/** The rank behind all others. */
export const rankAtEnd = async (parts: TasksParts, project: string, status: TaskStatus): Promise<string> => {
  const { low } = await gapAt(parts, { project, status, without: [] }, 'last');
  const [rank] = ranksBetween(low?.rank ?? null, null, 1) ?? [];
  if (rank === undefined) throw new TypeError('there is always room at the end');
  return rank;
};

/** Tasks that are looked at in one go. */
const STRETCH = 100;
/** What is dealt anew shall last. */
const SHORT_RANK_CHARACTERS = 50;

/**
 * Deals new ranks from one row on, up to the first gap that has room for all of them; the column's end always has. From the last to the
 * first, so that the order holds after each write, and on the versions that were read: stops where somebody else was there. Returns the
 * rows as they are now; the caller looks at the column anew.
 */
export const makeRoom = async (parts: TasksParts, column: Column, from: Ranked): Promise<Moved[]> => {
  const crowd: Placed[] = [];
  let after: Ranked = from;
  let ranks: string[] | null = null;
  while (ranks === null) {
    const where = beyond(after, '$gt', crowd.length === 0);
    const rows = await rowsOf(parts, column, where, 1).limit(STRETCH + 1);
    for (const [index, row] of rows.slice(0, STRETCH).entries()) {
      crowd.push(row);
      ranks = shortRanks(row.rank, rows[index + 1]?.rank ?? null, crowd.length);
      if (ranks !== null) break;
      after = row;
    }
    if (rows.length === 0) return [];
  }
  return await deal(parts, column, crowd, ranks);
};

const shortRanks = (low: string, high: string | null, count: number): string[] | null => {
  const ranks = ranksBetween(low, high, count);
  return ranks?.every((rank) => rank.length <= SHORT_RANK_CHARACTERS) ? ranks : null;
};

const deal = async (
  { tasks }: TasksParts,
  { project, status }: Column,
  crowd: readonly Placed[],
  ranks: readonly string[],
): Promise<Moved[]> => {
  const dealt: Moved[] = [];
  for (const [index, { _id, version }] of [...crowd.entries()].reverse()) {
    const row = await tasks
      .findOneAndUpdate(
        { _id, project, status, version, deletedAt: null },
        { $set: { rank: ranks[index] }, $inc: { version: 1 } },
        { returnDocument: 'after', projection: { status: 1, rank: 1, version: 1 } },
      )
      .lean<Moved>();
    if (row === null) break;
    dealt.push(row);
  }
  return dealt;
};
