import type { ProjectRole } from '@parley/shared';
import { type Connection, type Model, Schema } from 'mongoose';
import { rowOptions } from '../../platform/rows.js';

/** A project. Its owner stands here alone, so that there is always exactly one, whatever happens at once. */
export interface ProjectRow {
  readonly _id: string;
  readonly name: string;
  readonly description: string;
  readonly owner: string;
  readonly createdAt: Date;
  readonly archivedAt: Date | null;
  /** From then on it is gone for everybody; the row goes last. */
  readonly deletedAt: Date | null;
}

/** Somebody's place in a project. The owner has one too, as an admin. */
export interface ProjectMemberRow {
  readonly _id: string;
  readonly project: string;
  readonly user: string;
  readonly role: ProjectRole;
  readonly joinedAt: Date;
}

export type ProjectModel = Model<ProjectRow>;
export type ProjectMemberModel = Model<ProjectMemberRow>;

const projectSchema = new Schema<ProjectRow>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    description: { type: String, default: '' },
    owner: { type: String, required: true },
    createdAt: { type: Date, required: true },
    archivedAt: { type: Date, default: null },
    deletedAt: { type: Date, default: null },
  },
  rowOptions,
);
projectSchema.index({ deletedAt: 1 });
projectSchema.index({ owner: 1 });

const memberSchema = new Schema<ProjectMemberRow>(
  {
    _id: { type: String, required: true },
    project: { type: String, required: true },
    user: { type: String, required: true },
    role: { type: String, required: true, enum: ['admin', 'member', 'viewer'] },
    joinedAt: { type: Date, required: true },
  },
  rowOptions,
);
memberSchema.index({ project: 1, user: 1 }, { unique: true });
memberSchema.index({ project: 1, joinedAt: 1, _id: 1 });
memberSchema.index({ user: 1, project: -1 });

export const createProjectModel = (connection: Connection): ProjectModel =>
  connection.model<ProjectRow>('Project', projectSchema, 'projects');

export const createProjectMemberModel = (connection: Connection): ProjectMemberModel =>
  connection.model<ProjectMemberRow>('ProjectMember', memberSchema, 'project_members');
