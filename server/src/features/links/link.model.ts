import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** A way into a place. Its token is made from the row, and worth nothing without it. */
export interface LinkRow {
  readonly _id: string;
  /** The project or conversation. */
  readonly place: string;
  readonly role: 'member' | 'viewer';
  readonly createdBy: string;
  readonly createdAt: Date;
  /** In whole seconds, as tokens count. The store removes the row some time after. */
  readonly expiresAt: Date;
  readonly maxUses: number;
  /** How many more may come in by it. */
  readonly usesLeft: number;
}

export type LinkModel = Model<LinkRow>;

const schema = new Schema<LinkRow>(
  {
    _id: { type: String, required: true },
    place: { type: String, required: true },
    role: { type: String, required: true, enum: ['member', 'viewer'] },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    maxUses: { type: Number, required: true },
    usesLeft: { type: Number, required: true },
  },
  rowOptions,
);
schema.index({ place: 1, _id: -1 });
schema.index({ createdBy: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

/** Each sort of places has a collection of its own. */
export const createLinkModel = (connection: Connection, sort: 'project' | 'conversation'): LinkModel =>
  sort === 'project'
    ? connection.model<LinkRow>('ProjectLink', schema, 'project_links')
    : connection.model<LinkRow>('ConversationLink', schema, 'conversation_links');
