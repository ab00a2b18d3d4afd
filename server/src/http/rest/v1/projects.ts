// Owns the routes of projects: themselves, who is in them, and ways in.
import { row } from './procedure-route.js';

/** Seen, but one's role is too low; or the state is another: archived, full, the last of its kind. */
const RULES = ['FORBIDDEN', 'CONFLICT'] as const;
const OVER = ['EXPIRED', 'CONFLICT', 'NOT_FOUND', 'TOKEN_INVALID'] as const;

export const projectRows = [
  row('POST', '/projects', 'projects.create', 'Make a project, and own it', {
    status: 201,
    errors: ['CONFLICT'],
    next: {
      param: 'projectId',
      procedures: [
        'projects.get',
        'projects.update',
        'projects.archive',
        'tasks.create',
        'tasks.list',
        'projects.delete',
      ],
    },
  }),
  row('GET', '/projects', 'projects.list', 'Own projects, the newest first'),
  row('GET', '/projects/{projectId}', 'projects.get', 'A project'),
  row('PATCH', '/projects/{projectId}', 'projects.update', 'Change what is given of a project', {
    errors: RULES,
  }),
  row('PUT', '/projects/{projectId}', 'projects.replace', 'Set name and description anew', { errors: RULES }),
  row('DELETE', '/projects/{projectId}', 'projects.delete', 'Delete a project with all that is in it', {
    errors: RULES,
  }),
  row(
    'POST',
    '/projects/{projectId}/archive',
    'projects.archive',
    'Let nothing in it change until it is restored',
    { errors: RULES },
  ),
  row('POST', '/projects/{projectId}/restore', 'projects.restore', 'Let it change again', { errors: RULES }),
  row('POST', '/projects/{projectId}/leave', 'projects.leave', 'Leave a project', { errors: RULES }),
  row('POST', '/projects/{projectId}/transfer', 'projects.transfer', 'Hand a project on to a member', {
    errors: RULES,
  }),
  row('GET', '/projects/{projectId}/members', 'projects.members.list', 'Who is in it', { errors: RULES }),
  row('POST', '/projects/{projectId}/members', 'projects.members.add', 'Take somebody in', {
    status: 201,
    errors: RULES,
  }),
  row('PATCH', '/projects/{projectId}/members/{userId}', 'projects.members.setRole', 'Give a member a role', {
    errors: RULES,
  }),
  row('DELETE', '/projects/{projectId}/members/{userId}', 'projects.members.remove', 'Take a member out', {
    errors: RULES,
  }),
  row('POST', '/projects/{projectId}/invitations', 'projects.invitations.create', 'Invite somebody', {
    status: 201,
    errors: RULES,
  }),
  row('GET', '/projects/{projectId}/invitations', 'projects.invitations.list', 'Who is invited', {
    errors: RULES,
  }),
  row('GET', '/me/project-invitations', 'projects.invitations.mine', 'Invitations one has'),
  row('POST', '/project-invitations/{invitationId}/accept', 'projects.invitations.accept', 'Come in', {
    errors: RULES,
  }),
  row('POST', '/project-invitations/{invitationId}/decline', 'projects.invitations.decline', 'Say no', {
    errors: RULES,
  }),
  row(
    'DELETE',
    '/project-invitations/{invitationId}',
    'projects.invitations.revoke',
    'Take an invitation back',
    { errors: RULES },
  ),
  row('POST', '/projects/{projectId}/links', 'projects.links.create', 'Make a link that lets people in', {
    status: 201,
    errors: RULES,
  }),
  row('GET', '/projects/{projectId}/links', 'projects.links.list', 'Links that let people in', {
    errors: RULES,
  }),
  row('DELETE', '/project-links/{linkId}', 'projects.links.revoke', 'End a link', { errors: RULES }),
  row('POST', '/project-links/preview', 'projects.links.preview', 'Where a link leads', { errors: OVER }),
  row('POST', '/project-links/join', 'projects.links.join', 'Come in by a link', {
    errors: [...OVER, 'FORBIDDEN'],
  }),
];
