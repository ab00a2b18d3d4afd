import {
  type Account,
  AppError,
  type accountsListInputSchema,
  foldName,
  type Me,
  type Person,
  type Profile,
  type usersListInputSchema,
} from '@parley/shared';
import type { z } from 'zod';
import { rowsTogether } from '../../platform/together.js';
import { type Changer, changeUser, type NewPassword, type UserChange } from './change-user.js';
import { createNamed, createUser, type NewUser } from './create-user.js';
import { beginDeletion, finishDeletion, leavingUsers } from './delete-user.js';
import { loseAdmin } from './keep-admin.js';
import { listAccounts } from './list-accounts.js';
import { type HiddenFrom, listUsers } from './list-users.js';
import { createOldAddresses, type OldAddressesParts } from './old-addresses.js';
import { toMe, toPerson, toProfile } from './profile.js';
import type { UserModel, UserRow } from './user.model.js';
import { usernameKey } from './username.js';

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
  /** The same with a username made of the e-mail address. */
  createNamed(user: NewUser & { readonly email: string }): Promise<UserRow>;
  /** Null for whoever never was, or is deleted. */
  find(id: string): Promise<UserRow | null>;
  /** By username or e-mail address. */
  findByLogin(login: string): Promise<UserRow | null>;
  /** Null for whoever never was, or is deleted. */
  findByUsername(username: string): Promise<UserRow | null>;
  /** Gives the account another password, unless that has become another one since it was read; whether it did. */
  replacePassword(user: UserRow, passwordHash: string): Promise<boolean>;
  /** Who these people are, in one query; ids nobody has come back as a deleted user. */
  people(ids: Iterable<string>): Promise<ReadonlyMap<string, Person>>;
  /** What they are called; nothing of the deleted. */
  names(ids: Iterable<string>): Promise<ReadonlyMap<string, Pick<UserRow, 'firstName' | 'lastName'>>>;
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
  /** One's own account, as its owner sees it; null where there is none. */
  me(userId: string): Promise<Me | null>;
  /** Changes one's own account; see `changeUser`. */
  change(changer: Changer, change: UserChange, password?: NewPassword): Promise<Me>;
}

export const createUsersService = (parts: UsersParts): UsersService => {
  const { users, hiddenFrom, onChanged } = parts;
  const oldAddresses = createOldAddresses(parts);
  const find = rowsTogether((ids) => users.find({ _id: { $in: ids }, deletedAt: null }).lean());
  return {
    create: (user) => createUser(users, user),
    createNamed: (user) => createNamed(users, user),
    find,
    findByLogin: async (login) => {
      const isEmail = login.includes('@');
      return await users
        .findOne(isEmail ? { emailKey: foldName(login) } : { usernameKey: usernameKey(login) })
        .lean();
    },
    findByUsername: async (username) =>
      await users.findOne({ usernameKey: usernameKey(username), deletedAt: null }).lean(),
    replacePassword: async ({ _id, passwordHash: before }, passwordHash) => {
      const { modifiedCount } = await users.updateOne(
        { _id, passwordHash: before },
        { $set: { passwordHash } },
      );
      return modifiedCount > 0;
    },
    people: (ids) => people(users, ids),
    names: async (ids) => {
      const rows = await users
        .find({ _id: { $in: [...new Set(ids)] }, deletedAt: null })
        .select({ firstName: 1, lastName: 1 })
        .lean<UserRow[]>();
      return new Map(rows.map(({ _id, firstName, lastName }) => [_id, { firstName, lastName }]));
    },
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
    me: async (userId) => {
      const user = await find(userId);
      return user === null ? null : toMe(user);
    },
    change: async (changer, change, password) => {
      const changed = await changeUser({ users, oldAddresses }, changer, { ...change, password });
      onChanged([changed._id]);
      return toMe(changed);
    },
  };
};

const OPEN_FIELDS = { username: 1, firstName: 1, lastName: 1, lastSeen: 1, isListed: 1 } as const;

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
