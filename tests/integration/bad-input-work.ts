// How the procedures of projects, tasks and comments can be called, and what they must not take.
import { byIds, ID, linkRows, longId, type Row, under, wrongPage } from './bad-input-row.js';

const wrongProject = [
  ['name', 'spaces only', ' \t '],
  ['name', 'unseen letters', 'a\u200bb'],
  ['name', 'too long', 'x'.repeat(251)],
  ['description', 'control characters', 'a\u0000'],
  ['description', 'half a character', 'a\ud800'],
] as const satisfies Row['wrong'];
const wrongTask = [
  ['title', 'spaces only', ' \t '],
  ['title', 'unseen letters', 'a\u200bb'],
  ['title', 'too long', 'x'.repeat(251)],
  ['description', 'control characters', 'a\u0000'],
  ['description', 'too long', 'x'.repeat(20_001)],
  ['status', 'another word', 'later'],
  ['priority', 'another word', 'urgent'],
  ['assignees', 'somebody twice', [ID, ID]],
  ['assignees', 'too many', Array.from({ length: 21 }, (_, index) => `person-${index}`)],
  ['assignees.0', 'a too long id', ['x'.repeat(65)]],
  ['labels', 'the same but for letter case', ['River', 'rIVER']],
  ['labels', 'too many', Array.from({ length: 21 }, (_, index) => `label ${index}`)],
  ['labels.0', 'no words', ['  ']],
  ['labels.0', 'too long', ['x'.repeat(51)]],
  ['due.at', 'text', { at: '2020-01-01', timeZone: 'UTC' }],
  ['due.timeZone', 'no zone', { at: '2020-01-01', timeZone: 'Europe/Nowhere' }],
  ['due.timeZone', 'nothing', { at: '2020-01-01' }],
  ['due.more', 'something else', { at: '2020-01-01', timeZone: 'UTC', more: 1 }],
] as const satisfies Row['wrong'];
const wrongVersion = [
  ['version', 'half a one', 1.5],
  ['version', 'none', 0],
  ['version', 'text', '1'],
] as const satisfies Row['wrong'];
const task = {
  ...{ title: 'a stone', description: 'x', status: 'todo', priority: 'low' },
  ...{ assignees: [ID], labels: ['river'], due: null },
};
const taskRef = byIds('taskId');
const wrongComment = [
  ['content', 'spaces only', ' \n '],
  ['content', 'too long', 'x'.repeat(8_001)],
  ['mentions', 'somebody twice', [ID, ID]],
  ['mentions', 'too many', Array.from({ length: 51 }, (_, index) => `person-${index}`)],
  ['mentions.0', 'a too long id', ['x'.repeat(65)]],
] as const satisfies Row['wrong'];
const commentRef = byIds('commentId');
const projectRef = byIds('projectId');
const projectMember = byIds('projectId', 'userId');

export const work: Readonly<Record<string, Row>> = {
  'projects.create': {
    type: 'mutation',
    valid: { name: 'a bridge', description: 'x' },
    required: ['name'],
    wrong: wrongProject,
  },
  'projects.list': {
    type: 'query',
    valid: { archived: true, cursor: 'x', limit: 1 },
    required: [],
    wrong: wrongPage,
  },
  'projects.update': {
    type: 'mutation',
    valid: { projectId: ID, name: 'a bridge', description: 'x' },
    required: ['projectId'],
    wrong: [['projectId', ...longId], ...wrongProject],
  },
  'projects.replace': {
    type: 'mutation',
    valid: { projectId: ID, name: 'a bridge', description: 'x' },
    required: ['projectId', 'name', 'description'],
    wrong: [['projectId', ...longId], ...wrongProject],
  },
  'projects.get': { type: 'query', ...projectRef },
  ...Object.fromEntries(
    ['archive', 'restore', 'delete', 'leave'].map((name): [string, Row] => [
      `projects.${name}`,
      { type: 'mutation', ...projectRef },
    ]),
  ),
  'projects.transfer': { type: 'mutation', ...projectMember },
  'projects.members.list': {
    type: 'query',
    valid: { projectId: ID, cursor: 'x', limit: 1 },
    required: ['projectId'],
    wrong: [...wrongPage, ['projectId', ...longId]],
  },
  'projects.members.add': {
    type: 'mutation',
    valid: { ...projectMember.valid, role: 'viewer' },
    required: projectMember.required,
    wrong: [...projectMember.wrong, ['role', 'another word', 'owner']],
  },
  'projects.members.setRole': {
    type: 'mutation',
    valid: { ...projectMember.valid, role: 'viewer' },
    required: [...projectMember.required, 'role'],
    wrong: [...projectMember.wrong, ['role', 'another word', 'owner']],
  },
  'projects.members.remove': { type: 'mutation', ...projectMember },
  'projects.invitations.create': {
    type: 'mutation',
    valid: { ...projectMember.valid, role: 'viewer' },
    required: projectMember.required,
    wrong: [...projectMember.wrong, ['role', 'another word', 'owner']],
  },
  'projects.invitations.list': {
    type: 'query',
    valid: { projectId: ID, cursor: 'x', limit: 1 },
    required: ['projectId'],
    wrong: [...wrongPage, ['projectId', ...longId]],
  },
  'projects.invitations.mine': {
    type: 'query',
    valid: { cursor: 'x', limit: 1 },
    required: [],
    wrong: wrongPage,
  },
  ...Object.fromEntries(
    ['accept', 'decline', 'revoke'].map((name): [string, Row] => [
      `projects.invitations.${name}`,
      { type: 'mutation', ...byIds('invitationId') },
    ]),
  ),
  ...under(
    'projects',
    linkRows(projectRef, {
      valid: { role: 'viewer' },
      wrong: [['role', 'more than a link may give', 'admin']],
    }),
  ),
  'tasks.create': {
    type: 'mutation',
    valid: { projectId: ID, ...task },
    required: ['projectId', 'title'],
    nullable: ['due'],
    wrong: [['projectId', ...longId], ...wrongTask],
  },
  'tasks.get': { type: 'query', ...taskRef },
  'tasks.list': {
    type: 'query',
    valid: {
      ...{ projectId: ID, status: ['todo'], assignee: ID, overdue: true, label: 'river', text: 'sto' },
      ...{ ids: [ID], sort: 'due', cursor: 'x', limit: 1 },
    },
    required: ['projectId'],
    nullable: ['assignee'],
    wrong: [
      ...wrongPage,
      ['projectId', ...longId],
      ['status', 'none', []],
      ['status.0', 'another word', ['later']],
      ['overdue', 'not', false],
      ['label', 'too long', 'x'.repeat(51)],
      ['text', 'too long', 'x'.repeat(101)],
      ['ids', 'none', []],
      ['ids', 'too many', Array.from({ length: 101 }, (_, index) => `task-${index}`)],
      ['sort', 'another word', 'random'],
    ],
  },
  'tasks.update': {
    type: 'mutation',
    valid: { taskId: ID, version: 1, ...task },
    required: ['taskId'],
    nullable: ['due'],
    wrong: [['taskId', ...longId], ...wrongVersion, ...wrongTask],
  },
  'tasks.replace': {
    type: 'mutation',
    valid: { taskId: ID, version: 1, ...task },
    required: ['taskId', 'title', 'description', 'status', 'priority', 'assignees', 'due', 'labels'],
    nullable: ['due'],
    wrong: [['taskId', ...longId], ...wrongVersion, ...wrongTask],
  },
  'tasks.move': {
    type: 'mutation',
    valid: { projectId: ID, taskIds: [ID], status: 'done', place: 'first', version: 1 },
    required: ['projectId', 'taskIds', 'place'],
    wrong: [
      ['projectId', ...longId],
      ...wrongVersion,
      ['taskIds', 'none', []],
      ['taskIds', 'one twice', [ID, ID]],
      ['taskIds', 'too many', Array.from({ length: 101 }, (_, index) => `task-${index}`)],
      ['status', 'another word', 'later'],
      ['place', 'another word', 'middle'],
      ['place', 'two neighbours', { before: ID, after: ID }],
      ['place.before', 'a too long id', { before: 'x'.repeat(65) }],
    ],
  },
  'tasks.delete': {
    type: 'mutation',
    valid: { taskId: ID, version: 1 },
    required: ['taskId'],
    wrong: [['taskId', ...longId], ...wrongVersion],
  },
  'tasks.openPad': { type: 'mutation', ...taskRef },
  'tasks.history': {
    type: 'query',
    valid: { taskId: ID, cursor: 'x', limit: 1 },
    required: ['taskId'],
    wrong: [...wrongPage, ['taskId', ...longId]],
  },
  'comments.create': {
    type: 'mutation',
    valid: { taskId: ID, content: 'hello', mentions: [ID] },
    required: ['taskId', 'content'],
    wrong: [['taskId', ...longId], ...wrongComment],
  },
  'comments.get': { type: 'query', ...commentRef },
  'comments.list': {
    type: 'query',
    valid: { taskId: ID, ids: [ID], cursor: 'x', limit: 1 },
    required: ['taskId'],
    wrong: [
      ...wrongPage,
      ['taskId', ...longId],
      ['ids', 'none', []],
      ['ids', 'too many', Array.from({ length: 101 }, (_, index) => `comment-${index}`)],
    ],
  },
  'comments.update': {
    type: 'mutation',
    valid: { commentId: ID, content: 'hello', mentions: [ID] },
    required: ['commentId'],
    wrong: [['commentId', ...longId], ...wrongComment],
  },
  'comments.replace': {
    type: 'mutation',
    valid: { commentId: ID, content: 'hello', mentions: [ID] },
    required: ['commentId', 'content', 'mentions'],
    wrong: [['commentId', ...longId], ...wrongComment],
  },
  'comments.delete': { type: 'mutation', ...commentRef },
};
