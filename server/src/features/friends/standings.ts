// Owns what others ask about how people stand to each other.
import { findByKeys } from '../../platform/rows.js';
import type { HiddenFrom } from '../users/index.js';
import { type FriendshipModel, type FriendshipRow, pairOf, peerIn } from './friendship.model.js';

/** Two people. */
export type Pair = readonly [one: string, other: string];

/**
 * Looks pairs up and answers with what then says of each how the two stand to each other, where they do: as friends, or kept apart by
 * a block, whichever of them it is by.
 */
export type Standings = (
  pairs: readonly Pair[],
) => Promise<(one: string, other: string) => 'friends' | 'blocked' | 'none'>;

/** By the keys of the rows, together. */
export const createStandings =
  (friendships: FriendshipModel): Standings =>
  async (pairs) => {
    const wanted = [...new Set(pairs.map(([one, other]) => pairOf(one, other)))];
    const rows = await findByKeys(wanted, (ids) =>
      friendships
        .find({ _id: { $in: ids } })
        .select({ state: 1 })
        .lean<FriendshipRow[]>(),
    );
    const states = new Map(rows.map(({ _id, state }) => [_id, state]));
    return (one, other) => {
      const state = states.get(pairOf(one, other));
      if (state === 'accepted') return 'friends';
      return state === 'blocked' ? 'blocked' : 'none';
    };
  };

/** Whom a block hides from somebody. */
export const createHiddenFrom =
  (standings: Standings): HiddenFrom =>
  async (viewerId, ids) => {
    const standing = await standings(ids.map((id) => [viewerId, id]));
    return new Set(ids.filter((id) => standing(viewerId, id) === 'blocked'));
  };

/** Somebody's friends; of very many those whose ids come first. */
export type FriendsOf = (userId: string) => Promise<string[]>;

const MAX_FRIENDS = 10_000;

export const createFriendsOf =
  (friendships: FriendshipModel): FriendsOf =>
  async (userId) => {
    const rows = await friendships
      .find({ users: userId, state: 'accepted' })
      .limit(MAX_FRIENDS)
      .select({ users: 1 })
      .lean<FriendshipRow[]>();
    return rows.map((row) => peerIn(row, userId));
  };
