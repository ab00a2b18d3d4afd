import { foldName, limits } from '@parley/shared';
import { commonPasswords } from './common-passwords.js';
import { normalizePassword } from './passwords.js';

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
}

/** Everything wrong with a password, as messages for its field; empty when it will do. The one place with these rules. */
export const passwordFaults = (password: string, owner: PasswordOwner): string[] => {
  const normal = normalizePassword(password);
  const faults: string[] = [];
  const min = limits.passwordCharactersMin.value;
  const maxBytes = limits.passwordBytesMax.value;
  if ([...normal].length < min) faults.push(`must have at least ${min} characters`);
  if (Buffer.byteLength(normal) > maxBytes) faults.push(`must have at most ${maxBytes} bytes`);
  if (/^\p{N}*$/u.test(normal)) faults.push('must not be digits only');
  if (commonPasswords.has(foldName(normal)))
    faults.push('is one of the passwords that everybody tries first');
  if (isOfOwner(normal, owner)) faults.push('must not be your name or address');
  return faults;
};

const isOfOwner = (password: string, owner: PasswordOwner): boolean => {
  const { username, email, firstName, lastName } = owner;
  const known = [
    username,
    email,
    email?.split('@')[0],
    firstName,
    lastName,
    joined(owner, ' '),
    joined(owner, ''),
  ];
  const folded = foldName(password);
  return known.some((word) => word !== undefined && word !== '' && foldName(word) === folded);
};

const joined = ({ firstName, lastName }: PasswordOwner, between: string): string =>
  [firstName, lastName].filter((part) => part !== undefined && part !== '').join(between);
