import { AppError, foldName, type Me, newId, type Person } from '@parley/shared';
import { isDuplicateKey } from '../../platform/rows.js';
import { rowsTogether } from '../../platform/together.js';
import type { UserModel, UserRow } from './user.model.js';

export interface NewUser {
  readonly username: string | undefined;
  readonly email: string | undefined;
  readonly firstName: string;
  readonly lastName: string;
  readonly passwordHash: string;
}

export interface UsersService {
  /** Creates an account. Rejects with CONFLICT naming `username`, `email` or both when taken, in any letter case. */
  create(user: NewUser): Promise<UserRow>;
  find(id: string): Promise<UserRow | null>;
  /** By username or e-mail address. */
  findByLogin(login: string): Promise<UserRow | null>;
  /** Who these people are, in one query; ids nobody has come back as a deleted user. */
  people(ids: Iterable<string>): Promise<ReadonlyMap<string, Person>>;
}

export const createUsersService = (users: UserModel): UsersService => ({
  create: (user) => create(users, user),
  find: rowsTogether((ids) => users.find({ _id: { $in: ids } }).lean()),
  findByLogin: async (login) => {
    const key = foldName(login);
    return await users.findOne(key.includes('@') ? { emailKey: key } : { usernameKey: key }).lean();
  },
  people: (ids) => people(users, ids),
});

/** What to call somebody: their name, else their username; never the e-mail address, which is theirs to share. */
export const displayName = (user: Pick<UserRow, 'firstName' | 'lastName' | 'username'>): string =>
  `${user.firstName} ${user.lastName}`.trim() || user.username || 'Somebody';

const toPerson = (user: UserRow): Person => ({
  id: user._id,
  username: user.username ?? null,
  name: displayName(user),
});

/** Everything of an account that its owner may see; picks fields, so that a new secret one stays here. */
export const toMe = (user: UserRow): Me => ({
  id: user._id,
  username: user.username ?? null,
  email: user.email ?? null,
  firstName: user.firstName,
  lastName: user.lastName,
  role: user.role,
  createdAt: user.createdAt,
});

const create = async (users: UserModel, user: NewUser): Promise<UserRow> => {
  const row: UserRow = {
    _id: newId(),
    ...(user.username === undefined ? {} : { username: user.username, usernameKey: foldName(user.username) }),
    ...(user.email === undefined ? {} : { email: user.email, emailKey: foldName(user.email) }),
    firstName: user.firstName,
    lastName: user.lastName,
    role: 'user',
    passwordHash: user.passwordHash,
    createdAt: new Date(),
  };
  try {
    await users.insertOne(row);
    return row;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw new AppError('CONFLICT', { details: { fields: await takenFields(users, row) }, cause: error });
  }
};

/** The index says that something clashed; this says what, all of it, for the form. */
const takenFields = async (users: UserModel, row: UserRow): Promise<Record<string, string[]>> => {
  const taken = ['is taken'];
  const { usernameKey, emailKey } = row;
  const byName = usernameKey !== undefined && (await users.exists({ usernameKey })) !== null;
  const byEmail = emailKey !== undefined && (await users.exists({ emailKey })) !== null;
  return { ...(byName ? { username: taken } : {}), ...(byEmail ? { email: taken } : {}) };
};

const people = async (users: UserModel, ids: Iterable<string>): Promise<ReadonlyMap<string, Person>> => {
  const wanted = [...new Set(ids)];
  const found = new Map<string, Person>(
    wanted.map((id) => [id, { id, username: null, name: 'Deleted user' }]),
  );
  if (wanted.length === 0) return found;
  const rows = await users
    .find({ _id: { $in: wanted } })
    .select({ username: 1, firstName: 1, lastName: 1 })
    .lean<UserRow[]>();
  for (const row of rows) found.set(row._id, toPerson(row));
  return found;
};
