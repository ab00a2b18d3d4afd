// Owns making accounts.
import { AppError, newId } from '@parley/shared';
import { isDuplicateKey } from '../../platform/rows.js';
import { nameFields, takenError } from './account-fields.js';
import type { UserModel, UserRow } from './user.model.js';
import { usernamesOf } from './username.js';

export interface NewUser {
  readonly username: string | undefined;
  readonly email: string | undefined;
  readonly firstName: string;
  readonly lastName: string;
  readonly passwordHash: string;
}

/** See `UsersService.create`. */
export const createUser = async (users: UserModel, user: NewUser): Promise<UserRow> => {
  const { username = null, email = null, firstName, lastName, passwordHash } = user;
  const row: UserRow = {
    _id: newId(),
    ...nameFields({ username, email, firstName, lastName }),
    bio: '',
    interests: [],
    interestKeys: [],
    lastSeen: 'friends',
    isListed: true,
    role: 'user',
    passwordHash,
    createdAt: new Date(),
    suspendedAt: null,
    deletedAt: null,
  };
  try {
    await users.insertOne(row);
    return row;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw await takenError(users, row, { by: row._id, cause: error });
  }
};

/** With the first username made of the address that nobody has. CONFLICT on `email` alone: of the name nobody has said anything. */
export const createNamed = async (
  users: UserModel,
  user: NewUser & { readonly email: string },
): Promise<UserRow> => {
  for (const username of usernamesOf(user.email)) {
    try {
      return await createUser(users, { ...user, username });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { email } = error.details.fields ?? {};
      if (email !== undefined)
        throw new AppError('CONFLICT', { details: { fields: { email } }, cause: error });
    }
  }
  throw new AppError('CONFLICT');
};
