// Owns how two people become friends, stop being so, and get rid of each other. Every step is one conditional write of their one
// row: whatever both do at once, they end up in one state.
import { AppError, type FriendState } from '@parley/shared';
import { isDuplicateKey } from '../../platform/rows.js';
import { type FriendshipModel, type FriendshipRow, pairOf } from './friendship.model.js';

/** How the row looks from one end. */
export const stateFor = (row: FriendshipRow | null, userId: string): FriendState => {
  if (row === null) return 'none';
  if (row.state === 'accepted') return 'friends';
  if (row.state === 'blocked') return row.blockedBy.includes(userId) ? 'blocked' : 'none';
  return row.requestedBy === userId ? 'sent' : 'received';
};

/** Times the other may act between our reading and our writing. */
const MAX_TRIES = 20;

/** Asks, or says yes where the other has asked. NOT_FOUND where the other has blocked one; CONFLICT where one has blocked them. */
export const request = async (
  friendships: FriendshipModel,
  userId: string,
  peerId: string,
): Promise<FriendState> => {
  const _id = pairOf(userId, peerId);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const row = await friendships.findById(_id).lean();
    if (row === null) {
      if (await insert(friendships, userId, peerId)) return 'sent';
      continue;
    }
    if (row.state === 'blocked')
      throw new AppError(row.blockedBy.includes(userId) ? 'CONFLICT' : 'NOT_FOUND');
    const state = stateFor(row, userId);
    if (state !== 'received') return state;
    if (await acceptFrom(friendships, userId, peerId)) return 'friends';
  }
  throw new AppError('CONFLICT');
};

const insert = async (friendships: FriendshipModel, userId: string, peerId: string): Promise<boolean> => {
  try {
    await friendships.insertOne({
      _id: pairOf(userId, peerId),
      users: [userId, peerId],
      state: 'requested',
      requestedBy: userId,
      blockedBy: [],
      since: new Date(),
    });
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
};

const acceptFrom = async (friendships: FriendshipModel, userId: string, peerId: string): Promise<boolean> => {
  const { matchedCount } = await friendships.updateOne(
    { _id: pairOf(userId, peerId), state: 'requested', requestedBy: peerId },
    { $set: { state: 'accepted', since: new Date() } },
  );
  return matchedCount > 0;
};

/** Says yes. NOT_FOUND where nobody has asked; saying it twice is harmless. */
export const accept = async (
  friendships: FriendshipModel,
  userId: string,
  peerId: string,
): Promise<FriendState> => {
  if (await acceptFrom(friendships, userId, peerId)) return 'friends';
  const state = stateFor(await friendships.findById(pairOf(userId, peerId)).lean(), userId);
  if (state !== 'friends') throw new AppError('NOT_FOUND');
  return state;
};

/** Takes a request away: `by` the one who asked, or the one who was asked. NOT_FOUND where there is none. */
export const withdraw = async (
  friendships: FriendshipModel,
  { by, from }: { readonly by: string; readonly from: string },
): Promise<FriendState> => end(friendships, { _id: pairOf(by, from), state: 'requested', requestedBy: by });

/** Ends a friendship. NOT_FOUND where there is none. */
export const remove = async (
  friendships: FriendshipModel,
  userId: string,
  peerId: string,
): Promise<FriendState> => end(friendships, { _id: pairOf(userId, peerId), state: 'accepted' });

const end = async (
  friendships: FriendshipModel,
  row: Pick<FriendshipRow, '_id' | 'state'> & { readonly requestedBy?: string },
): Promise<FriendState> => {
  const { deletedCount } = await friendships.deleteOne(row);
  if (deletedCount === 0) throw new AppError('NOT_FOUND');
  return 'none';
};

/** Whatever they were to each other, from now on they do not meet. */
export const block = async (
  friendships: FriendshipModel,
  userId: string,
  peerId: string,
): Promise<FriendState> => {
  for (let tries = 0; ; tries += 1) {
    try {
      await friendships.updateOne(
        { _id: pairOf(userId, peerId), blockedBy: { $ne: userId } },
        {
          $set: { state: 'blocked', requestedBy: null, since: new Date() },
          $addToSet: { blockedBy: userId },
          $setOnInsert: { users: [userId, peerId] },
        },
        { upsert: true },
      );
      return 'blocked';
    } catch (error) {
      // Either it is blocked by this one already, or the row came to be just now.
      if (!isDuplicateKey(error)) throw error;
      const row = await friendships.findById(pairOf(userId, peerId)).lean();
      if (row?.blockedBy.includes(userId)) return 'blocked';
      if (tries === MAX_TRIES) throw error;
    }
  }
};

/** Takes one's own block back; that of the other stays. They are nothing to each other then. NOT_FOUND where one has not blocked. */
export const unblock = async (
  friendships: FriendshipModel,
  userId: string,
  peerId: string,
): Promise<FriendState> => {
  const _id = pairOf(userId, peerId);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const last = await friendships.deleteOne({ _id, state: 'blocked', blockedBy: [userId] });
    if (last.deletedCount > 0) return 'none';
    const oneOfTwo = await friendships.updateOne(
      { _id, $and: [{ blockedBy: userId }, { blockedBy: { $size: 2 } }] },
      { $pull: { blockedBy: userId } },
    );
    if (oneOfTwo.modifiedCount > 0) return 'none';
    if ((await friendships.exists({ _id, blockedBy: userId })) === null) throw new AppError('NOT_FOUND');
  }
  throw new AppError('CONFLICT');
};
