import type { ParleyEvent } from '@parley/shared';
import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';
import type { Audience, NewEvent } from './publish.js';

/** An event of the log. Positions have no gaps: whoever has seen one knows whether they missed any before it. */
export interface EventRow {
  /** Its position: 1, 2, 3 … */
  readonly _id: number;
  readonly at: Date;
  /** Tells a write whose answer was lost from somebody else's. */
  readonly mark: string;
  readonly event: ParleyEvent;
  readonly audiences: readonly Audience[];
  readonly joins?: NewEvent['joins'];
  readonly leaves?: NewEvent['leaves'];
  readonly key?: string;
}

export type EventModel = Model<EventRow>;

const schema = new Schema<EventRow>(
  {
    _id: { type: Number, required: true },
    at: { type: Date, required: true },
    mark: { type: String, required: true },
    event: { type: Schema.Types.Mixed, required: true },
    audiences: { type: [String], required: true },
    joins: { type: Schema.Types.Mixed },
    leaves: { type: Schema.Types.Mixed },
    key: { type: String },
  },
  rowOptions,
);

schema.index({ audiences: 1, _id: 1 });
schema.index({ key: 1 }, { unique: true, sparse: true });

/** What has happened, for a day. Only the log of events writes it. */
export const createEventModel = (connection: Connection): EventModel =>
  connection.model<EventRow>('Event', schema, 'events');
