import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

export type StoredState = 'requested' | 'accepted' | 'blocked';

/** How two people stand to each other; one row a pair, so that both ends always see the same. */
export interface FriendshipRow {
  /** See `pairOf`. */
  readonly _id: string;
  readonly users: readonly string[];
  readonly state: StoredState;
  /** Who asked. */
  readonly requestedBy: string | null;
  /** One of the two, or both. */
  readonly blockedBy: readonly string[];
  /** When it came to be so. */
  readonly since: Date;
}

export type FriendshipModel = Model<FriendshipRow>;

const schema = new Schema<FriendshipRow>(
  {
    _id: { type: String, required: true },
    users: { type: [String], required: true },
    state: { type: String, required: true, enum: ['requested', 'accepted', 'blocked'] },
    requestedBy: { type: String, default: null },
    blockedBy: { type: [String], required: true },
    since: { type: Date, required: true },
  },
  rowOptions,
);

schema.index({ users: 1, state: 1, since: -1, _id: -1 });
schema.index({ blockedBy: 1, since: -1, _id: -1 });

export const createFriendshipModel = (connection: Connection): FriendshipModel =>
  connection.model<FriendshipRow>('Friendship', schema, 'friendships');

/** The same for both, whoever asks. Ids hold no colon. */
export const pairOf = (one: string, other: string): string => [one, other].sort().join(':');

/** The other of the two. */
export const peerIn = ({ users }: Pick<FriendshipRow, 'users'>, userId: string): string =>
  users.find((id) => id !== userId) ?? userId;
