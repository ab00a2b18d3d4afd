import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** A file that somebody is about to get a row for. */
export interface FileClaim {
  readonly file: string;
  readonly size: number;
  readonly at: Date;
}

/** What one person (`_id`) asks for at this moment, in the order in which it was asked. */
export interface FileClaimsRow {
  readonly _id: string;
  readonly claims: readonly FileClaim[];
}

export type FileClaimModel = Model<FileClaimsRow>;

const claimsSchema = new Schema<FileClaimsRow>(
  {
    _id: { type: String, required: true },
    claims: {
      type: [
        new Schema<FileClaim>(
          {
            file: { type: String, required: true },
            size: { type: Number, required: true },
            at: { type: Date, required: true },
          },
          { _id: false },
        ),
      ],
      default: [],
    },
  },
  rowOptions,
);

export const createFileClaimModel = (connection: Connection): FileClaimModel =>
  connection.model<FileClaimsRow>('FileClaims', claimsSchema, 'file_claims');
