// Owns what follows from the names of an account, and what may not be a name.
import { AppError, foldName } from '@parley/shared';
import { nameKeyOf, searchKeysOf } from './profile.js';
import type { UserModel, UserRow } from './user.model.js';
import { isReserved, usernameKey } from './username.js';

/** By which somebody is known; null where they have none. */
export interface Names {
  readonly username: string | null;
  readonly email: string | null;
  readonly firstName: string;
  readonly lastName: string;
}

type NameFields = Pick<
  UserRow,
  'username' | 'usernameKey' | 'email' | 'emailKey' | 'firstName' | 'lastName' | 'nameKey' | 'searchKeys'
>;

/** The fields of a row with these names. Throws INVALID_INPUT for a reserved username, and where neither name nor address is left. */
export const nameFields = ({ username, email, firstName, lastName }: Names): NameFields => {
  if (username !== null && isReserved(username)) throw wrongUsername('is reserved');
  if (username === null && email === null) throw wrongUsername('give a username or an e-mail address');
  const names = { firstName, lastName, ...(username !== null && { username }) };
  return {
    ...names,
    ...(username !== null && { usernameKey: usernameKey(username) }),
    ...(email !== null && { email, emailKey: foldName(email) }),
    nameKey: nameKeyOf(names),
    searchKeys: searchKeysOf(names),
  };
};

const wrongUsername = (message: string): AppError =>
  new AppError('INVALID_INPUT', { details: { fields: { username: [message] } } });

export const interestFields = (interests: readonly string[]): Pick<UserRow, 'interests' | 'interestKeys'> => {
  const byKey = new Map(interests.map((interest) => [foldName(interest), interest]));
  return { interests: [...byKey.values()], interestKeys: [...byKey.keys()] };
};

/** The index says that something clashed; this says what, all of it, for the form. */
export const takenError = async (
  users: UserModel,
  { usernameKey: nameKey, emailKey }: Pick<UserRow, 'usernameKey' | 'emailKey'>,
  { by, cause }: { readonly by: string; readonly cause: unknown },
): Promise<AppError> => {
  const taken = ['is taken'];
  const others = { _id: { $ne: by } };
  const byName = nameKey !== undefined && (await users.exists({ usernameKey: nameKey, ...others })) !== null;
  const byEmail = emailKey !== undefined && (await users.exists({ emailKey, ...others })) !== null;
  const fields = { ...(byName ? { username: taken } : {}), ...(byEmail ? { email: taken } : {}) };
  return new AppError('CONFLICT', { details: { fields }, cause });
};
