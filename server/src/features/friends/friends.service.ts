import {
  AppError,
  type FriendState,
  type friendsListInputSchema,
  type Person,
  type Suggestion,
} from '@parley/shared';
import type { z } from 'zod';
import { cutPage } from '../../platform/cursor.js';
import { afterCursor } from '../../platform/time-place.js';
import type { Publish } from '../events/index.js';
import type { UsersService } from '../users/index.js';
import { accept, block, remove, request, unblock, withdraw } from './change-friendship.js';
import { type FriendshipRow, peerIn } from './friendship.model.js';
import { type SuggestionParts, suggest } from './suggest.js';
import { tellFarewell, telling } from './tell-friendship.js';

export interface FriendsParts extends SuggestionParts {
  readonly users: UsersService;
  readonly publish: Publish;
  /** Told of two people who stand to each other in another way now. */
  onChanged(userIds: readonly [string, string]): Promise<void>;
}

type ListInput = z.output<typeof friendsListInputSchema>;

export interface FriendsService {
  list(
    userId: string,
    input: ListInput,
  ): Promise<{ items: { person: Person; since: Date }[]; nextCursor: string | null }>;
  /** These change how two people stand to each other; see change-friendship.ts. NOT_FOUND for nobody, INVALID_INPUT for oneself. */
  request: Change;
  accept: Change;
  decline: Change;
  cancel: Change;
  remove: Change;
  block: Change;
  unblock: Change;
  /** Whoever they were friends with is not any more, and whom they blocked is free. */
  forget(userId: string): Promise<void>;
  suggestions(userId: string, limit: number): Promise<Suggestion[]>;
}

type Change = (userId: string, peerId: string) => Promise<FriendState>;

export const createFriendsService = (parts: FriendsParts): FriendsService => {
  const { friendships, users } = parts;
  const withSomebody =
    (change: Change): Change =>
    async (userId, peerId) => {
      if (peerId === userId) {
        throw new AppError('INVALID_INPUT', { details: { fields: { userId: ['must be somebody else'] } } });
      }
      if ((await users.find(peerId)) === null) throw new AppError('NOT_FOUND');
      return await telling(parts, [userId, peerId], async () => {
        const state = await change(userId, peerId);
        await parts.onChanged([userId, peerId]);
        return state;
      });
    };
  return {
    list: (userId, input) => list(parts, userId, input),
    request: withSomebody((userId, peerId) => request(friendships, userId, peerId)),
    accept: withSomebody((userId, peerId) => accept(friendships, userId, peerId)),
    decline: withSomebody((userId, peerId) => withdraw(friendships, { by: peerId, from: userId })),
    cancel: withSomebody((userId, peerId) => withdraw(friendships, { by: userId, from: peerId })),
    remove: withSomebody((userId, peerId) => remove(friendships, userId, peerId)),
    block: withSomebody((userId, peerId) => block(friendships, userId, peerId)),
    unblock: withSomebody((userId, peerId) => unblock(friendships, userId, peerId)),
    forget: (userId) => tellFarewell(parts, userId, () => friendships.deleteMany({ users: userId })),
    suggestions: (userId, limit) => suggest(parts, userId, limit),
  };
};

const LIST = 'friends';

const list = async (
  { friendships, users }: FriendsParts,
  userId: string,
  { state, cursor, limit }: ListInput,
): Promise<{ items: { person: Person; since: Date }[]; nextCursor: string | null }> => {
  const found: FriendshipRow[] = await friendships
    .find({
      $and: [
        filterOf(state, userId),
        afterCursor(cursor, { list: LIST, field: 'since', order: 'newest first' }),
      ],
    })
    .sort({ since: -1, _id: -1 })
    .limit(limit + 1)
    .lean();
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last.since.getTime(), last._id]);
  const people = await users.people(rows.map((row) => peerIn(row, userId)));
  const items = rows.flatMap((row) => {
    const person = people.get(peerIn(row, userId));
    return person === undefined ? [] : [{ person, since: row.since }];
  });
  return { items, nextCursor };
};

const filterOf = (state: ListInput['state'], userId: string): object => {
  if (state === 'blocked') return { blockedBy: userId };
  if (state === 'friends') return { users: userId, state: 'accepted' };
  const asked = { users: userId, state: 'requested' };
  return { ...asked, requestedBy: state === 'sent' ? userId : { $ne: userId } };
};
