// Owns the routes of groups and rooms, which have most in common.
import type { ErrorCode } from '@parley/shared';
import { type ProcedureRow, row } from './procedure-route.js';

const RULES: readonly ErrorCode[] = ['FORBIDDEN', 'CONFLICT'];
const OVER: readonly ErrorCode[] = ['EXPIRED', 'CONFLICT', 'NOT_FOUND', 'TOKEN_INVALID'];

const commonRows = (kind: 'groups' | 'rooms', one: 'group' | 'room'): ProcedureRow[] => {
  const it = `/${kind}/{conversationId}`;
  const member = `${it}/members/{userId}`;
  const banned = `${it}/banned/{userId}`;
  const silenced = `${it}/silenced/{userId}`;
  const invited = `${it}/invited/{userId}`;
  const links = `/${one}-links`;
  return [
    row('GET', `/${kind}`, `${kind}.list`, `Public ${kind}, the newest activity first`),
    row('GET', it, `${kind}.get`, `A ${one}`, { errors: RULES }),
    row('PATCH', it, `${kind}.update`, `Change what is given of a ${one}`, { errors: RULES }),
    row('DELETE', it, `${kind}.delete`, `Delete a ${one} with all that was said in it`, { errors: RULES }),
    row('POST', `${it}/join`, `${kind}.join`, 'Come in', { errors: RULES }),
    row('POST', `${it}/leave`, `${kind}.leave`, 'Leave', { errors: RULES }),
    row('POST', `${it}/decline`, `${kind}.decline`, 'Say no to an invitation', { errors: RULES }),
    row('POST', `${it}/archive`, `${kind}.archive`, 'Let nobody write in it until it is restored', {
      errors: RULES,
    }),
    row('POST', `${it}/restore`, `${kind}.restore`, 'Let people write in it again', { errors: RULES }),
    row('POST', `${it}/transfer`, `${kind}.transfer`, 'Hand it on to a member', { errors: RULES }),
    row('PUT', member, `${kind}.addMember`, 'Take somebody in', { errors: RULES }),
    row('PATCH', member, `${kind}.setRole`, 'Give a member a role', { errors: RULES }),
    row('DELETE', member, `${kind}.removeMember`, 'Take a member out', { errors: RULES }),
    row('GET', `${it}/banned`, `${kind}.banned`, 'Who is banned', { errors: RULES }),
    row('PUT', banned, `${kind}.ban`, 'Put somebody out for good', { errors: RULES }),
    row('DELETE', banned, `${kind}.unban`, 'Let somebody come back', { errors: RULES }),
    row('PUT', silenced, `${kind}.silence`, 'Let a member only read', { errors: RULES }),
    row('DELETE', silenced, `${kind}.unsilence`, 'Let a member write again', { errors: RULES }),
    row('GET', `${it}/invited`, `${kind}.invited`, 'Who is invited', { errors: RULES }),
    row('PUT', invited, `${kind}.invite`, 'Invite somebody', { errors: RULES }),
    row('DELETE', invited, `${kind}.revokeInvitation`, 'Take an invitation back', { errors: RULES }),
    row('GET', `/me/${one}-invitations`, `${kind}.invitations`, 'Invitations one has'),
    row('POST', `${it}/links`, `${kind}.links.create`, 'Make a link that lets people in', {
      status: 201,
      errors: RULES,
    }),
    row('GET', `${it}/links`, `${kind}.links.list`, 'Links that let people in', { errors: RULES }),
    row('DELETE', `${links}/{linkId}`, `${kind}.links.revoke`, 'End a link', { errors: RULES }),
    row('POST', `${links}/preview`, `${kind}.links.preview`, 'Where a link leads', { errors: OVER }),
    row('POST', `${links}/join`, `${kind}.links.join`, 'Come in by a link', {
      errors: [...OVER, 'FORBIDDEN'],
    }),
  ];
};

const request = '/groups/{conversationId}/requests';

export const spaceRows = [
  row('POST', '/groups', 'groups.create', 'Make a group, and own it', {
    status: 201,
    errors: ['CONFLICT', 'NOT_FOUND'],
    next: {
      param: 'conversationId',
      procedures: [
        'groups.get',
        'groups.update',
        'messages.send',
        'messages.list',
        'groups.links.create',
        'groups.delete',
      ],
    },
  }),
  ...commonRows('groups', 'group'),
  row('GET', request, 'groups.requests', 'Who wants to come in', { errors: RULES }),
  row('POST', `${request}/{userId}/approve`, 'groups.approve', 'Let somebody in', { errors: RULES }),
  row('DELETE', `${request}/{userId}`, 'groups.declineRequest', 'Let somebody not in', { errors: RULES }),
  row('POST', '/rooms', 'rooms.joinOrCreate', 'Enter the room of that name, made where there is none', {
    errors: RULES,
  }),
  ...commonRows('rooms', 'room'),
];
