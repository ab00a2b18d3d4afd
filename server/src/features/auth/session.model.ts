import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** A signed-in device. `rotation`: the number of the one refresh token that works; every older one betrays a copy. */
export interface SessionRow {
  readonly _id: string;
  readonly user: string;
  readonly rotation: number;
  readonly device: string | null;
  readonly userAgent: string | null;
  readonly ip: string;
  readonly createdAt: Date;
  readonly refreshedAt: Date;
  /** Moves on with every refresh; the store removes the row some time after. */
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

export type SessionModel = Model<SessionRow>;

const sessionSchema = new Schema<SessionRow>(
  {
    _id: { type: String, required: true },
    user: { type: String, required: true },
    rotation: { type: Number, required: true },
    device: { type: String, default: null },
    userAgent: { type: String, default: null },
    ip: { type: String, default: '' },
    createdAt: { type: Date, required: true },
    refreshedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    revokedAt: { type: Date, default: null },
  },
  rowOptions,
);

// Those that are over stay for a while: nobody's sign-in goes through them.
sessionSchema.index({ user: 1, revokedAt: 1, _id: -1 });
sessionSchema.index({ user: 1, revokedAt: 1, refreshedAt: -1 });
sessionSchema.index({ revokedAt: 1 });
sessionSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const createSessionModel = (connection: Connection): SessionModel =>
  connection.model<SessionRow>('Session', sessionSchema, 'sessions');
