import type { Due, TaskPriority, TaskStatus } from '@parley/shared';
import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** One change of status, of assignees, or of both. */
export interface TaskHistoryRow {
  /** Of the task, since then. */
  readonly version: number;
  readonly at: Date;
  readonly by: string | null;
  readonly status: { readonly from: TaskStatus; readonly to: TaskStatus } | null;
  readonly assignees: { readonly from: string[]; readonly to: string[] } | null;
}

/**
 * A task. Whoever changes it does so on the version they read, and raises that: what follows from several fields is always right then.
 * `hasDescription`, `urgency`, `labelKeys`, `terms` and `remindAt` follow from others (task-fields.ts) and are there to be found by.
 */
export interface TaskRow {
  readonly _id: string;
  readonly project: string;
  readonly title: string;
  readonly description: string;
  readonly hasDescription: boolean;
  readonly status: TaskStatus;
  readonly priority: TaskPriority;
  /** 0 for high, so that it comes first. */
  readonly urgency: number;
  readonly assignees: readonly string[];
  readonly due: Due | null;
  readonly labels: readonly string[];
  readonly labelKeys: readonly string[];
  readonly terms: readonly string[];
  readonly padId: string | null;
  readonly rank: string;
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** When those who do it are told that its time is near; absent where there is nothing to tell, or it is told. */
  readonly remindAt?: Date;
  /** From then on it is gone for everybody; the row goes last. */
  readonly deletedAt?: Date;
  /** The newest last. */
  readonly history: readonly TaskHistoryRow[];
}

/** What of a row is only read for itself: large, or for finding alone. */
export const UNREAD = { history: 0, terms: 0, labelKeys: 0 } as const;
/** The rest, read to be shown or changed. */
export type ReadTask = Omit<TaskRow, keyof typeof UNREAD>;

/** A row of a list. */
export type ListedTask = Omit<ReadTask, 'description'>;

export type TaskModel = Model<TaskRow>;

const bare = { _id: false } as const;
const dueSchema = new Schema<Due>(
  { at: { type: Date, required: true }, timeZone: { type: String, required: true } },
  bare,
);
const changeOf = <T>(type: T) => new Schema({ from: { type }, to: { type } }, bare);
const historySchema = new Schema(
  {
    version: { type: Number, required: true },
    at: { type: Date, required: true },
    by: { type: String, default: null },
    status: { type: changeOf(String), default: null },
    assignees: { type: changeOf([String]), default: null },
  },
  bare,
);

const taskSchema = new Schema<TaskRow>(
  {
    _id: { type: String, required: true },
    project: { type: String, required: true },
    title: { type: String, required: true },
    description: { type: String, default: '' },
    hasDescription: { type: Boolean, required: true },
    status: { type: String, required: true },
    priority: { type: String, required: true },
    urgency: { type: Number, required: true },
    assignees: { type: [String], default: [] },
    due: { type: dueSchema, default: null },
    labels: { type: [String], default: [] },
    labelKeys: { type: [String], default: [] },
    terms: { type: [String], default: [] },
    padId: { type: String, default: null },
    rank: { type: String, required: true },
    version: { type: Number, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    remindAt: { type: Date },
    deletedAt: { type: Date },
    history: { type: [historySchema], default: [] },
  },
  rowOptions,
);

/** By which tasks are found and put in order; whoever asks names the one that is meant. */
export const taskIndexes = {
  board: { project: 1, status: 1, rank: 1, _id: 1 },
  created: { project: 1, _id: 1 },
  updated: { project: 1, updatedAt: 1, _id: 1 },
  due: { project: 1, 'due.at': 1, _id: 1 },
  priority: { project: 1, urgency: 1, _id: 1 },
  overdue: { project: 1, status: 1, 'due.at': 1 },
  assignees: { assignees: 1, project: 1 },
  labels: { project: 1, labelKeys: 1 },
  terms: { project: 1, terms: 1 },
  createdBy: { createdBy: 1, _id: 1 },
} as const;
for (const fields of Object.values(taskIndexes)) taskSchema.index(fields);
taskSchema.index({ remindAt: 1 }, { sparse: true });
taskSchema.index({ deletedAt: 1 }, { sparse: true });

export const createTaskModel = (connection: Connection): TaskModel =>
  connection.model<TaskRow>('Task', taskSchema, 'tasks');
