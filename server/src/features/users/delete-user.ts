// Owns what is left of an account that is deleted: its id, which what they wrote still names.
import { loseAdmin } from './keep-admin.js';
import type { UserModel, UserRow } from './user.model.js';

const nothing = {
  firstName: '',
  lastName: '',
  nameKey: '',
  searchKeys: [],
  bio: '',
  interests: [],
  interestKeys: [],
  lastSeen: 'nobody',
  isListed: false,
  role: 'user',
  passwordHash: '',
} as const satisfies Partial<UserRow>;

/** From here on nobody can sign in as them and nobody finds them. Whether they were here until now; CONFLICT for the last admin. */
export const beginDeletion = (users: UserModel, userId: string): Promise<boolean> =>
  loseAdmin(users, {
    userId,
    change: {
      $set: { ...nothing, deletedAt: new Date(), isLeaving: true },
      $unset: { username: 1, usernameKey: 1, email: 1, emailKey: 1 },
    },
  });

/** Everything of theirs elsewhere is done. */
export const finishDeletion = async (users: UserModel, userId: string): Promise<void> => {
  await users.updateOne({ _id: userId }, { $unset: { isLeaving: 1 } });
};

/** Whose deletion was cut short. */
export const leavingUsers = async (users: UserModel): Promise<string[]> => {
  const rows = await users.find({ isLeaving: true }).select({ _id: 1 }).lean();
  return rows.map(({ _id }) => _id);
};
