import type { SystemNote } from '@parley/shared';
import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

export interface ReactionRow {
  readonly emoji: string;
  readonly user: string;
}

/**
 * A message of history. `_id`: the message's id, made by its author. `sentAt`: the author's clock; `receivedAt`: ours.
 * `position`: the place in the document's log that brought it, which tells a replay from a message sent twice.
 */
export interface MessageRow {
  readonly _id: string;
  readonly conversation: string;
  readonly seq: number;
  readonly position: number;
  readonly author: string;
  readonly text: string;
  /** What happened, where the server says it. */
  readonly system: SystemNote | null;
  readonly files: string[];
  readonly replyTo: string | null;
  readonly mentions: string[];
  readonly reactions: ReactionRow[];
  readonly sentAt: Date;
  readonly receivedAt: Date;
  readonly editedAt: Date | null;
  readonly deletedAt: Date | null;
}

export type MessageModel = Model<MessageRow>;

const reactionSchema = new Schema<ReactionRow>(
  { emoji: { type: String, required: true }, user: { type: String, required: true } },
  { _id: false },
);

/** `text` is not `required`: mongoose takes an empty text for a missing one, and a deleted message has none. */
const messageSchema = new Schema<MessageRow>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    seq: { type: Number, required: true },
    position: { type: Number, required: true },
    author: { type: String, required: true },
    text: { type: String, default: '' },
    system: { type: Schema.Types.Mixed, default: null },
    files: { type: [String], default: [] },
    replyTo: { type: String, default: null },
    mentions: { type: [String], default: [] },
    reactions: { type: [reactionSchema], default: [] },
    sentAt: { type: Date, required: true },
    receivedAt: { type: Date, required: true },
    editedAt: { type: Date, default: null },
    deletedAt: { type: Date, default: null },
  },
  rowOptions,
);

messageSchema.index({ conversation: 1, seq: 1 }, { unique: true });

/** History. Only projection writes rows; everything else reads them. */
export const createMessageModel = (connection: Connection): MessageModel =>
  connection.model<MessageRow>('Message', messageSchema, 'messages');
