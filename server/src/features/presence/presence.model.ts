import type { OwnStatus } from '@parley/shared';
import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** Whether somebody is here. One row a person, from the first time they come. */
export interface PresenceRow {
  /** The user's id. */
  readonly _id: string;
  /** Nodes to which they are connected. */
  readonly nodes: readonly string[];
  /** How they want to be seen. */
  readonly status: OwnStatus;
  /** Since when others see them here; null when they do not. */
  readonly onlineSince: Date | null;
  /** When others last saw them here; says nothing while they do. */
  readonly lastSeenAt: Date | null;
  /** By the store's clock, as all of these: other nodes look for what is new. */
  readonly changedAt: Date;
}

export type PresenceModel = Model<PresenceRow>;

const presenceSchema = new Schema<PresenceRow>(
  {
    _id: { type: String, required: true },
    nodes: { type: [String], required: true },
    status: { type: String, required: true, enum: ['available', 'away', 'invisible'] },
    onlineSince: { type: Date, default: null },
    lastSeenAt: { type: Date, default: null },
    changedAt: { type: Date, required: true },
  },
  rowOptions,
);

presenceSchema.index({ onlineSince: -1, _id: -1 });
presenceSchema.index({ nodes: 1 });
presenceSchema.index({ changedAt: 1 });

export const createPresenceModel = (connection: Connection): PresenceModel =>
  connection.model<PresenceRow>('Presence', presenceSchema, 'presence');
