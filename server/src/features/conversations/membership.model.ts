import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

export type MemberRole = 'owner' | 'admin' | 'member';
export type MemberState = 'member' | 'invited' | 'left' | 'banned';

/** Somebody's place in a conversation; only `state: 'member'` is in it, and whoever left is silenced still when they come back. `lastReadSeq`: read up to and including. */
export interface MembershipRow {
  readonly _id: string;
  readonly conversation: string;
  readonly user: string;
  readonly role: MemberRole;
  readonly state: MemberState;
  readonly joinedAt: Date;
  readonly lastReadSeq: number;
  readonly muted: boolean;
}

export type MembershipModel = Model<MembershipRow>;

const membershipSchema = new Schema<MembershipRow>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    user: { type: String, required: true },
    role: { type: String, required: true, enum: ['owner', 'admin', 'member'] },
    state: { type: String, required: true, enum: ['member', 'invited', 'left', 'banned'] },
    joinedAt: { type: Date, required: true },
    lastReadSeq: { type: Number, default: 0 },
    muted: { type: Boolean, default: false },
  },
  rowOptions,
);

membershipSchema.index({ conversation: 1, user: 1 }, { unique: true });
membershipSchema.index({ user: 1, state: 1, joinedAt: -1, _id: -1 });
membershipSchema.index({ conversation: 1, state: 1 });

export const createMembershipModel = (connection: Connection): MembershipModel =>
  connection.model<MembershipRow>('Membership', membershipSchema, 'memberships');
