import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** A person. A name or address that was not given is absent, not null: null would clash in the unique index. */
export interface UserRow {
  readonly _id: string;
  readonly username?: string;
  /** What "taken" means; see `usernameKey`. */
  readonly usernameKey?: string;
  readonly email?: string;
  readonly emailKey?: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Both follow from the names; see `nameKeyOf` and `searchKeysOf`. */
  readonly nameKey: string;
  readonly searchKeys: readonly string[];
  readonly bio: string;
  readonly interests: readonly string[];
  /** The same, folded. */
  readonly interestKeys: readonly string[];
  /** Who may see when they were last here. */
  readonly lastSeen: 'everyone' | 'friends' | 'nobody';
  /** Whether lists, searches and suggestions show them to people they have nothing to do with. */
  readonly isListed: boolean;
  readonly role: 'user' | 'admin';
  /** An admin, about to be none; see `loseAdmin`. */
  readonly steppingDown?: string;
  readonly passwordHash: string;
  readonly createdAt: Date;
  /** An admin has shut the account. */
  readonly suspendedAt: Date | null;
  /** From then on nothing but the id is left of them; what they wrote stays. */
  readonly deletedAt: Date | null;
  /** Deleted, and something of theirs elsewhere may still be to do. */
  readonly isLeaving?: true;
}

export type UserModel = Model<UserRow>;

const userSchema = new Schema<UserRow>(
  {
    _id: { type: String, required: true },
    username: { type: String },
    usernameKey: { type: String },
    email: { type: String },
    emailKey: { type: String },
    firstName: { type: String, default: '' },
    lastName: { type: String, default: '' },
    nameKey: { type: String, required: true },
    searchKeys: { type: [String], required: true },
    bio: { type: String, default: '' },
    interests: { type: [String], required: true },
    interestKeys: { type: [String], required: true },
    lastSeen: { type: String, required: true, enum: ['everyone', 'friends', 'nobody'] },
    isListed: { type: Boolean, required: true },
    role: { type: String, required: true, enum: ['user', 'admin'] },
    steppingDown: { type: String },
    passwordHash: { type: String, required: true },
    createdAt: { type: Date, required: true },
    suspendedAt: { type: Date, default: null },
    deletedAt: { type: Date, default: null },
    isLeaving: { type: Boolean },
  },
  rowOptions,
);

userSchema.index({ usernameKey: 1 }, { unique: true, sparse: true });
userSchema.index({ emailKey: 1 }, { unique: true, sparse: true });
userSchema.index({ isListed: 1, nameKey: 1, _id: 1 });
userSchema.index({ searchKeys: 1 });
userSchema.index({ interestKeys: 1, _id: 1 });
userSchema.index({ isLeaving: 1 }, { sparse: true });
userSchema.index({ deletedAt: 1, role: 1, nameKey: 1, _id: 1 });
userSchema.index({ deletedAt: 1, suspendedAt: 1 });

export const createUserModel = (connection: Connection): UserModel =>
  connection.model<UserRow>('User', userSchema, 'users');
