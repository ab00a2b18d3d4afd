import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** A comment on a task. Its id says when it was made, so that it is in its place by that. */
export interface CommentRow {
  readonly _id: string;
  readonly task: string;
  readonly project: string;
  readonly author: string;
  readonly content: string;
  readonly mentions: string[];
  readonly createdAt: Date;
  readonly editedAt: Date | null;
}

export type CommentModel = Model<CommentRow>;

const commentSchema = new Schema<CommentRow>(
  {
    _id: { type: String, required: true },
    task: { type: String, required: true },
    project: { type: String, required: true },
    author: { type: String, required: true },
    content: { type: String, required: true },
    mentions: { type: [String], default: [] },
    createdAt: { type: Date, required: true },
    editedAt: { type: Date, default: null },
  },
  rowOptions,
);

/** Of a task, of a project that goes, of somebody who takes what is theirs along. */
export const commentIndexes = {
  task: { task: 1, _id: 1 },
  project: { project: 1, _id: 1 },
  author: { author: 1, _id: 1 },
} as const;
for (const fields of Object.values(commentIndexes)) commentSchema.index(fields);

export const createCommentModel = (connection: Connection): CommentModel =>
  connection.model<CommentRow>('Comment', commentSchema, 'comments');
