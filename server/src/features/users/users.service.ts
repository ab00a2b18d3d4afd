import {
  type Account,
  AppError,
  type accountsListInputSchema,
  foldName,
  type Me,
  newId,
  type Person,
  type Profile,
  type usersListInputSchema,
} from '@parley/shared';
import type { z } from 'zod';
import { isDuplicateKey } from '../../platform/rows.js';
import { rowsTogether } from '../../platform/together.js';
import { nameFields, takenError } from './account-fields.js';
import { type Changer, changeUser, type UserChange } from './change-user.js';
import { beginDeletion, finishDeletion, leavingUsers } from './delete-user.js';
import { loseAdmin } from './keep-admin.js';
import { listAccounts } from './list-accounts.js';
import { type HiddenFrom, listUsers } from './list-users.js';
import { createOldAddresses, type OldAddressesParts } from './old-addresses.js';
import { toMe, toPerson, toProfile } from './profile.js';
import type { UserModel, UserRow } from './user.model.js';
import { usernameKey } from './username.js';

export interface NewUser {
  readonly username: string | undefined;
  readonly email: string | undefined;
  readonly firstName: string;
  readonly lastName: string;
  readonly passwordHash: string;
}

export interface UsersParts extends OldAddressesParts {
  readonly users: UserModel;
  readonly hiddenFrom: HiddenFrom;
  /** Told of those whose account has changed. */
  onChanged(userIds: readonly string[]): void;
}

/** An account that is neither deleted nor suspended. */
export interface OpenAccount extends Pick<UserRow, 'lastSeen' | 'isListed'> {
  readonly person: Person;
}

export interface UsersService {
  /**
   * Creates an account. Rejects with CONFLICT naming `username`, `email` or both when taken, in any letter case or by a name that
   * only looks the same, and with INVALID_INPUT for a reserved one.
   */
  create(user: NewUser): Promise<UserRow>;
  /** Null for whoever never was, or is deleted. */
  find(id: string): Promise<UserRow | null>;
  /** By username or e-mail address. */
  findByLogin(login: string): Promise<UserRow | null>;
  /** Gives the account another password, unless that has become another one since it was read; whether it did. */
  replacePassword(user: UserRow, passwordHash: string): Promise<boolean>;
  /** Who these people are, in one query; ids nobody has come back as a deleted user. */
  people(ids: Iterable<string>): Promise<ReadonlyMap<string, Person>>;
  /** Those of them whose account is open, and what they let others know. */
  open(ids: Iterable<string>): Promise<ReadonlyMap<string, OpenAccount>>;
  /** What a viewer may know of somebody; NOT_FOUND where that is nothing. */
  profile(viewerId: string, userId: string): Promise<Profile>;
  /** People by name, without the viewer. */
  list(
    viewerId: string,
    input: z.output<typeof usersListInputSchema>,
  ): Promise<{ items: Profile[]; nextCursor: string | null }>;
  /** Everybody, for admins. */
  accounts(
    input: z.output<typeof accountsListInputSchema>,
  ): Promise<{ items: Account[]; nextCursor: string | null }>;
  /** `sure` is awaited before it is done, when nothing refuses it any more. CONFLICT where no admin would be left who can sign in. */
  suspend(userId: string, sure: () => Promise<void>): Promise<void>;
  restore(userId: string): Promise<void>;
  makeAdmin(userId: string): Promise<void>;
  /** As `suspend`. */
  unmakeAdmin(userId: string, sure: () => Promise<void>): Promise<void>;
  count(): Promise<{ users: number; suspended: number }>;
  /** See delete-user.ts; CONFLICT for the last admin. */
  beginDeletion(userId: string): Promise<boolean>;
  finishDeletion(userId: string): Promise<void>;
  leaving(): Promise<string[]>;
  /** Changes one's own account; see `changeUser`. */
  change(changer: Changer, change: UserChange): Promise<Me>;
}

export const createUsersService = (parts: UsersParts): UsersService => {
  const { users, hiddenFrom, onChanged } = parts;
  const oldAddresses = createOldAddresses(parts);
  const find = rowsTogether((ids) => users.find({ _id: { $in: ids }, deletedAt: null }).lean());
  return {
    create: (user) => create(users, user),
    find,
    findByLogin: async (login) => {
      const isEmail = login.includes('@');
      return await users
        .findOne(isEmail ? { emailKey: foldName(login) } : { usernameKey: usernameKey(login) })
        .lean();
    },
    replacePassword: async ({ _id, passwordHash: before }, passwordHash) => {
      const { modifiedCount } = await users.updateOne(
        { _id, passwordHash: before },
        { $set: { passwordHash } },
      );
      return modifiedCount > 0;
    },
    people: (ids) => people(users, ids),
    open: async (ids) => {
      const wanted = { _id: { $in: [...new Set(ids)] }, deletedAt: null, suspendedAt: null };
      const rows = await users.find(wanted).select(OPEN_FIELDS).lean<UserRow[]>();
      return new Map(
        rows.map((row) => [
          row._id,
          { person: toPerson(row), lastSeen: row.lastSeen, isListed: row.isListed },
        ]),
      );
    },
    profile: async (viewerId, userId) => {
      const [user, hidden] = await Promise.all([find(userId), hiddenFrom(viewerId, [userId])]);
      if (user === null || hidden.has(userId)) throw new AppError('NOT_FOUND');
      return toProfile(user);
    },
    list: (viewerId, input) => listUsers(parts, viewerId, input),
    accounts: (input) => listAccounts(users, input),
    suspend: async (userId, sure) => {
      await loseAdmin(users, { userId, sure, change: { $set: { suspendedAt: new Date() } } });
      onChanged([userId]);
    },
    restore: async (userId) => {
      await users.updateOne({ _id: userId, deletedAt: null }, { $set: { suspendedAt: null } });
      onChanged([userId]);
    },
    makeAdmin: async (userId) => {
      await users.updateOne(
        { _id: userId, deletedAt: null },
        { $set: { role: 'admin' }, $unset: { steppingDown: 1 } },
      );
    },
    unmakeAdmin: async (userId, sure) => {
      await loseAdmin(users, { userId, sure, change: { $set: { role: 'user' } } });
    },
    count: async () => {
      const [all, suspended] = await Promise.all([
        users.countDocuments({ deletedAt: null }),
        users.countDocuments({ deletedAt: null, suspendedAt: { $ne: null } }),
      ]);
      return { users: all, suspended };
    },
    beginDeletion: (userId) => beginDeletion(users, userId),
    finishDeletion: (userId) => finishDeletion(users, userId),
    leaving: () => leavingUsers(users),
    change: async (changer, change) => {
      const changed = await changeUser({ users, oldAddresses }, changer, change);
      onChanged([changed._id]);
      return toMe(changed);
    },
  };
};

const OPEN_FIELDS = { username: 1, firstName: 1, lastName: 1, lastSeen: 1, isListed: 1 } as const;

const create = async (users: UserModel, user: NewUser): Promise<UserRow> => {
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

const people = async (users: UserModel, ids: Iterable<string>): Promise<ReadonlyMap<string, Person>> => {
  const wanted = [...new Set(ids)];
  const found = new Map<string, Person>(
    wanted.map((id) => [id, { id, username: null, name: 'Deleted user' }]),
  );
  if (wanted.length === 0) return found;
  const rows = await users
    .find({ _id: { $in: wanted }, deletedAt: null })
    .select({ username: 1, firstName: 1, lastName: 1 })
    .lean<UserRow[]>();
  for (const row of rows) found.set(row._id, toPerson(row));
  return found;
};
