// Who lives in a world, whom they know and where they meet, as rows of Parley's collections. Each person has as many friends, interests
// and conversations in a world of any size. Made of numbers that follow from a seed, so that a world is the same each time.
import { pairOf } from '../../../server/dist/features/friends/friendship.model.js';
import { interestFields, nameFields } from '../../../server/dist/features/users/account-fields.js';
import { newId } from '../../../shared/dist/index.js';

/** Everybody asks so many for friendship: `nearby` among those who came at about the same time, the others anywhere. */
const asks = { nearby: 7, anywhere: 3 };
/** Who counts as nearby: so many places away at most. */
const reach = 30;
/** Of so many interests people have a few; the first ones are loved by many. */
const words = 300;
const mostInterests = 7;
/** Besides, every second person has this one. */
const common = 'Music';
/** People in a group of those nearby, in one of those from anywhere, and in a room. */
const meetings = [12, 40, 500];
/** Friends of the most popular one, but no more than the younger half of all. */
const veryManyFriends = 5_000;

const firstMs = Date.UTC(2025, 0, 1);
const minuteMs = 60_000;

/** The least number of people that find enough others anywhere. */
export const fewestPeople = 100;

/** Numbers from 0 up to 1: xorshift, 32 bits. */
const numbersFrom = (seed) => {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

/** The ids of so many people, the oldest first; then those of two more, see `callersIn`. */
export const idsOf = (people) =>
  Array.from({ length: people + 2 }, (_, index) => newId(firstMs + index * minuteMs));

const userRow = (ids, index, interests) => ({
  _id: ids[index],
  ...nameFields({
    username: `person-${index}`,
    email: null,
    firstName: 'Person',
    lastName: `Number${index}`,
  }),
  ...interestFields(interests),
  bio: '',
  lastSeen: 'friends',
  isListed: true,
  role: 'user',
  passwordHash: 'none',
  createdAt: new Date(firstMs + index * minuteMs),
  suspendedAt: null,
  deletedAt: null,
});

/** A row for everybody, one at a time; the last two have no interest but that of half the world. */
export function* userRows(ids) {
  const next = numbersFrom(1);
  const people = ids.length - 2;
  for (let index = 0; index < people; index += 1) {
    const count = 1 + Math.floor(next() * mostInterests);
    const interests = Array.from({ length: count }, () => `Interest ${Math.floor(words * next() ** 2)}`);
    yield userRow(ids, index, index % 2 === 0 ? [...interests, common] : interests);
  }
  yield userRow(ids, people, []);
  yield userRow(ids, people + 1, [common]);
}

const friendship = (one, other, at) => ({
  _id: pairOf(one, other),
  users: [one, other].sort(),
  state: 'accepted',
  requestedBy: one,
  blockedBy: [],
  since: new Date(firstMs + at * minuteMs),
});

/** The friends of the last but one: those who came last. */
export const friendsOfPopular = (ids) => {
  const people = ids.length - 2;
  return ids.slice(people - Math.min(veryManyFriends, Math.floor(people / 2)), people);
};

/** Ten friendships for each person, and those of the popular one. */
export function* friendshipRows(ids) {
  const next = numbersFrom(2);
  const people = ids.length - 2;
  const far = new Set();
  let at = 0;
  for (let index = 0; index < people; index += 1) {
    const steps = new Set();
    while (steps.size < asks.nearby) steps.add(1 + Math.floor(next() * reach));
    for (const step of steps) yield friendship(ids[index], ids[(index + step) % people], at++);
    for (let made = 0; made < asks.anywhere; ) {
      const other = Math.floor(next() * people);
      const apart = Math.abs(index - other);
      const pair = Math.min(index, other) * people + Math.max(index, other);
      if (Math.min(apart, people - apart) <= reach || far.has(pair)) continue;
      far.add(pair);
      made += 1;
      yield friendship(ids[index], ids[other], at++);
    }
  }
  for (const id of friendsOfPopular(ids)) yield friendship(ids[people], id, at++);
}

/** Everybody is in a group of people nearby, in one of people from anywhere, and in a room; but for the last two. */
export function* membershipRows(ids) {
  const next = numbersFrom(3);
  const people = ids.length - 2;
  for (let index = 0; index < people; index += 1) {
    for (const [kind, size] of meetings.entries()) {
      const places = Math.ceil(people / size);
      const place = kind === 0 ? Math.floor(index / size) : Math.floor(next() * places);
      yield {
        _id: `${kind}-${index}`,
        conversation: `${kind}-${place}`,
        user: ids[index],
        role: 'member',
        state: 'member',
        joinedAt: new Date(firstMs + (index * meetings.length + kind) * minuteMs),
        lastReadSeq: 0,
        muted: false,
      };
    }
  }
}
