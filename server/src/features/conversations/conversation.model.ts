import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

export type ConversationKind = 'direct' | 'group' | 'room';
export type Visibility = 'public' | 'private';

/**
 * A stored thread; its document has the same id. Fields that a unique index covers are absent, not null, where they do
 * not apply, or two rows without them would clash. `messageCount` is the highest `seq`; it, `lastMessage` (an id of
 * history) and `activeAt` are kept by projection.
 */
export interface ConversationRow {
  readonly _id: string;
  readonly kind: ConversationKind;
  readonly name?: string;
  /** The folded name of a room. */
  readonly nameKey?: string;
  /** The two user ids of a direct conversation, sorted. */
  readonly directKey?: string;
  readonly visibility: Visibility;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly activeAt: Date;
  readonly messageCount: number;
  readonly lastMessage: string | null;
}

export type ConversationModel = Model<ConversationRow>;

const conversationSchema = new Schema<ConversationRow>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true, enum: ['direct', 'group', 'room'] },
    name: { type: String },
    nameKey: { type: String },
    directKey: { type: String },
    visibility: { type: String, required: true, enum: ['public', 'private'] },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    activeAt: { type: Date, required: true },
    messageCount: { type: Number, default: 0 },
    lastMessage: { type: String, default: null },
  },
  rowOptions,
);

conversationSchema.index({ directKey: 1 }, { unique: true, sparse: true });
conversationSchema.index({ nameKey: 1 }, { unique: true, sparse: true });
conversationSchema.index({ kind: 1, visibility: 1, activeAt: -1, _id: -1 });

export const createConversationModel = (connection: Connection): ConversationModel =>
  connection.model<ConversationRow>('Conversation', conversationSchema, 'conversations');
