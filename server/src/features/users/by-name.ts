// Owns finding people in the order of their names: page after page of all of them, or those whose names begin with some words.
import { z } from 'zod';
import { decodeCursor } from '../../platform/cursor.js';
import { startsWith } from '../../platform/rows.js';
import { wordsOf } from './profile.js';
import type { UserModel, UserRow } from './user.model.js';

/** Where a page ended: the name by which rows are in order, and the id. */
export type NamePlace = readonly [nameKey: string, id: string];

const place = z.tuple([z.string().max(1_000), z.string().min(1).max(64)]);

export const namePlaceOf = (list: string, cursor: string | undefined): NamePlace | null =>
  cursor === undefined ? null : decodeCursor(list, place, cursor);

/** Each word is one more condition. */
const MAX_WORDS = 5;
/** A search finds so many and no more: a letter or two say too little to go through everybody for it. */
const MAX_FOUND = 1_000;

const byName = { nameKey: 1, _id: 1 } as const;

interface Wanted {
  readonly filter: object;
  readonly search: string;
  readonly after: NamePlace | null;
  readonly limit: number;
}

/** At most `limit` rows after the place. */
export const findByName = async (users: UserModel, wanted: Wanted): Promise<UserRow[]> => {
  const { filter, search, after, limit } = wanted;
  // The longest word says most: its index is gone through, the others are looked at on the way.
  const words = wordsOf(search)
    .slice(0, MAX_WORDS)
    .sort((left, right) => right.length - left.length);
  const rest = after === null ? [filter] : [filter, afterPlace(after)];
  if (words.length === 0) return await users.find({ $and: rest }).sort(byName).limit(limit).lean();
  const ids = await idsFound(users, filter, words);
  return await users
    .find({ $and: [{ _id: { $in: ids } }, ...rest] })
    .hint({ _id: 1 })
    .sort(byName)
    .limit(limit)
    .lean();
};

const idsFound = async (users: UserModel, filter: object, words: readonly string[]): Promise<string[]> => {
  const rows = await users
    .find({ $and: [...words.map((word) => ({ searchKeys: startsWith(word) })), filter] })
    .hint({ searchKeys: 1 })
    .limit(MAX_FOUND)
    .select({ _id: 1 })
    .lean();
  return rows.map(({ _id }) => _id);
};

const afterPlace = ([nameKey, id]: NamePlace): object => ({
  $or: [{ nameKey: { $gt: nameKey } }, { nameKey, _id: { $gt: id } }],
});
