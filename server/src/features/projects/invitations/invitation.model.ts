import type { ProjectRole } from '@parley/shared';
import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../../platform/rows.js';

/** That somebody may come into a project, and as what; at most one for each person and project. */
export interface InvitationRow {
  readonly _id: string;
  readonly project: string;
  readonly user: string;
  readonly role: ProjectRole;
  /** Who did it last. */
  readonly invitedBy: string;
  readonly createdAt: Date;
  /** The store removes it some time after. */
  readonly expiresAt: Date;
  /** Since then they are coming in: nobody takes it back any more, and the row goes once they are there. */
  readonly acceptedAt: Date | null;
}

export type InvitationModel = Model<InvitationRow>;

const schema = new Schema<InvitationRow>(
  {
    _id: { type: String, required: true },
    project: { type: String, required: true },
    user: { type: String, required: true },
    role: { type: String, required: true, enum: ['admin', 'member', 'viewer'] },
    invitedBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    acceptedAt: { type: Date, default: null },
  },
  rowOptions,
);
schema.index({ project: 1, user: 1 }, { unique: true });
schema.index({ project: 1, _id: -1 });
schema.index({ user: 1, _id: -1 });
schema.index({ invitedBy: 1 });
schema.index({ acceptedAt: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const createInvitationModel = (connection: Connection): InvitationModel =>
  connection.model<InvitationRow>('ProjectInvitation', schema, 'project_invitations');
