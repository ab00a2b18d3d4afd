// How every procedure can be called, and what it must not take.
import { TEST_PASSWORD } from '../harness/kit.js';
import { ID, longId, type Row, wrongPage } from './bad-input-row.js';
import { spaces } from './bad-input-spaces.js';
import { talk } from './bad-input-talk.js';
import { work } from './bad-input-work.js';

const wrongMessage = [
  ['conversationId', ...longId],
  ['id', 'lower case', ID.toLowerCase()],
  ['id', 'too short', ID.slice(1)],
] as const satisfies Row['wrong'];
const account = {
  username: 'someone.else',
  email: 'someone.else@b.example',
  firstName: 'A',
  lastName: 'B',
  bio: 'x',
  interests: ['climbing'],
  lastSeen: 'nobody',
  isListed: false,
};
const wrongAccount = [
  ['username', 'one letter', 'a'],
  ['username', 'zero-width letters', 'a\u200bb'],
  ['username', 'reserved', 'admin'],
  ['email', 'no address', 'nobody'],
  ['firstName', 'half a character', 'a\ud800'],
  ['lastName', 'too long', 'x'.repeat(151)],
  ['bio', 'control characters', 'a\u0000'],
  ['bio', 'too long', 'x'.repeat(2_001)],
  ['interests', 'too many', Array.from({ length: 31 }, (_, index) => `thing ${index}`)],
  ['interests.0', 'no words', ['  ']],
  ['interests.0', 'too long', ['x'.repeat(51)]],
  ['lastSeen', 'another word', 'sometimes'],
  ['isListed', 'a yes in words', 'yes'],
] as const satisfies Row['wrong'];

const watched = {
  valid: { userIds: [ID] },
  required: ['userIds'],
  wrong: [
    ['userIds', 'nobody', []],
    ['userIds', 'too many', Array.from({ length: 201 }, (_, index) => `person-${index}`)],
    ['userIds.0', 'a too long id', ['x'.repeat(65)]],
  ],
} as const satisfies Omit<Row, 'type'>;

const wrongAct = [
  ['userId', ...longId],
  ['reason', 'too long', 'x'.repeat(501)],
  ['reason', 'control characters', 'a\u0000'],
] as const satisfies Row['wrong'];

/** All procedures. A new one that has no row fails the first test below. */
export const table: Readonly<Record<string, Row>> = {
  'auth.register': {
    type: 'mutation',
    valid: {
      username: 'someone',
      email: 'a@b.example',
      password: TEST_PASSWORD,
      firstName: 'A',
      lastName: 'B',
      device: 'x',
    },
    required: ['password'],
    wrong: [
      ['username', 'one letter', 'a'],
      ['username', 'too long', 'a'.repeat(65)],
      ['username', 'a space inside', 'two words'],
      ['username', 'control characters', 'a\u0000b'],
      ['username', 'an address', 'a@b.example'],
      ['username', 'half a character', 'a\ud800'],
      ['email', 'no address', 'nobody'],
      ['email', 'control characters', 'a\u0000@b.example'],
      ['email', 'too long', `${'a'.repeat(250)}@b.example`],
      ['password', 'too short', 'x1-y2'],
      ['password', 'too many bytes', 'ü'.repeat(40)],
      ['firstName', 'too long', 'x'.repeat(151)],
      ['lastName', 'control characters', 'a\u001b[31m'],
      ['device', 'too long', 'x'.repeat(101)],
    ],
  },
  'auth.login': {
    type: 'mutation',
    valid: { login: 'someone', password: TEST_PASSWORD, device: 'x' },
    required: ['login', 'password'],
    wrong: [
      ['login', 'nothing', ''],
      ['login', 'too long', 'x'.repeat(255)],
      ['password', 'nothing', ''],
    ],
  },
  'auth.refresh': {
    type: 'mutation',
    valid: { refreshToken: 'x' },
    required: ['refreshToken'],
    wrong: [['refreshToken', 'nothing', '']],
  },
  'auth.logout': {
    type: 'mutation',
    valid: { refreshToken: 'x' },
    required: [],
    wrong: [['refreshToken', 'nothing', '']],
  },
  'auth.me': { type: 'query', valid: {}, required: [], wrong: [] },
  'auth.logoutEverywhere': {
    type: 'mutation',
    valid: { keepThis: true },
    required: [],
    wrong: [['keepThis', 'a yes in words', 'yes']],
  },
  'auth.sessions': { type: 'query', valid: { cursor: 'x', limit: 1 }, required: [], wrong: wrongPage },
  'auth.revokeSession': {
    type: 'mutation',
    valid: { sessionId: ID },
    required: ['sessionId'],
    wrong: [
      ['sessionId', 'nothing', ''],
      ['sessionId', ...longId],
    ],
  },
  'auth.changePassword': {
    type: 'mutation',
    valid: { currentPassword: 'not mine', newPassword: TEST_PASSWORD },
    required: ['currentPassword', 'newPassword'],
    wrong: [
      ['currentPassword', 'nothing', ''],
      ['currentPassword', 'far too long', 'x'.repeat(289)],
      ['newPassword', 'too short', 'x1-y2'],
      ['newPassword', 'too many bytes', 'ü'.repeat(40)],
    ],
  },
  'auth.requestPasswordReset': {
    type: 'mutation',
    valid: { email: 'nobody@b.example' },
    required: ['email'],
    wrong: [
      ['email', 'no address', 'nobody'],
      ['email', 'two lines', 'a@b.example\nBcc: c@d.example'],
    ],
  },
  'auth.resetPassword': {
    type: 'mutation',
    valid: { token: 'x', newPassword: TEST_PASSWORD },
    required: ['token', 'newPassword'],
    wrong: [
      ['token', 'nothing', ''],
      ['token', 'far too long', 'x'.repeat(201)],
      ['newPassword', 'too short', 'x1-y2'],
    ],
  },
  'users.get': {
    type: 'query',
    valid: { userId: ID },
    required: ['userId'],
    wrong: [
      ['userId', 'nothing', ''],
      ['userId', ...longId],
    ],
  },
  'users.list': {
    type: 'query',
    valid: { search: 'a', cursor: 'x', limit: 1 },
    required: [],
    wrong: [...wrongPage, ['search', 'too long', 'x'.repeat(101)]],
  },
  'users.export': {
    type: 'query',
    valid: { cursor: 'x' },
    required: [],
    wrong: wrongPage.filter(([field]) => field === 'cursor'),
  },
  'users.delete': {
    type: 'mutation',
    valid: { password: 'not mine' },
    required: ['password'],
    wrong: [
      ['password', 'nothing', ''],
      ['password', 'far too long', 'x'.repeat(289)],
    ],
  },
  'users.update': {
    type: 'mutation',
    valid: account,
    required: [],
    nullable: ['username', 'email'],
    wrong: wrongAccount,
  },
  'users.replace': {
    type: 'mutation',
    valid: account,
    required: Object.keys(account),
    nullable: ['username', 'email'],
    wrong: wrongAccount,
  },
  'friends.list': {
    type: 'query',
    valid: { state: 'friends', cursor: 'x', limit: 1 },
    required: [],
    wrong: [...wrongPage, ['state', 'another word', 'enemies']],
  },
  ...Object.fromEntries(
    ['request', 'accept', 'decline', 'cancel', 'remove', 'block', 'unblock'].map((name): [string, Row] => [
      `friends.${name}`,
      { type: 'mutation', valid: { userId: ID }, required: ['userId'], wrong: [['userId', ...longId]] },
    ]),
  ),
  'friends.suggestions': {
    type: 'query',
    valid: { limit: 1 },
    required: [],
    wrong: [
      ['limit', 'none', 0],
      ['limit', 'too many', 21],
    ],
  },
  'presence.online': {
    type: 'query',
    valid: { among: 'everyone', cursor: 'x', limit: 1 },
    required: [],
    wrong: [...wrongPage, ['among', 'another word', 'enemies']],
  },
  'presence.get': { type: 'query', ...watched },
  'presence.watch': { type: 'subscription', ...watched },
  'presence.status': { type: 'query', valid: {}, required: [], wrong: [] },
  'presence.setStatus': {
    type: 'mutation',
    valid: { status: 'away' },
    required: ['status'],
    wrong: [['status', 'another word', 'offline']],
  },
  'events.stream': {
    type: 'subscription',
    valid: { lastEventId: '1' },
    required: [],
    wrong: [
      ['lastEventId', 'no id', 'x'],
      ['lastEventId', 'not whole', '1.5'],
      ['lastEventId', 'too long', '1'.repeat(16)],
    ],
  },
  'notifications.list': {
    type: 'query',
    valid: { unread: true, cursor: 'x', limit: 1 },
    required: [],
    wrong: wrongPage,
  },
  'notifications.unread': { type: 'query', valid: {}, required: [], wrong: [] },
  'notifications.markRead': {
    type: 'mutation',
    valid: { ids: ['none'] },
    required: ['ids'],
    wrong: [
      ['ids', 'none of them', []],
      ['ids', 'too many', Array.from({ length: 101 }, () => 'x')],
    ],
  },
  'notifications.preferences': { type: 'query', valid: {}, required: [], wrong: [] },
  'notifications.setPreferences': {
    type: 'mutation',
    valid: {
      mention: true,
      assignment: true,
      invitation: false,
      joinRequest: true,
      friendRequest: true,
      dueSoon: true,
    },
    required: [],
    wrong: [],
  },
  'admin.users.list': {
    type: 'query',
    valid: { search: 'a', role: 'user', suspended: false, cursor: 'x', limit: 1 },
    required: [],
    wrong: [...wrongPage, ['search', 'too long', 'x'.repeat(101)], ['role', 'another word', 'king']],
  },
  ...Object.fromEntries(
    ['users.suspend', 'users.restore', 'sessions.revoke'].map((name): [string, Row] => [
      `admin.${name}`,
      { type: 'mutation', valid: { userId: ID, reason: 'x' }, required: ['userId'], wrong: wrongAct },
    ]),
  ),
  'admin.users.setRole': {
    type: 'mutation',
    valid: { userId: ID, role: 'admin', reason: 'x' },
    required: ['userId', 'role'],
    wrong: [...wrongAct, ['role', 'another word', 'king']],
  },
  'admin.stats': { type: 'query', valid: {}, required: [], wrong: [] },
  'admin.audit': { type: 'query', valid: { cursor: 'x', limit: 1 }, required: [], wrong: wrongPage },
  'conversations.start': {
    type: 'mutation',
    valid: { userId: ID },
    required: ['userId'],
    wrong: [
      ['userId', 'nothing', ''],
      ['userId', ...longId],
    ],
  },
  'conversations.markRead': {
    type: 'mutation',
    valid: { conversationId: 'x', seq: 1 },
    required: ['conversationId', 'seq'],
    wrong: [
      ['seq', 'below zero', -1],
      ['seq', 'not whole', 1.5],
    ],
  },
  'conversations.list': { type: 'query', valid: { cursor: 'x', limit: 1 }, required: [], wrong: wrongPage },
  ...spaces,
  'messages.list': {
    type: 'query',
    valid: { conversationId: ID, direction: 'older', cursor: 'x', limit: 1 },
    required: ['conversationId'],
    wrong: [
      ...wrongPage,
      ['direction', 'no direction', 'sideways'],
      ['conversationId', ...longId],
      ['fromSeq', 'beside a cursor', 5],
      ['fromSeq', 'negative', -1],
      ['fromSeq', 'no whole number', 1.5],
      ['fromSeq', 'text', '5'],
    ],
  },
  'messages.edit': {
    type: 'mutation',
    valid: { conversationId: ID, id: ID, text: 'hello', mentions: [ID] },
    required: ['conversationId', 'id', 'text'],
    wrong: [...wrongMessage, ['text', 'spaces only', ' \n '], ['text', 'too long', 'x'.repeat(8_001)]],
  },
  'messages.delete': {
    type: 'mutation',
    valid: { conversationId: ID, id: ID },
    required: ['conversationId', 'id'],
    wrong: wrongMessage,
  },
  'messages.react': {
    type: 'mutation',
    valid: { conversationId: ID, id: ID, emoji: '👍' },
    required: ['conversationId', 'id', 'emoji'],
    wrong: [...wrongMessage, ['emoji', 'a word', 'word'], ['emoji', 'too long', '👍'.repeat(40)]],
  },
  'messages.unreact': {
    type: 'mutation',
    valid: { conversationId: ID, id: ID, emoji: '👍' },
    required: ['conversationId', 'id', 'emoji'],
    wrong: [...wrongMessage, ['emoji', 'a word', 'word']],
  },
  'messages.send': {
    type: 'mutation',
    valid: { conversationId: ID, id: ID, text: 'hello', replyTo: ID, mentions: [ID], files: [ID] },
    required: ['conversationId', 'text'],
    wrong: [
      ['id', 'lower case', ID.toLowerCase()],
      ['id', 'too short', ID.slice(1)],
      ['text', 'too long', 'x'.repeat(8_001)],
      ['replyTo', 'no message id', 'x'],
      ['files.1', 'an empty id', [ID, '']],
      ['files', 'too many', Array.from({ length: 11 }, () => ID)],
      ['mentions.1', 'an empty id', [ID, '']],
      ['mentions', 'too many', Array.from({ length: 51 }, () => ID)],
      ['mentions', 'thousands of wrong ones', Array.from({ length: 9_000 }, () => 7)],
    ],
  },
  ...work,
  ...talk,
  'files.ticket': {
    type: 'mutation',
    valid: { conversationId: ID, name: 'a.txt', size: 1, type: 'text/plain', expiresInHours: 1 },
    required: ['conversationId', 'name', 'size'],
    wrong: [
      ['conversationId', ...longId],
      ['name', 'nothing', ''],
      ['name', 'dots only', '..'],
      ['name', 'a path', '../a.txt'],
      ['name', 'a path of Windows', 'a\\b.txt'],
      ['name', 'control characters', 'a\r\nset-cookie: b'],
      ['name', 'letters that turn the direction', 'a\u202etxt.exe'],
      ['name', 'half a character', 'a\ud800'],
      ['name', 'too long', 'x'.repeat(256)],
      ['size', 'nothing', 0],
      ['size', 'less', -1],
      ['size', 'half a byte', 1.5],
      ['expiresInHours', 'over at once', 0],
      ['expiresInHours', 'more than a year', 8_761],
      ['type', 'too long', 'x'.repeat(256)],
      ['type', 'control characters', 'text/plain\r\n'],
    ],
  },
  'files.get': { type: 'query', valid: { fileId: ID }, required: ['fileId'], wrong: [['fileId', ...longId]] },
  'files.list': {
    type: 'query',
    valid: { conversationId: ID, cursor: 'x', limit: 1 },
    required: ['conversationId'],
    wrong: [...wrongPage, ['conversationId', ...longId]],
  },
  'files.delete': {
    type: 'mutation',
    valid: { fileId: ID },
    required: ['fileId'],
    wrong: [['fileId', ...longId]],
  },
  'files.usage': { type: 'query', valid: {}, required: [], wrong: [] },
  'pads.create': {
    type: 'mutation',
    valid: { conversationId: ID, title: 'plans' },
    required: ['conversationId', 'title'],
    wrong: [
      ['conversationId', ...longId],
      ['projectId', ...longId],
      ['title', 'spaces only', ' \t '],
      ['title', 'control characters', 'a\u0007b'],
      ['title', 'too long', 'x'.repeat(121)],
    ],
  },
  'pads.list': {
    type: 'query',
    valid: { conversationId: ID, cursor: 'x', limit: 1 },
    required: ['conversationId'],
    wrong: [...wrongPage, ['conversationId', ...longId], ['projectId', ...longId]],
  },
  'pads.get': { type: 'query', valid: { id: ID }, required: ['id'], wrong: [['id', ...longId]] },
  'pads.delete': { type: 'mutation', valid: { id: ID }, required: ['id'], wrong: [['id', ...longId]] },
};
