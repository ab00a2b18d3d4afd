// Owns whom to suggest as a friend, and why. A handful of indexed queries, each bounded, however many people there are: rows come in
// the order of an index that a query names, because a sort by the rest of an index of lists reads all rows before the first.
import { foldName, type Suggestion, type SuggestionReason } from '@parley/shared';
import type { UserModel, UserRow, UsersService } from '../users/index.js';
import { type FriendshipModel, type FriendshipRow, pairOf, peerIn } from './friendship.model.js';
import type { SharedPlaces } from './shared-places.js';

export interface SuggestionParts {
  readonly friendships: FriendshipModel;
  readonly accounts: UserModel;
  readonly users: UsersService;
  readonly sharedConversations: SharedPlaces;
  readonly sharedProjects: SharedPlaces;
}

/** What a reason counts, each. */
const WEIGHT = { interest: 2, mutualFriend: 3, conversation: 1, project: 1 } as const;
/** A reason counts so many times at most: a hundred rooms in common say no more than five. */
const MAX_COUNTED = 5;
/** Interests that are looked up, and people looked at for each; friends whose friends are looked at, and how many of those. */
const MAX_INTERESTS = 8;
const MAX_PER_INTEREST = 100;
const MAX_FRIENDS = 200;
const MAX_FRIENDS_OF_FRIENDS = 2_000;
/** Of so many who score best it is looked up whether they may be suggested; where they are too few, of twice as many, and so on. */
const SIFT_FIRST = 100;
/** Ids that a reason names. */
const MAX_NAMED = 3;

interface Candidate {
  readonly interests: Set<string>;
  readonly friends: Set<string>;
  readonly conversations: Set<string>;
  readonly projects: Set<string>;
}

/**
 * The score is 2 for each shared interest, 3 for each mutual friend and 1 for each shared conversation or project, five of each at most; of
 * equal scores the older account comes first. Without oneself, friends, those one has asked or been asked by, those whom a block
 * hides, and those who do not want to be listed.
 */
export const suggest = async (
  parts: SuggestionParts,
  userId: string,
  limit: number,
): Promise<Suggestion[]> => {
  const me = await parts.users.find(userId);
  if (me === null) return [];
  const found = await bestOf(parts, { userId, ranked: await rank(parts, me), limit });
  const people = await parts.users.people(found.map(({ id }) => id));
  return found.flatMap(({ id, score, candidate }) => {
    const person = people.get(id);
    return person === undefined ? [] : [{ person, score, reasons: reasonsOf(candidate) }];
  });
};

interface Ranked {
  readonly id: string;
  readonly score: number;
  readonly candidate: Candidate;
}

const rank = async (parts: SuggestionParts, me: UserRow): Promise<Ranked[]> => {
  const candidates = new Map<string, Candidate>();
  const candidate = (id: string): Candidate => {
    const known = candidates.get(id) ?? {
      interests: new Set(),
      friends: new Set(),
      conversations: new Set(),
      projects: new Set(),
    };
    candidates.set(id, known);
    return known;
  };
  const [byInterest, byFriend, byConversation, byProject] = await Promise.all([
    peopleWithInterests(parts, me),
    friendsOfFriends(parts, me._id),
    parts.sharedConversations(me._id),
    parts.sharedProjects(me._id),
  ]);
  for (const [id, interest] of byInterest) candidate(id).interests.add(interest);
  for (const [id, friend] of byFriend) candidate(id).friends.add(friend);
  for (const [id, shared] of byConversation) for (const each of shared) candidate(id).conversations.add(each);
  for (const [id, shared] of byProject) for (const each of shared) candidate(id).projects.add(each);
  candidates.delete(me._id);
  return [...candidates]
    .map(([id, each]) => ({ id, candidate: each, score: scoreOf(each) }))
    .sort((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1));
};

const scoreOf = ({ interests, friends, conversations, projects }: Candidate): number =>
  WEIGHT.interest * Math.min(interests.size, MAX_COUNTED) +
  WEIGHT.mutualFriend * Math.min(friends.size, MAX_COUNTED) +
  WEIGHT.conversation * Math.min(conversations.size, MAX_COUNTED) +
  WEIGHT.project * Math.min(projects.size, MAX_COUNTED);

type Pairs = readonly (readonly [string, string])[];

/** Ids with the interest that one shares, as oneself writes it. */
const peopleWithInterests = async ({ accounts }: SuggestionParts, me: UserRow): Promise<Pairs> => {
  const found = await Promise.all(
    me.interests.slice(0, MAX_INTERESTS).map(async (interest) => {
      const rows = await accounts
        .find({ interestKeys: foldName(interest) })
        .hint({ interestKeys: 1, _id: 1 })
        .limit(MAX_PER_INTEREST)
        .select({ _id: 1 })
        .lean<Pick<UserRow, '_id'>[]>();
      return rows.map(({ _id }) => [_id, interest] as const);
    }),
  );
  return found.flat();
};

/** The people of a row, and how they stand; of one person's rows the newest first. */
const byPerson = { users: 1, state: 1, since: -1, _id: -1 } as const;

/** Ids, but of friends, with the friend of oneself who is theirs too. */
const friendsOfFriends = async ({ friendships }: SuggestionParts, userId: string): Promise<Pairs> => {
  const mine = await friendships
    .find({ users: userId, state: 'accepted' })
    .hint(byPerson)
    .limit(MAX_FRIENDS)
    .batchSize(MAX_FRIENDS)
    .lean();
  const friends = mine.map((row) => peerIn(row, userId));
  if (friends.length === 0) return [];
  const theirs = await friendships
    .find({ users: { $in: friends }, state: 'accepted' })
    .hint(byPerson)
    .limit(MAX_FRIENDS_OF_FRIENDS)
    .batchSize(MAX_FRIENDS_OF_FRIENDS)
    .lean();
  const isFriend = new Set(friends);
  return theirs.flatMap(({ users }) =>
    users
      .filter((id) => isFriend.has(id))
      .flatMap((friend) => users.filter((id) => !isFriend.has(id)).map((id) => [id, friend] as const)),
  );
};

interface Sifting {
  readonly userId: string;
  readonly ranked: readonly Ranked[];
  readonly limit: number;
}

/** The first who may be suggested. */
const bestOf = async (parts: SuggestionParts, { userId, ranked, limit }: Sifting): Promise<Ranked[]> => {
  const found: Ranked[] = [];
  for (let from = 0, until = SIFT_FIRST; from < ranked.length && found.length < limit; until *= 2) {
    const some = ranked.slice(from, until);
    const fit = await sift(
      parts,
      userId,
      some.map(({ id }) => id),
    );
    found.push(...some.filter(({ id }) => fit.has(id)));
    from = until;
  }
  return found.slice(0, limit);
};

/** Those of the candidates who may be suggested. */
const sift = async (
  { friendships, accounts }: SuggestionParts,
  userId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> => {
  const [known, listed] = await Promise.all([
    friendships
      .find({ _id: { $in: ids.map((id) => pairOf(userId, id)) } })
      .select({ users: 1 })
      .lean<FriendshipRow[]>(),
    accounts
      .find({ _id: { $in: ids }, isListed: true })
      .select({ _id: 1 })
      .lean<Pick<UserRow, '_id'>[]>(),
  ]);
  const taken = new Set(known.map((row) => peerIn(row, userId)));
  return new Set(listed.map(({ _id }) => _id).filter((id) => !taken.has(id)));
};

const reasonsOf = ({ interests, friends, conversations, projects }: Candidate): SuggestionReason[] => {
  const some = (ids: ReadonlySet<string>): string[] => [...ids].sort().slice(0, MAX_NAMED);
  const reasons: SuggestionReason[] = [];
  if (friends.size > 0) reasons.push({ type: 'mutualFriends', count: friends.size, userIds: some(friends) });
  if (interests.size > 0) reasons.push({ type: 'interests', interests: [...interests].sort() });
  if (conversations.size > 0) {
    reasons.push({ type: 'conversations', count: conversations.size, conversationIds: some(conversations) });
  }
  if (projects.size > 0) {
    reasons.push({ type: 'projects', count: projects.size, projectIds: some(projects) });
  }
  return reasons;
};
