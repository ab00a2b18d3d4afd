import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

export type MemberRole = 'owner' | 'admin' | 'member';
/** `requested`: they want to come in, and wait for an admin. */
export type MemberState = 'member' | 'invited' | 'requested' | 'left' | 'banned';

/** Somebody's place in a conversation; only `state: 'member'` is in it, and whoever left is silenced still when they come back. */
export interface MembershipRow {
  readonly _id: string;
  readonly conversation: string;
  readonly user: string;
  readonly role: MemberRole;
  readonly state: MemberState;
  /** Since when they are what `state` says. */
  readonly joinedAt: Date;
  /** Who invited them, as long as they are. */
  readonly invitedBy: string | null;
  /** Nothing up to and including that message is shown to them. */
  readonly sinceSeq: number;
  /** Read up to and including. */
  readonly lastReadSeq: number;
  /** By an admin: reads, writes nothing. */
  readonly silenced: boolean;
  /** By themselves: no notifications until then. */
  readonly mutedUntil: Date | null;
  readonly pinnedAt: Date | null;
  readonly archivedAt: Date | null;
  /** Of a direct conversation: for so many days they want what is said in it kept; null for ever. */
  readonly keepDays: number | null;
  /** Deleted for themselves: not in their list until something newer than `sinceSeq` is said. */
  readonly hidden: boolean;
}

/** What a row begins with, beside who and where. */
export const freshMembership = {
  role: 'member',
  state: 'member',
  invitedBy: null,
  sinceSeq: 0,
  lastReadSeq: 0,
  silenced: false,
  mutedUntil: null,
  pinnedAt: null,
  archivedAt: null,
  keepDays: null,
  hidden: false,
} as const satisfies Partial<MembershipRow>;

export type MembershipModel = Model<MembershipRow>;

const membershipSchema = new Schema<MembershipRow>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    user: { type: String, required: true },
    role: { type: String, required: true, enum: ['owner', 'admin', 'member'] },
    state: { type: String, required: true, enum: ['member', 'invited', 'requested', 'left', 'banned'] },
    joinedAt: { type: Date, required: true },
    invitedBy: { type: String, default: null },
    sinceSeq: { type: Number, default: 0 },
    lastReadSeq: { type: Number, default: 0 },
    silenced: { type: Boolean, default: false },
    mutedUntil: { type: Date, default: null },
    pinnedAt: { type: Date, default: null },
    archivedAt: { type: Date, default: null },
    keepDays: { type: Number, default: null },
    hidden: { type: Boolean, default: false },
  },
  rowOptions,
);

membershipSchema.index({ conversation: 1, user: 1 }, { unique: true });
membershipSchema.index({ user: 1, state: 1, joinedAt: -1, _id: -1 });
membershipSchema.index({ conversation: 1, state: 1, joinedAt: 1, _id: 1 });
membershipSchema.index({ conversation: 1, role: 1, state: 1 });

export const createMembershipModel = (connection: Connection): MembershipModel =>
  connection.model<MembershipRow>('Membership', membershipSchema, 'memberships');
