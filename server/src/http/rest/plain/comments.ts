import {
  type Comment,
  commentsListInputSchema,
  createCommentInputSchema,
  updateCommentInputSchema,
} from '@parley/shared';
import { z } from 'zod';
import { noFields, route } from '../route.js';
import { doneBody } from './done.js';
import { personBody, toPerson } from './people.js';

const tag = 'Comments';

const commentBody = z.object({
  id: z.string(),
  content: z.string(),
  user: personBody,
  task: z.string(),
  created_at: z.date(),
  updated_at: z.date(),
});

const toBody = (comment: Comment): z.input<typeof commentBody> => ({
  ...{ id: comment.id, content: comment.content, user: toPerson(comment.author), task: comment.taskId },
  ...{ created_at: comment.createdAt, updated_at: comment.editedAt ?? comment.createdAt },
});

const { cursor, limit } = commentsListInputSchema.shape;
const { content } = createCommentInputSchema.shape;
/** What may be wrong with a change of one. */
const errors = ['FORBIDDEN', 'CONFLICT'] as const;

export const commentRoutes = [
  route({
    id: 'listComments',
    method: 'GET',
    paths: ['/api/tasks/{id}/comments/'],
    tag,
    summary: 'Comments on a task, the oldest first',
    procedure: 'comments.list',
    input: z.object({ cursor, limit }),
    response: z.array(commentBody),
    run: async ({ api }, { params, input }) => {
      const { items, nextCursor } = await api.comments.list({ ...input, taskId: params.id });
      return { body: items.map(toBody), next: nextCursor };
    },
  }),
  route({
    id: 'createComment',
    method: 'POST',
    paths: ['/api/tasks/{id}/comments/'],
    tag,
    summary: 'Say something of a task',
    procedure: 'comments.create',
    input: z.object({ content }),
    statuses: [201],
    response: commentBody,
    errors,
    links: { getComment: { id: '$response.body#/id' } },
    run: async ({ api }, { params, input }) => ({
      body: toBody(await api.comments.create({ ...input, taskId: params.id })),
    }),
  }),
  route({
    id: 'getComment',
    method: 'GET',
    paths: ['/api/comments/{id}/'],
    tag,
    summary: 'A comment',
    procedure: 'comments.get',
    input: noFields,
    response: commentBody,
    run: async ({ api }, { params }) => ({ body: toBody(await api.comments.get({ commentId: params.id })) }),
  }),
  route({
    id: 'updateComment',
    method: 'PATCH',
    paths: ['/api/comments/{id}/'],
    tag,
    summary: 'Change what is given of one’s own comment',
    procedure: 'comments.update',
    input: z.object({ content: updateCommentInputSchema.shape.content }),
    response: commentBody,
    errors,
    run: async ({ api }, { params, input }) => ({
      body: toBody(await api.comments.update({ ...input, commentId: params.id })),
    }),
  }),
  route({
    id: 'replaceComment',
    method: 'PUT',
    paths: ['/api/comments/{id}/'],
    tag,
    summary: 'One’s own comment anew; who is mentioned stays',
    procedure: 'comments.update',
    input: z.object({ content }),
    response: commentBody,
    errors,
    run: async ({ api }, { params, input }) => ({
      body: toBody(await api.comments.update({ ...input, commentId: params.id })),
    }),
  }),
  route({
    id: 'deleteComment',
    method: 'DELETE',
    paths: ['/api/comments/{id}/'],
    tag,
    summary: 'Delete a comment; by its author or admins of the project',
    procedure: 'comments.delete',
    input: noFields,
    response: doneBody,
    errors,
    run: async ({ api }, { params }) => {
      await api.comments.delete({ commentId: params.id });
      return { body: { message: 'Comment deleted successfully.' } };
    },
  }),
];
