// Owns making, changing and deleting comments.
import { isDeepStrictEqual } from 'node:util';
import {
  AppError,
  type Comment,
  type createCommentInputSchema,
  limits,
  newId,
  type updateCommentInputSchema,
} from '@parley/shared';
import type { z } from 'zod';
import { type NewEvent, type Publish, projectAudience } from '../events/index.js';
import { getOpen } from '../projects/index.js';
import { getTask, refuseStrangers } from '../tasks/index.js';
import { type CommentRow, commentIndexes } from './comment.model.js';
import { type ReadingParts, toComment } from './show-comments.js';

export interface CommentsParts extends ReadingParts {
  readonly publish: Publish;
}

/** CONFLICT where the task has as many as it may; INVALID_INPUT where somebody is mentioned who is not in the project. */
export const createComment = async (
  parts: CommentsParts,
  userId: string,
  { taskId, content, mentions }: z.output<typeof createCommentInputSchema>,
): Promise<Comment> => {
  const { project } = await getTask(parts, { taskId, userId, needs: 'member' });
  await refuseStrangers(parts, { projectId: project, userIds: mentions, field: 'mentions' });
  const count = await parts.comments.countDocuments({ task: taskId }).hint(commentIndexes.task);
  if (count >= limits.commentsPerTask.value)
    throw new AppError('CONFLICT', { details: { fields: { taskId: ['has as many comments as it may'] } } });
  const row: CommentRow = {
    ...{ _id: newId(), task: taskId, project, author: userId, content, mentions },
    ...{ createdAt: new Date(), editedAt: null },
  };
  await parts.comments.insertOne(row);
  await undoIfGone(parts, row);
  await parts.publish([told(row, { type: 'comment.created', ...placeOf(row, userId), mentions })]);
  return await toComment(parts.users, row);
};

/** A task or a project that was deleted meanwhile has taken its comments along before ours was written. */
const undoIfGone = async (
  { tasks, projects, comments }: CommentsParts,
  { _id, task, project }: CommentRow,
): Promise<void> => {
  const [itsTask, itsProject] = await Promise.all([
    tasks.exists({ _id: task, deletedAt: null }),
    projects.exists({ _id: project, deletedAt: null }),
  ]);
  if (itsTask !== null && itsProject !== null) return;
  await comments.deleteOne({ _id });
  throw new AppError('NOT_FOUND');
};

/** A comment on a task that one may see, or work on. */
export const getComment = async (
  parts: ReadingParts,
  { commentId, userId, needs }: { commentId: string; userId: string; needs: 'viewer' | 'member' },
): Promise<CommentRow> => {
  const row = await parts.comments.findOne({ _id: commentId }).lean<CommentRow>();
  if (row === null) throw new AppError('NOT_FOUND');
  await getTask(parts, { taskId: row.task, userId, needs });
  return row;
};

/** By its author. What is given is changed; where all was so already nothing is, and it is not marked as edited. */
export const updateComment = async (
  parts: CommentsParts,
  userId: string,
  { commentId, content, mentions }: z.output<typeof updateCommentInputSchema>,
): Promise<Comment> => {
  const row = await getComment(parts, { commentId, userId, needs: 'member' });
  if (row.author !== userId) throw new AppError('FORBIDDEN');
  const added = (mentions ?? []).filter((id) => !row.mentions.includes(id));
  await refuseStrangers(parts, { projectId: row.project, userIds: added, field: 'mentions' });
  const given = { ...(content !== undefined && { content }), ...(mentions !== undefined && { mentions }) };
  if (isDeepStrictEqual({ ...row, ...given }, row)) return await toComment(parts.users, row);
  const change = { ...given, editedAt: new Date() };
  const before = await parts.comments
    .findOneAndUpdate({ _id: commentId }, { $set: change }, { returnDocument: 'before' })
    .lean<CommentRow>();
  if (before === null) throw new AppError('NOT_FOUND');
  const after: CommentRow = { ...before, ...change };
  const anew = after.mentions.filter((id) => !before.mentions.includes(id));
  await parts.publish([told(after, { type: 'comment.updated', ...placeOf(after, userId), mentions: anew })]);
  return await toComment(parts.users, after);
};

/** By its author, or an admin of the project. */
export const deleteComment = async (
  parts: CommentsParts,
  userId: string,
  commentId: string,
): Promise<void> => {
  const row = await getComment(parts, { commentId, userId, needs: 'member' });
  if (row.author !== userId) await getOpen(parts, { projectId: row.project, userId, needs: 'admin' });
  const { deletedCount } = await parts.comments.deleteOne({ _id: commentId });
  if (deletedCount === 0) throw new AppError('NOT_FOUND');
  await parts.publish([told(row, { type: 'comment.deleted', ...placeOf(row, userId) })]);
};

const placeOf = ({ _id, project, task }: CommentRow, by: string) => ({
  ...{ projectId: project, taskId: task, commentId: _id, by },
});

const told = ({ project }: CommentRow, event: NewEvent['event']): NewEvent => ({
  event,
  audiences: [projectAudience(project)],
});
