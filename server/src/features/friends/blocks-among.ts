// Owns looking up which of many pairs of people stand in a block, whichever of the two it is by.
import { type FriendshipModel, type FriendshipRow, pairOf } from './friendship.model.js';

/** Looks pairs up and answers with what then says of each whether a block stands between the two. */
export type BlocksAmong = (
  pairs: Iterable<readonly [one: string, other: string]>,
) => Promise<(one: string, other: string) => boolean>;

/** Pairs in one query. The embedded store looks up so many keys one by one, and reads a whole collection for more than twice that. */
const MAX_ASKED = 1_000;

/** One query by the keys of the rows for up to a thousand pairs, none for no pairs. */
export const createBlocksAmong =
  (friendships: FriendshipModel): BlocksAmong =>
  async (pairs) => {
    const wanted = [...new Set(Array.from(pairs, ([one, other]) => pairOf(one, other)))];
    const blocked = new Set<string>();
    for (let from = 0; from < wanted.length; from += MAX_ASKED) {
      const rows = await friendships
        .find({ _id: { $in: wanted.slice(from, from + MAX_ASKED) }, state: 'blocked' })
        .select({ _id: 1 })
        .lean<Pick<FriendshipRow, '_id'>[]>();
      for (const { _id } of rows) blocked.add(_id);
    }
    return (one, other) => blocked.has(pairOf(one, other));
  };
