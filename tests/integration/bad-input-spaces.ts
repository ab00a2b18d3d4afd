// How the procedures of groups and rooms can be called, and what they must not take.
import { byIds, ID, linkRows, longId, type Row, type Sort, under, wrongPage } from './bad-input-row.js';

const settings = {
  ...{ topic: 'x', visibility: 'private', history: 'all', announces: true },
  ...{ capacity: 5, slowModeMs: 0, retentionDays: 1 },
};
const nullable = ['capacity', 'retentionDays'];
const wrongSettings = [
  ['topic', 'too long', 'x'.repeat(501)],
  ['topic', 'control characters', 'a\u0000'],
  ['visibility', 'another word', 'secret'],
  ['history', 'another word', 'none'],
  ['capacity', 'nobody', 0],
  ['capacity', 'more than may be in any', 10_001],
  ['slowModeMs', 'below zero', -1],
  ['retentionDays', 'half a day', 0.5],
] as const satisfies Row['wrong'];
const wrongName = [
  ['name', 'spaces only', ' \t '],
  ['name', 'control characters', 'a\u0007b'],
] as const satisfies Row['wrong'];

const ofSpace = byIds('conversationId');
const ofMember = byIds('conversationId', 'userId');
const outsiders: Sort = {
  valid: { conversationId: ID, cursor: 'x', limit: 1 },
  required: ['conversationId'],
  wrong: [['conversationId', ...longId]],
};

const common: Readonly<Record<string, Row>> = {
  get: { type: 'query', ...ofSpace },
  ...Object.fromEntries(
    ['join', 'leave', 'archive', 'restore', 'delete', 'decline'].map((name): [string, Row] => [
      name,
      { type: 'mutation', ...ofSpace },
    ]),
  ),
  ...Object.fromEntries(
    [
      ...['addMember', 'removeMember', 'transfer', 'ban', 'unban', 'silence', 'unsilence', 'invite'],
      'revokeInvitation',
    ].map((name): [string, Row] => [name, { type: 'mutation', ...ofMember }]),
  ),
  setRole: {
    type: 'mutation',
    valid: { ...ofMember.valid, role: 'admin' },
    required: [...ofMember.required, 'role'],
    wrong: [...ofMember.wrong, ['role', 'another word', 'king']],
  },
  banned: { type: 'query', ...outsiders },
  invited: { type: 'query', ...outsiders },
  invitations: { type: 'query', valid: { cursor: 'x', limit: 1 }, required: [], wrong: wrongPage },
  ...linkRows(ofSpace),
};

const search = (longest: number): Row['wrong'] => [
  ...wrongPage,
  ['search', 'too long', 'x'.repeat(longest + 1)],
];

export const spaces: Readonly<Record<string, Row>> = {
  ...under('groups', common),
  'groups.create': {
    type: 'mutation',
    valid: { name: 'a group', members: [ID], approval: false, ...settings },
    required: ['name'],
    nullable,
    wrong: [
      ...wrongSettings,
      ...wrongName,
      ['name', 'too long', 'x'.repeat(251)],
      ['members', 'somebody twice', [ID, ID]],
      ['members', 'too many', Array.from({ length: 101 }, (_, index) => `person-${index}`)],
      ['members.0', 'a too long id', ['x'.repeat(65)]],
    ],
  },
  'groups.update': {
    type: 'mutation',
    valid: { conversationId: ID, name: 'a group', approval: false, ...settings },
    required: ['conversationId'],
    nullable,
    wrong: [...wrongSettings, ...wrongName, ['name', 'too long', 'x'.repeat(251)]],
  },
  'groups.list': {
    type: 'query',
    valid: { search: 'x', archived: true, cursor: 'x', limit: 1 },
    required: [],
    wrong: search(100),
  },
  'groups.requests': { type: 'query', ...outsiders, like: 'groups.banned' },
  'groups.approve': { type: 'mutation', ...ofMember, like: 'groups.ban' },
  'groups.declineRequest': { type: 'mutation', ...ofMember, like: 'groups.ban' },
  ...Object.fromEntries(
    Object.entries(common).map(([name, row]) => [`rooms.${name}`, { ...row, like: `groups.${name}` }]),
  ),
  'rooms.joinOrCreate': {
    type: 'mutation',
    valid: { name: 'room', ...settings },
    required: ['name'],
    nullable,
    wrong: [...wrongSettings, ...wrongName, ['name', 'too long', 'x'.repeat(81)]],
  },
  'rooms.update': {
    type: 'mutation',
    valid: { conversationId: ID, name: 'room', ...settings },
    required: ['conversationId'],
    nullable,
    wrong: [...wrongSettings, ...wrongName, ['name', 'too long', 'x'.repeat(81)]],
  },
  'rooms.list': {
    type: 'query',
    valid: { search: 'x', recent: 1, withPrivate: true, archived: true, cursor: 'x', limit: 1 },
    required: [],
    wrong: [...search(80), ['recent', 'too many', 21], ['recent', 'below zero', -1]],
  },
};
