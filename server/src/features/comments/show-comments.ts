// Owns what others see of comments, in lists and one by one, and taking one's own along.
import type { Comment, commentsListInputSchema } from '@parley/shared';
import { z } from 'zod';
import { cutPage, decodeCursor } from '../../platform/cursor.js';
import { getTask, type TaskModels } from '../tasks/index.js';
import type { UsersService } from '../users/index.js';
import { type CommentModel, type CommentRow, commentIndexes } from './comment.model.js';

export interface ReadingParts extends TaskModels {
  readonly comments: CommentModel;
  readonly users: Pick<UsersService, 'people'>;
}

interface Page {
  readonly items: Comment[];
  readonly nextCursor: string | null;
}

/** A page of what somebody has written, wherever it stands, the oldest first. */
export type OwnComments = (userId: string, cursor: string | undefined) => Promise<Page>;

const LIST = 'comments';
const OWN = 'own-comments';
const OWN_PAGE = 100;
const place = z.tuple([z.string().min(1).max(64)]);

export const listComments = async (
  parts: ReadingParts,
  userId: string,
  { taskId, ids, cursor, limit }: z.output<typeof commentsListInputSchema>,
): Promise<Page> => {
  const after = afterCursor(LIST, cursor);
  await getTask(parts, { taskId, userId, needs: 'viewer' });
  const those = ids === undefined ? [] : [{ _id: { $in: ids } }];
  const found = await parts.comments
    .find({ $and: [{ task: taskId }, ...those, after] })
    .hint(ids === undefined ? commentIndexes.task : { _id: 1 })
    .sort({ _id: 1 })
    .limit(limit + 1)
    .lean<CommentRow[]>();
  return await toPage(parts, { list: LIST, found, limit });
};

export const ownComments = async (
  parts: ReadingParts,
  userId: string,
  cursor: string | undefined,
): Promise<Page> => {
  const found = await parts.comments
    .find({ $and: [{ author: userId }, afterCursor(OWN, cursor)] })
    .hint(commentIndexes.author)
    .sort({ _id: 1 })
    .limit(OWN_PAGE + 1)
    .lean<CommentRow[]>();
  return await toPage(parts, { list: OWN, found, limit: OWN_PAGE });
};

const afterCursor = (list: string, cursor: string | undefined): object =>
  cursor === undefined ? {} : { _id: { $gt: decodeCursor(list, place, cursor)[0] } };

const toPage = async (
  { users }: ReadingParts,
  { list, found, limit }: { list: string; found: readonly CommentRow[]; limit: number },
): Promise<Page> => {
  const { rows, nextCursor } = cutPage(list, found, limit, (last) => [last._id]);
  return { items: await toComments(users, rows), nextCursor };
};

/** In the same order; the names come in one query. */
const toComments = async (
  users: Pick<UsersService, 'people'>,
  rows: readonly CommentRow[],
): Promise<Comment[]> => {
  const people = await users.people(rows.map(({ author }) => author));
  return rows.map(({ _id, project, task, author, content, mentions, createdAt, editedAt }) => ({
    ...{ id: _id, projectId: project, taskId: task, content, mentions: [...mentions], createdAt, editedAt },
    author: people.get(author) ?? { id: author, username: null, name: '' },
  }));
};

export const toComment = async (users: Pick<UsersService, 'people'>, row: CommentRow): Promise<Comment> => {
  const [comment] = await toComments(users, [row]);
  if (comment === undefined) throw new TypeError('a comment that was found must be shown');
  return comment;
};
