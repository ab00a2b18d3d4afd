import type { FileImage } from '@parley/shared';
import { type Connection, type Model, mongo, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/**
 * `ticket`: its place is kept, and nothing has come; `uploading`: bytes arrive; `stored`: they are whole, and it is in no message;
 * `collecting`: the same, and nobody may put it into one any more; `attached`: in a message; `expired`: that too, and its time was
 * over, its bytes are gone; `removing`: nobody sees it any more, its bytes go, then the row.
 */
export type FileState =
  | 'ticket'
  | 'uploading'
  | 'stored'
  | 'collecting'
  | 'attached'
  | 'expired'
  | 'removing';

/** States in which a file is in no message yet. */
export const WAITING = [
  'ticket',
  'uploading',
  'stored',
  'collecting',
] as const satisfies readonly FileState[];

/**
 * A file. Its bytes lie in GridFS under `bytes` and `thumbnail`, ids that stand here before there are any: whatever a crash leaves
 * behind is found from here. `dueAt`: when the collector looks at it, if ever.
 */
export interface FileRow {
  readonly _id: string;
  readonly owner: string;
  readonly conversation: string;
  readonly name: string;
  /** What its ticket is for; of a stored one exactly that many. */
  readonly size: number;
  readonly state: FileState;
  /** What its bytes look like. This and the next stand once it is stored. */
  readonly type: string | null;
  readonly sha256: string | null;
  readonly image: FileImage | null;
  readonly bytes: mongo.ObjectId;
  readonly thumbnail: mongo.ObjectId;
  /** The message it is in, and its number. */
  readonly message: string | null;
  readonly seq: number | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly dueAt: Date | null;
}

export type FileModel = Model<FileRow>;

const fileSchema = new Schema<FileRow>(
  {
    _id: { type: String, required: true },
    owner: { type: String, required: true },
    conversation: { type: String, required: true },
    name: { type: String, required: true },
    size: { type: Number, required: true },
    state: { type: String, required: true },
    type: { type: String, default: null },
    sha256: { type: String, default: null },
    image: { type: Schema.Types.Mixed, default: null },
    bytes: { type: Schema.Types.ObjectId, required: true },
    thumbnail: { type: Schema.Types.ObjectId, required: true },
    message: { type: String, default: null },
    seq: { type: Number, default: null },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, default: null },
    dueAt: { type: Date, default: null },
  },
  rowOptions,
);

fileSchema.index({ owner: 1, state: 1 });
fileSchema.index({ conversation: 1, state: 1, seq: -1, _id: -1 });
fileSchema.index({ message: 1 });
fileSchema.index({ dueAt: 1 });

export const createFileModel = (connection: Connection): FileModel =>
  connection.model<FileRow>('File', fileSchema, 'files');

/** A fresh id for bytes. */
export const newBytesId = (): mongo.ObjectId => new mongo.ObjectId();
