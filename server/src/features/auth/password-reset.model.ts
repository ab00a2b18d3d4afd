import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** A way to set a new password without the old one. `_id`: SHA-256 of the token, which only the letter holds. */
export interface PasswordResetRow {
  readonly _id: string;
  readonly user: string;
  /** Where the letter went, folded: void once the account has another address. */
  readonly emailKey: string;
  /** The store removes it some time after. */
  readonly expiresAt: Date;
}

export type PasswordResetModel = Model<PasswordResetRow>;

const schema = new Schema<PasswordResetRow>(
  {
    _id: { type: String, required: true },
    user: { type: String, required: true },
    emailKey: { type: String, required: true },
    expiresAt: { type: Date, required: true },
  },
  rowOptions,
);

schema.index({ user: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const createPasswordResetModel = (connection: Connection): PasswordResetModel =>
  connection.model<PasswordResetRow>('PasswordReset', schema, 'password_resets');
