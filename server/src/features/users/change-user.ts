import { AppError, foldName, type replaceUserInputSchema, type updateUserInputSchema } from '@parley/shared';
import type { z } from 'zod';
import { isDuplicateKey } from '../../platform/rows.js';
import type { Caller } from '../../trpc/index.js';
import { interestFields, nameFields, takenError } from './account-fields.js';
import type { OldAddresses } from './old-addresses.js';
import type { UserModel, UserRow } from './user.model.js';

export type UserChange = z.output<typeof updateUserInputSchema> | z.output<typeof replaceUserInputSchema>;

/** Times somebody else may change the same account between our reading and our writing. */
const MAX_TRIES = 50;

/** Another password, in place of the one that was checked; both as stored. */
export interface NewPassword {
  readonly from: string;
  readonly to: string;
}

type WholeChange = UserChange & { readonly password?: NewPassword | undefined };

/** Who changes an account, and from where. */
export interface Changer {
  readonly userId: string;
  readonly caller: Caller;
}

/**
 * Changes what is given, all of it or nothing, and tells an e-mail address that is given up. Rejects with CONFLICT or INVALID_INPUT
 * naming the fields at fault, NOT_FOUND where nobody has the id, TOO_MANY_REQUESTS where one address after the other is given up, and
 * FORBIDDEN on `currentPassword` where that has become another one since it was checked.
 */
export const changeUser = async (
  { users, oldAddresses }: { readonly users: UserModel; readonly oldAddresses: OldAddresses },
  { userId, caller }: Changer,
  change: WholeChange,
): Promise<UserRow> => {
  let isCounted = false;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const row = await users.findOne({ _id: userId, deletedAt: null }).lean();
    if (row === null) throw new AppError('NOT_FOUND');
    if (change.password !== undefined && change.password.from !== row.passwordHash) throw wrongPassword();
    const givesUp = givesUpAddress(row, change);
    if (givesUp && !isCounted) oldAddresses.count(userId);
    isCounted ||= givesUp;
    const changed = await tryChange(users, row, change);
    if (changed === null) continue;
    if (givesUp) oldAddresses.tell(row, { hasEmail: changed.email !== undefined, caller });
    return changed;
  }
  throw new AppError('CONFLICT');
};

const wrongPassword = (): AppError =>
  new AppError('FORBIDDEN', { details: { fields: { currentPassword: ['is not your password any more'] } } });

/** Letters to an address that is the same but for letter case arrive as before. */
const givesUpAddress = (row: UserRow, { email }: UserChange): row is UserRow & { readonly email: string } =>
  row.email !== undefined && email !== undefined && (email === null || foldName(email) !== row.emailKey);

/** Null when the row was changed by somebody else meanwhile. */
const tryChange = async (users: UserModel, row: UserRow, change: WholeChange): Promise<UserRow | null> => {
  const {
    username = row.username ?? null,
    email = row.email ?? null,
    firstName = row.firstName,
    lastName = row.lastName,
    interests,
    password,
    ...plain
  } = change;
  const names = nameFields({ username, email, firstName, lastName });
  const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
  const set = {
    ...{ ...names, ...given },
    ...(interests && interestFields(interests)),
    ...(password && { passwordHash: password.to }),
  };
  const unset = {
    ...(username === null && { username: 1, usernameKey: 1 }),
    ...(email === null && { email: 1, emailKey: 1 }),
  };
  try {
    return await users
      .findOneAndUpdate(
        // The names that ours were made with: two changes at once both hold, whichever field each is of.
        { ...namesIn(row), ...(password && { passwordHash: password.from }), _id: row._id, deletedAt: null },
        { $set: set, ...(Object.keys(unset).length > 0 && { $unset: unset }) },
        { returnDocument: 'after' },
      )
      .lean();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw await takenError(users, names, { by: row._id, cause: error });
  }
};

const namesIn = ({ username, email, firstName, lastName }: UserRow): object => ({
  username: username ?? { $exists: false },
  email: email ?? { $exists: false },
  firstName,
  lastName,
});
