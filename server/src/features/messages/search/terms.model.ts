import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../../platform/rows.js';

/**
 * By what a message is found; `_id` is the message's. Beside history and written after it: a row costs the store more than the message,
 * because each of its words is a place of its own in an index, and costs less the more are written together.
 */
export interface TermsRow {
  readonly _id: string;
  readonly conversation: string;
  readonly seq: number;
  readonly author: string;
  readonly hasFile: boolean;
  readonly receivedAt: Date;
  readonly terms: string[];
}

export type TermsModel = Model<TermsRow>;

const termsSchema = new Schema<TermsRow>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    seq: { type: Number, required: true },
    author: { type: String, required: true },
    hasFile: { type: Boolean, required: true },
    receivedAt: { type: Date, required: true },
    terms: { type: [String], required: true },
  },
  rowOptions,
);

/** By which messages are found and gone through. */
export const termsIndexes = {
  terms: { conversation: 1, terms: 1 },
  received: { conversation: 1, receivedAt: -1, _id: -1 },
} as const;

termsSchema.index(termsIndexes.terms);
termsSchema.index(termsIndexes.received);

export const createTermsModel = (connection: Connection): TermsModel =>
  connection.model<TermsRow>('MessageTerms', termsSchema, 'message_terms');
