import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/**
 * A pad; its document has the same id, which says what kind of place it is in. `slot` is unique in that
 * place: that is what keeps to the limit when many are made at once. `deletedAt` stands while a pad is being made, and while what is
 * stored of a deleted one is being removed, the row last.
 */
export interface PadRow {
  readonly _id: string;
  /** Its place's id: a project's too, for rows are older than those. */
  readonly conversation: string;
  readonly slot: number;
  readonly title: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  /** Kept by projection, coarsely. */
  readonly updatedAt: Date;
  readonly deletedAt: Date | null;
}

export type PadModel = Model<PadRow>;

const padSchema = new Schema<PadRow>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    slot: { type: Number, required: true },
    title: { type: String, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    deletedAt: { type: Date, default: null },
  },
  rowOptions,
);

padSchema.index({ conversation: 1, slot: 1 }, { unique: true });
padSchema.index({ conversation: 1, deletedAt: 1, _id: -1 });
padSchema.index({ deletedAt: 1 });

export const createPadModel = (connection: Connection): PadModel =>
  connection.model<PadRow>('Pad', padSchema, 'pads');
