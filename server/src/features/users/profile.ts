// Owns what others see of an account, and what its owner does. Picks fields, so that a new secret one stays here.
import { type Account, foldName, type Me, type Person, type Profile } from '@parley/shared';
import type { UserRow } from './user.model.js';

type Names = Pick<UserRow, 'firstName' | 'lastName' | 'username'>;

/** What to call somebody: their name, else their username; never the e-mail address, which is theirs to share. */
export const displayName = ({ firstName, lastName, username }: Names): string =>
  `${firstName} ${lastName}`.trim() || username || 'Somebody';

/** Letters of a name that decide where it stands: cursors hold them. */
const NAME_KEY_CHARACTERS = 64;

/** Where a person stands in a list by name. */
export const nameKeyOf = (names: Names): string =>
  [...foldName(displayName(names))].slice(0, NAME_KEY_CHARACTERS).join('');

/** The words by whose beginnings a person is found. */
export const searchKeysOf = ({ firstName, lastName, username = '' }: Names): string[] => [
  ...new Set(wordsOf(`${firstName} ${lastName} ${username}`)),
];

/** What is looked for, as such words. */
export const wordsOf = (text: string): string[] =>
  foldName(text)
    .split(' ')
    .filter((word) => word !== '');

export const toPerson = (user: UserRow): Person => ({
  id: user._id,
  username: user.username ?? null,
  name: displayName(user),
});

export const toProfile = (user: UserRow): Profile => ({
  ...toPerson(user),
  firstName: user.firstName,
  lastName: user.lastName,
  bio: user.bio,
  interests: [...user.interests],
  createdAt: user.createdAt,
});

/** As an admin sees it. */
export const toAccount = (user: UserRow): Account => ({
  ...toProfile(user),
  email: user.email ?? null,
  role: user.role,
  suspendedAt: user.suspendedAt,
});

export const toMe = (user: UserRow): Me => ({
  id: user._id,
  username: user.username ?? null,
  email: user.email ?? null,
  firstName: user.firstName,
  lastName: user.lastName,
  role: user.role,
  bio: user.bio,
  interests: [...user.interests],
  lastSeen: user.lastSeen,
  isListed: user.isListed,
  createdAt: user.createdAt,
});
