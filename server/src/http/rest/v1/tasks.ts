// Owns the routes of what is done in projects: tasks, what is said of them, pads.
import { row } from './procedure-route.js';

const RULES = ['FORBIDDEN', 'CONFLICT'] as const;

export const taskRows = [
  row('POST', '/projects/{projectId}/tasks', 'tasks.create', 'Make a task', {
    status: 201,
    errors: RULES,
    next: {
      param: 'taskId',
      procedures: [
        'tasks.get',
        'tasks.update',
        'comments.create',
        'comments.list',
        'tasks.history',
        'tasks.delete',
      ],
    },
  }),
  row('GET', '/projects/{projectId}/tasks', 'tasks.list', 'Tasks of a project', { errors: RULES }),
  row('POST', '/projects/{projectId}/tasks/move', 'tasks.move', 'Move tasks on the board', { errors: RULES }),
  row('GET', '/tasks/{taskId}', 'tasks.get', 'A task'),
  row('PATCH', '/tasks/{taskId}', 'tasks.update', 'Change what is given of a task', { errors: RULES }),
  row('PUT', '/tasks/{taskId}', 'tasks.replace', 'Set a task anew', { errors: RULES }),
  row('DELETE', '/tasks/{taskId}', 'tasks.delete', 'Delete a task with its comments', { errors: RULES }),
  row('POST', '/tasks/{taskId}/pad', 'tasks.openPad', 'Give a task a pad, where it has none', {
    errors: RULES,
  }),
  row('GET', '/tasks/{taskId}/history', 'tasks.history', 'What became of status and assignees'),
  row('POST', '/tasks/{taskId}/comments', 'comments.create', 'Say something of a task', {
    status: 201,
    errors: RULES,
    next: { param: 'commentId', procedures: ['comments.get', 'comments.update', 'comments.delete'] },
  }),
  row('GET', '/tasks/{taskId}/comments', 'comments.list', 'What was said of a task, the oldest first'),
  row('GET', '/comments/{commentId}', 'comments.get', 'A comment'),
  row('PATCH', '/comments/{commentId}', 'comments.update', 'Change what is given of a comment', {
    errors: RULES,
  }),
  row('PUT', '/comments/{commentId}', 'comments.replace', 'Set a comment anew', { errors: RULES }),
  row('DELETE', '/comments/{commentId}', 'comments.delete', 'Delete a comment', { errors: RULES }),
  row('POST', '/pads', 'pads.create', 'Make a pad in a conversation or a project', {
    status: 201,
    errors: [...RULES, 'NOT_FOUND'],
    next: { param: 'id', procedures: ['pads.get', 'pads.delete'] },
  }),
  row('GET', '/pads', 'pads.list', 'Pads of a conversation or a project', {
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  }),
  row('GET', '/pads/{id}', 'pads.get', 'A pad', { errors: ['FORBIDDEN'] }),
  row('DELETE', '/pads/{id}', 'pads.delete', 'Delete a pad', { errors: RULES }),
];
