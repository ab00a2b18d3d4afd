import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** A person. A name or address that was not given is absent, not null: null would clash in the unique index. */
export interface UserRow {
  readonly _id: string;
  readonly username?: string;
  /** Folded; what "taken" means. */
  readonly usernameKey?: string;
  readonly email?: string;
  readonly emailKey?: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: 'user' | 'admin';
  readonly passwordHash: string;
  readonly createdAt: Date;
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
    role: { type: String, required: true, enum: ['user', 'admin'] },
    passwordHash: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  rowOptions,
);

userSchema.index({ usernameKey: 1 }, { unique: true, sparse: true });
userSchema.index({ emailKey: 1 }, { unique: true, sparse: true });

export const createUserModel = (connection: Connection): UserModel =>
  connection.model<UserRow>('User', userSchema, 'users');
