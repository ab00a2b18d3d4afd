// The collections that hold documents: their state of affairs, their log, their snapshots.
import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** One row a document. History holds everything up to `projectedPosition`. */
export interface DocumentRow {
  _id: string;
  kind: string;
  generation: number;
  projectedPosition: number;
  createdAt: Date;
}

/** Client ids and the user each belongs to, for as long as the generation lasts. */
export interface ClientBinding {
  user: string;
  clients: number[];
}

/**
 * One batch of a document, at its position: exactly the bytes that are relayed, and what they mean.
 * `batch` tells a retried write from somebody else's at the same position.
 */
export interface LogRow {
  document: string;
  generation: number;
  position: number;
  batch: string;
  at: Date;
  bytes: Buffer;
  bindings: ClientBinding[];
  changes: unknown[];
  /** The last entry of its generation: whoever comes next goes on in the one after. */
  closes?: boolean;
}

/** The merged state at a position, and who owns which client id. */
export interface SnapshotRow {
  document: string;
  generation: number;
  position: number;
  state: Buffer;
  bindings: ClientBinding[];
}

export interface LogModels {
  readonly documents: Model<DocumentRow>;
  readonly log: Model<LogRow>;
  readonly snapshots: Model<SnapshotRow>;
}

const bindings = [new Schema<ClientBinding>({ user: String, clients: [Number] }, { _id: false })];
const place = { document: String, generation: Number, position: Number };

const documentSchema = new Schema<DocumentRow>(
  { _id: String, kind: String, generation: Number, projectedPosition: Number, createdAt: Date },
  rowOptions,
);

const logSchema = new Schema<LogRow>(
  {
    ...place,
    batch: String,
    at: Date,
    bytes: Buffer,
    bindings,
    changes: [Schema.Types.Mixed],
    closes: Boolean,
  },
  rowOptions,
);
logSchema.index({ document: 1, generation: 1, position: 1 }, { unique: true });

const snapshotSchema = new Schema<SnapshotRow>({ ...place, state: Buffer, bindings }, rowOptions);
snapshotSchema.index({ document: 1, generation: 1, position: 1 }, { unique: true });

/** The engine's models on this connection; their unique keys are what fences a second writer off. */
export const createLogModels = (connection: Connection): LogModels => ({
  documents: connection.model<DocumentRow>('Document', documentSchema, 'documents'),
  log: connection.model<LogRow>('DocumentLog', logSchema, 'document_log'),
  snapshots: connection.model<SnapshotRow>('DocumentSnapshot', snapshotSchema, 'document_snapshots'),
});
