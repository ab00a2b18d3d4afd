// Owns what others ask about how people stand to each other.
import type { HiddenFrom } from '../users/index.js';
import { type FriendshipModel, type FriendshipRow, pairOf, peerIn } from './friendship.model.js';

/** Whom a block hides from somebody, whichever of the two it is by. */
export const createHiddenFrom =
  (friendships: FriendshipModel): HiddenFrom =>
  async (viewerId, ids) => {
    if (ids.length === 0) return new Set();
    const pairs = ids.map((id) => pairOf(viewerId, id));
    const rows = await friendships
      .find({ _id: { $in: pairs }, state: 'blocked' })
      .select({ users: 1 })
      .lean<FriendshipRow[]>();
    return new Set(rows.map((row) => peerIn(row, viewerId)));
  };

/** Two people. */
export type Pair = readonly [one: string, other: string];

/** How two people stand to each other, where they do: as friends, or kept apart by a block. */
export type Standings = (
  pairs: readonly Pair[],
) => Promise<(one: string, other: string) => 'friends' | 'blocked' | 'none'>;

/** In one query for all that is asked. */
export const createStandings =
  (friendships: FriendshipModel): Standings =>
  async (pairs) => {
    const ids = [...new Set(pairs.map(([one, other]) => pairOf(one, other)))];
    const rows = await friendships
      .find({ _id: { $in: ids }, state: { $in: ['accepted', 'blocked'] } })
      .select({ state: 1 })
      .lean<FriendshipRow[]>();
    const states = new Map(rows.map((row) => [row._id, row.state]));
    return (one, other) => {
      const state = states.get(pairOf(one, other));
      if (state === undefined) return 'none';
      return state === 'blocked' ? 'blocked' : 'friends';
    };
  };

/** Everybody's friends are few enough to be read at once; beyond, the newest. */
const MAX_FRIENDS = 10_000;

export type FriendsOf = (userId: string) => Promise<string[]>;

export const createFriendsOf =
  (friendships: FriendshipModel): FriendsOf =>
  async (userId) => {
    const rows = await friendships
      .find({ users: userId, state: 'accepted' })
      .sort({ since: -1, _id: -1 })
      .limit(MAX_FRIENDS)
      .select({ users: 1 })
      .lean<FriendshipRow[]>();
    return rows.map((row) => peerIn(row, userId));
  };
