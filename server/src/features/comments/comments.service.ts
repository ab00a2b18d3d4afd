import type {
  Comment,
  commentsListInputSchema,
  createCommentInputSchema,
  updateCommentInputSchema,
} from '@parley/shared';
import type { z } from 'zod';
import { removeInParts } from '../../platform/rows.js';
import { commentIndexes } from './comment.model.js';
import { listComments, type OwnComments, ownComments, toComment } from './show-comments.js';
import {
  type CommentsParts,
  createComment,
  deleteComment,
  getComment,
  updateComment,
} from './write-comments.js';

/**
 * Every method answers NOT_FOUND to whoever is not in the project, FORBIDDEN to whoever may do less in it than is needed, and CONFLICT
 * to changes while it is archived.
 */
export interface CommentsService {
  create(userId: string, input: z.output<typeof createCommentInputSchema>): Promise<Comment>;
  get(userId: string, commentId: string): Promise<Comment>;
  list(
    userId: string,
    input: z.output<typeof commentsListInputSchema>,
  ): Promise<{ items: Comment[]; nextCursor: string | null }>;
  /** By its author. */
  update(userId: string, input: z.output<typeof updateCommentInputSchema>): Promise<Comment>;
  /** By its author, or an admin of the project. */
  delete(userId: string, commentId: string): Promise<void>;
  /** Removes all comments on a task that is being deleted; safe to repeat. */
  removeOfTask(taskId: string): Promise<void>;
  /** The same for a project. */
  removeOfProject(projectId: string): Promise<void>;
  /** For taking along. */
  own: OwnComments;
}

export const createCommentsService = (parts: CommentsParts): CommentsService => ({
  create: (userId, input) => createComment(parts, userId, input),
  get: async (userId, commentId) =>
    await toComment(parts.users, await getComment(parts, { commentId, userId, needs: 'viewer' })),
  list: (userId, input) => listComments(parts, userId, input),
  update: (userId, input) => updateComment(parts, userId, input),
  delete: (userId, commentId) => deleteComment(parts, userId, commentId),
  removeOfTask: (task) => removeInParts(parts.comments, { task }, commentIndexes.task),
  removeOfProject: (project) => removeInParts(parts.comments, { project }, commentIndexes.project),
  own: (userId, cursor) => ownComments(parts, userId, cursor),
});
