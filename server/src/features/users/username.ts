// Owns what "the same username" means, and which nobody may have.
import { randomInt } from 'node:crypto';
import { foldName, limits } from '@parley/shared';
import { rectifyConfusion } from 'unicode-confusables';

/**
 * A username as the unique index and sign-in know it: letter case and encoding aside, and with every letter of another script that
 * looks like a Latin one taken for that (Unicode Technical Standard 39), so that nobody can have a name that reads like another's.
 * Latin letters stay what they are: "barn" is not "bam".
 */
export const usernameKey = (username: string): string =>
  [...foldName(username)].map((letter) => (letter <= '\u007f' ? letter : rectifyConfusion(letter))).join('');

/** Whoever had one of these would seem to speak for the house, or be taken for a word of the interface. */
const reserved: ReadonlySet<string> = new Set(
  [
    'abuse admin administrator all anonymous api bot channel deleted deleted-user deleted_user everyone guest help here',
    'hostmaster info me mod moderator nobody no-reply noreply null official operator owner parley postmaster root security',
    'self staff support sysadmin system team undefined unknown user webmaster www',
  ]
    .join(' ')
    .split(' '),
);

export const isReserved = (username: string): boolean => reserved.has(usernameKey(username));

/** So many digits make a name unlike any other. */
const MAX_DIGITS = 10;

/** What somebody with that address may be called: what stands before the @, as far as a username may hold it. */
export const usernameOf = (email: string): string =>
  email
    .slice(0, email.lastIndexOf('@'))
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}\p{M}._+-]/gu, '')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .slice(0, limits.usernameCharacters.value - MAX_DIGITS)
    .replace(/[\ud800-\udbff]$/, '');

/** One after the other to be tried: that name, then the same with more and more digits that chance chooses. */
export function* usernamesOf(email: string): Generator<string> {
  const name = usernameOf(email);
  if (name.length > 1) yield name;
  for (let digits = 2; digits <= MAX_DIGITS; digits += 1)
    yield `${name === '' ? 'user' : name}${randomInt(10 ** (digits - 1), 10 ** digits)}`;
}
