import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../platform/rows.js';

/** A process on this store. */
export interface NodeRow {
  readonly _id: string;
  /** By the store's clock: those of the machines may differ. */
  readonly aliveUntil: Date;
  /** Its time ran out and somebody saw it: whatever it does from now on, it does as another node. */
  readonly isDead: boolean;
}

export type NodeModel = Model<NodeRow>;

const nodeSchema = new Schema<NodeRow>(
  {
    _id: { type: String, required: true },
    aliveUntil: { type: Date, required: true },
    isDead: { type: Boolean, required: true },
  },
  rowOptions,
);

export const createNodeModel = (connection: Connection): NodeModel =>
  connection.model<NodeRow>('Node', nodeSchema, 'nodes');
