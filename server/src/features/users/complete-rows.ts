import { isDuplicateKey } from '../../platform/rows.js';
import { clearMarks } from './keep-admin.js';
import { nameKeyOf, searchKeysOf } from './profile.js';
import type { UserModel, UserRow } from './user.model.js';
import { usernameKey } from './username.js';

/** Gives accounts made before there were profiles what every row has, and takes from all what a crash has left half done. */
export const completeUserRows = async (users: UserModel): Promise<void> => {
  await clearMarks(users);
  for (let rows = await someOld(users); rows.length > 0; rows = await someOld(users))
    for (const row of rows) await complete(users, row);
};

const ROWS_AT_ONCE = 500;

const someOld = (users: UserModel): PromiseLike<UserRow[]> =>
  users
    .find({ isListed: null })
    .select({ username: 1, firstName: 1, lastName: 1 })
    .limit(ROWS_AT_ONCE)
    .lean<UserRow[]>();

const complete = async (users: UserModel, row: UserRow): Promise<void> => {
  const fields = {
    nameKey: nameKeyOf(row),
    searchKeys: searchKeysOf(row),
    bio: '',
    interests: [],
    interestKeys: [],
    lastSeen: 'friends',
    isListed: true,
    suspendedAt: null,
    deletedAt: null,
  } as const;
  const name = row.username === undefined ? {} : { usernameKey: usernameKey(row.username) };
  try {
    await users.updateOne({ _id: row._id }, { $set: { ...fields, ...name } });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    // Two old names look alike: both stay as they are.
    await users.updateOne({ _id: row._id }, { $set: fields });
  }
};
