// Owns telling two people that they stand to each other in another way now: each as they see it.
import { type NewEvent, type Publish, userAudience } from '../events/index.js';
import { stateFor } from './change-friendship.js';
import { type FriendshipModel, type FriendshipRow, pairOf, peerIn } from './friendship.model.js';

interface TellParts {
  readonly friendships: FriendshipModel;
  readonly publish: Publish;
}

/** Does something between the first and the second, and tells whom it changed anything for. */
export const telling = async <T>(
  { friendships, publish }: TellParts,
  [userId, peerId]: readonly [string, string],
  change: () => Promise<T>,
): Promise<T> => {
  const read = () => friendships.findById(pairOf(userId, peerId)).lean<FriendshipRow>();
  const before = await read();
  const answer = await change();
  const after = await read();
  const events = [
    { who: userId, other: peerId },
    { who: peerId, other: userId },
  ].flatMap(({ who, other }): NewEvent[] => {
    const state = stateFor(after, who);
    if (state === stateFor(before, who)) return [];
    const event = { type: 'friend.changed', userId: other, state, by: userId } as const;
    return [{ event, audiences: [userAudience(who)] }];
  });
  await publish(events);
  return answer;
};

/** People in one event. */
const MAX_TOGETHER = 500;

/** Ends whatever somebody who goes for good is to others, and tells these. */
export const tellFarewell = async (
  { friendships, publish }: TellParts,
  userId: string,
  end: () => PromiseLike<unknown>,
): Promise<void> => {
  const rows = await friendships.find({ users: userId }).lean<FriendshipRow[]>();
  const others = rows.map((row) => peerIn(row, userId));
  await end();
  const event = { type: 'friend.changed', userId, state: 'none', by: null } as const;
  for (let from = 0; from < others.length; from += MAX_TOGETHER) {
    const audiences = others.slice(from, from + MAX_TOGETHER).map(userAudience);
    await publish([{ event, audiences }]);
  }
};
