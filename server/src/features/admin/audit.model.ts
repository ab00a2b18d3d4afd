import type { AuditAct } from '@parley/shared';
import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** What an admin did, to whom; never changed and never removed. `by` null: from the command line. */
export interface AuditRow {
  readonly _id: string;
  readonly at: Date;
  readonly by: string | null;
  readonly act: AuditAct;
  readonly target: string;
  readonly detail: string;
  readonly reason: string;
}

export type AuditModel = Model<AuditRow>;

const schema = new Schema<AuditRow>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    by: { type: String, default: null },
    act: { type: String, required: true },
    target: { type: String, required: true },
    detail: { type: String, default: '' },
    reason: { type: String, default: '' },
  },
  rowOptions,
);

export const createAuditModel = (connection: Connection): AuditModel =>
  connection.model<AuditRow>('Audit', schema, 'audit');
