import { createAppRouter } from '@parley/server/internal/app-router';
import { limits } from '@parley/shared';
import { expect } from 'chai';
import {
  type RawAnswer,
  rawCall,
  signUp,
  TEST_PASSWORD,
  type TestPerson,
  type TestServer,
} from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

/** How one procedure can be called, and what of its own it must not take beside what none takes. */
interface Row {
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Every field it knows, each with a value it would take. */
  readonly valid: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
  /** Fields for which null is a value. */
  readonly nullable?: readonly string[];
  /** Values that are wrong for a reason of its own: field, what it is, value. */
  readonly wrong: readonly (readonly [field: string, what: string, value: unknown])[];
}

const ID = '01HZZZZZZZZZZZZZZZZZZZZZZZ';
const longId: [string, unknown] = ['a too long id', 'x'.repeat(65)];
const wrongMessage = [
  ['conversationId', ...longId],
  ['id', 'lower case', ID.toLowerCase()],
  ['id', 'too short', ID.slice(1)],
] as const satisfies Row['wrong'];
const wrongPage = [
  ['limit', 'no items', 0],
  ['limit', 'too many items', 101],
  ['limit', 'half an item', 1.5],
  ['limit', 'a number as text', '10'],
  ['cursor', 'nothing', ''],
  ['cursor', 'no cursor', 'abc'],
  ['cursor', 'another list', Buffer.from('["elsewhere",1,"x"]').toString('base64url')],
  ['cursor', 'a query operator', Buffer.from('["rooms",{"$gt":0},"x"]').toString('base64url')],
  ['cursor', 'control characters', '\u0000\u0007'],
] as const;

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

const wrongProject = [
  ['name', 'spaces only', ' \t '],
  ['name', 'unseen letters', 'a\u200bb'],
  ['name', 'too long', 'x'.repeat(251)],
  ['description', 'control characters', 'a\u0000'],
  ['description', 'half a character', 'a\ud800'],
] as const satisfies Row['wrong'];
const projectRef = {
  valid: { projectId: ID },
  required: ['projectId'],
  wrong: [['projectId', ...longId]],
} as const satisfies Omit<Row, 'type'>;
const projectMember = {
  valid: { projectId: ID, userId: ID },
  required: ['projectId', 'userId'],
  wrong: [
    ['projectId', ...longId],
    ['userId', ...longId],
  ],
} as const satisfies Omit<Row, 'type'>;

const wrongAct = [
  ['userId', ...longId],
  ['reason', 'too long', 'x'.repeat(501)],
  ['reason', 'control characters', 'a\u0000'],
] as const satisfies Row['wrong'];

/** All procedures. A new one that has no row fails the first test below. */
const table: Readonly<Record<string, Row>> = {
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
  'auth.logout': { type: 'mutation', valid: {}, required: [], wrong: [] },
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
  'conversations.list': { type: 'query', valid: { cursor: 'x', limit: 1 }, required: [], wrong: wrongPage },
  'rooms.joinOrCreate': {
    type: 'mutation',
    valid: { name: 'room' },
    required: ['name'],
    wrong: [
      ['name', 'spaces only', ' \t '],
      ['name', 'control characters', 'a\u0007b'],
      ['name', 'too long', 'x'.repeat(81)],
    ],
  },
  'rooms.leave': {
    type: 'mutation',
    valid: { roomId: ID },
    required: ['roomId'],
    wrong: [['roomId', ...longId]],
  },
  'rooms.list': {
    type: 'query',
    valid: { search: 'x', cursor: 'x', limit: 1 },
    required: [],
    wrong: [...wrongPage, ['search', 'too long', 'x'.repeat(81)]],
  },
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
    valid: { conversationId: ID, id: ID, text: 'hello', replyTo: ID, mentions: [ID] },
    required: ['conversationId', 'text'],
    wrong: [
      ['id', 'lower case', ID.toLowerCase()],
      ['id', 'too short', ID.slice(1)],
      ['text', 'spaces only', ' \n '],
      ['text', 'too long', 'x'.repeat(8_001)],
      ['replyTo', 'no message id', 'x'],
      ['mentions.1', 'an empty id', [ID, '']],
      ['mentions', 'too many', Array.from({ length: 51 }, () => ID)],
      ['mentions.19', 'thousands of wrong ones', Array.from({ length: 9_000 }, () => 7)],
    ],
  },
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
  'pads.create': {
    type: 'mutation',
    valid: { conversationId: ID, title: 'plans' },
    required: ['conversationId', 'title'],
    wrong: [
      ['conversationId', ...longId],
      ['title', 'spaces only', ' \t '],
      ['title', 'control characters', 'a\u0007b'],
      ['title', 'too long', 'x'.repeat(121)],
    ],
  },
  'pads.list': {
    type: 'query',
    valid: { conversationId: ID, cursor: 'x', limit: 1 },
    required: ['conversationId'],
    wrong: [...wrongPage, ['conversationId', ...longId]],
  },
  'pads.get': { type: 'query', valid: { id: ID }, required: ['id'], wrong: [['id', ...longId]] },
  'pads.delete': { type: 'mutation', valid: { id: ID }, required: ['id'], wrong: [['id', ...longId]] },
};

const huge = (type: Row['type']): string => 'x'.repeat(type === 'mutation' ? 100_000 : 9_000);

/** Wrong for a field of any sort; a cursor of a list is text too, so text is not among them. */
const wrongAnywhere: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['true', true],
  ['an object', { $gt: '' }],
  ['a list of lists', [[]]],
];

/** Never a value: what a query of MongoDB or a careless merge would take for more than text. */
const operators: readonly unknown[] = [
  { $ne: null },
  { $regex: '.*' },
  { $where: 'true' },
  [{ $gt: '' }],
  JSON.parse('{"__proto__":{"admin":true}}'),
  JSON.parse('[{"__proto__":{"admin":true}}]'),
  { constructor: { prototype: { admin: true } } },
  { toString: 1, valueOf: 1 },
];

/** Fields that are text, alone or in a list; `put` gives the value that holds some text, `at` is what a refusal calls it. */
const textFields = ({ valid }: Row) =>
  Object.entries(valid).flatMap(([name, value]) => {
    if (typeof value === 'string') return [{ name, at: name, put: (text: string): unknown => text }];
    const isList = Array.isArray(value) && typeof value[0] === 'string';
    return isList ? [{ name, at: `${name}.0`, put: (text: string): unknown => [text] }] : [];
  });

/** Compared as it is, never stored: what is wrong with it is answered as any other that is not right. */
const isGiven = (path: string, name: string): boolean =>
  name === 'refreshToken' || name === 'currentPassword' || (name === 'password' && path !== 'auth.register');
/** Only halves of characters are refused: passwords may hold what keyboards give, and messages what sockets take. */
const isFree = (name: string): boolean => /password|^text$/i.test(name);
const isName = (name: string): boolean =>
  ['username', 'email', 'firstName', 'lastName', 'device', 'interests', 'name', 'title'].includes(name);

const halves = ['a\ud800', '\udc00a', 'a\ud800b\udc00'].map((text) => `${text} and more`);
const controls = ['a\u0000b', 'a\u0007b', '\u001b[31ma', 'a\u009fb'];
const unseen = ['a\u200bb', 'a\u202eb', '\u2060ab', 'ab\u2066', '\u200dab'];

/** One character more than each field takes. */
const caps: Readonly<Record<string, number>> = {
  username: limits.usernameCharacters.value,
  email: limits.emailCharacters.value,
  login: limits.emailCharacters.value,
  password: limits.passwordBytesMax.value * 4,
  currentPassword: limits.passwordBytesMax.value * 4,
  newPassword: limits.passwordBytesMax.value,
  firstName: limits.personNameCharacters.value,
  lastName: limits.personNameCharacters.value,
  bio: limits.bioCharacters.value,
  interests: limits.interestCharacters.value,
  search: limits.searchCharacters.value,
  reason: limits.reasonCharacters.value,
  name: limits.roomNameCharacters.value,
  'projects.name': limits.projectNameCharacters.value,
  description: limits.descriptionCharacters.value,
  title: limits.padTitleCharacters.value,
  text: limits.textCharacters.value,
  emoji: limits.emojiCharacters.value,
  device: 100,
  refreshToken: 4_096,
  token: 200,
  cursor: 600,
  ...Object.fromEntries(
    ['userId', 'userIds', 'sessionId', 'conversationId', 'roomId', 'projectId', 'mentions'].map((name) => [
      name,
      64,
    ]),
  ),
};

describe('bad input', () => {
  let place: ServerOnStore;
  let server: TestServer;
  let person: TestPerson;
  before(async () => {
    place = await startServerOnStore('bad-input');
    server = place.server;
  });
  // Somebody new each time: what comes through `auth.logout` may be answered.
  beforeEach(async () => {
    person = await signUp(server);
    await place.makeAdmin(person.id);
  });
  after(() => place.close());

  it('is tried on every procedure there is', () => {
    const { procedures } = createAppRouter({} as never)._def;
    expect(Object.keys(table).sort()).to.deep.equal(Object.keys(procedures).sort());
    for (const [path, { type }] of Object.entries(table)) {
      expect(Reflect.get(procedures, path)._def.type, path).to.equal(type);
    }
  });

  const call = (path: string, row: Row, payload: unknown): Promise<RawAnswer> =>
    rawCall({ url: server.url, path, type: row.type, token: person.token, payload });

  const expectRefused = (answer: RawAnswer, field: string, what: string): void => {
    expect(answer.code, `${what}: ${answer.text.slice(0, 300)}`).to.equal('INVALID_INPUT');
    expect(answer.status, what).to.equal(400);
    expect(Object.keys(answer.fields), what).to.include(field);
    expect(answer.text.length, `${what}: the answer must not repeat what was sent`).to.be.below(8_000);
  };

  for (const [path, row] of Object.entries(table)) {
    it(`${path} refuses what is no object, and what it does not know`, async () => {
      for (const json of ['text', 42, true, [], [{}]]) {
        expectRefused(await call(path, row, { json }), 'input', JSON.stringify(json));
      }
      expectRefused(await call(path, row, { json: { ...row.valid, admin: true } }), 'admin', 'an extra key');
      for (const key of ['constructor', 'prototype', '']) {
        expectRefused(
          await call(path, row, { json: { ...row.valid, [key]: 1 } }),
          'input',
          `a key named "${key}"`,
        );
      }
      const many = Object.fromEntries(
        Array.from({ length: 200 }, (_, index) => [`${'k'.repeat(30)}${index}`, 1]),
      );
      expectRefused(
        await call(path, row, { json: { ...row.valid, ...many } }),
        `${'k'.repeat(30)}0`,
        'many extra keys',
      );
      const polluting = JSON.parse('{"json":{"__proto__":{"admin":true}}}');
      const answer = await call(path, row, polluting);
      expect(answer.status, answer.text).to.be.within(200, 499);
    });

    it(`${path} refuses every field that is missing or of another type`, async () => {
      for (const name of row.required) {
        const { [name]: _, ...json } = row.valid;
        expectRefused(await call(path, row, { json }), name, `${name} missing`);
      }
      for (const name of Object.keys(row.valid)) {
        for (const [what, value] of wrongAnywhere) {
          if (typeof value === 'boolean' && typeof row.valid[name] === 'boolean') continue;
          if (value === null && row.nullable?.includes(name)) continue;
          const answer = await call(path, row, { json: { ...row.valid, [name]: value } });
          const named = Object.keys(answer.fields).find(
            (field) => field === name || field.startsWith(`${name}.`),
          );
          expectRefused(answer, named ?? name, `${name}: ${what}`);
        }
        if (name !== 'limit') {
          expectRefused(
            await call(path, row, { json: { ...row.valid, [name]: 7 } }),
            name,
            `${name}: a number`,
          );
          const date = {
            json: { ...row.valid, [name]: '2020-01-01' },
            meta: { values: { [name]: ['Date'] } },
          };
          expectRefused(await call(path, row, date), name, `${name}: a date`);
        }
        const long = await call(path, row, { json: { ...row.valid, [name]: huge(row.type) } });
        expectRefused(long, name, `${name}: a huge text`);
      }
    });

    if (row.wrong.length > 0) {
      it(`${path} refuses values with faults of their own`, async () => {
        for (const [name, what, value] of row.wrong) {
          const { cursor: _, ...others } = row.valid;
          const base = name === 'cursor' || path !== 'messages.list' ? others : row.valid;
          expectRefused(
            await call(path, row, { json: { ...base, [name]: value } }),
            name,
            `${name}: ${what}`,
          );
        }
      });
    }

    it(`${path} refuses operators and keys of prototypes in every field`, async () => {
      for (const name of Object.keys(row.valid)) {
        for (const value of operators) {
          const answer = await call(path, row, { json: { ...row.valid, [name]: value } });
          const named = Object.keys(answer.fields).find(
            (field) => field === name || field.startsWith(`${name}.`),
          );
          expectRefused(answer, named ?? name, `${name}: ${JSON.stringify(value)}`);
        }
      }
      expect(Reflect.get({}, 'admin')).to.equal(undefined);
    });

    it(`${path} refuses halves of characters, control characters, unseen ones in names, and one too many`, async () => {
      for (const { name, at, put } of textFields(row)) {
        const wrong = isGiven(path, name)
          ? []
          : [...halves, ...(isFree(name) ? [] : controls), ...(isName(name) ? unseen : [])];
        const longest = caps[`${path.split('.', 1)[0]}.${name}`] ?? caps[name];
        if (longest !== undefined) wrong.push(`${name === 'email' ? 'a@b.' : ''}${'x'.repeat(longest + 1)}`);
        for (const text of wrong) {
          const { cursor: _, ...others } = row.valid;
          const base = name === 'cursor' ? others : row.valid;
          expectRefused(
            await call(path, row, { json: { ...base, [name]: put(text) } }),
            at,
            JSON.stringify(text),
          );
        }
        for (const text of [...halves, ...controls, ...unseen].filter((each) => !wrong.includes(each))) {
          const answer = await call(path, row, { json: { ...row.valid, [name]: put(text) } });
          expect(answer.status, `${name}: ${JSON.stringify(text)}: ${answer.text}`).to.be.below(500);
          expect(answer.text.length).to.be.below(8_000);
        }
      }
    });

    if (row.type === 'mutation') {
      it(`${path} refuses ten megabytes unread`, async () => {
        const [name = 'input'] = Object.keys(row.valid);
        const answer = await call(path, row, { json: { ...row.valid, [name]: 'x'.repeat(10_000_000) } });
        expect([answer.status, answer.code]).to.deep.equal([413, 'TOO_LARGE']);
        expect(answer.text.length).to.be.below(1_000);
      });
    }

    it(`${path} refuses envelopes that are none`, async () => {
      for (const meta of [
        { values: { a: ['Date'] } },
        { values: { '__proto__.polluted': ['Date'] } },
        { values: { 'constructor.prototype.x': ['undefined'] } },
        { values: ['regexp'] },
        { values: [['custom', 'nothing']] },
        { referentialEqualities: { a: ['b.c'] } },
        { values: 'x' },
        { values: { a: ['bigint'] } },
        7,
      ]) {
        const answer = await call(path, row, { json: { a: 'x' }, meta });
        expect(answer.status, `${JSON.stringify(meta)}: ${answer.text}`).to.equal(400);
        expect(answer.code).to.equal('INVALID_INPUT');
        expect(Object.keys(answer.fields), answer.text).not.to.have.length(0);
      }
      expect(Reflect.get({}, 'polluted')).to.equal(undefined);
    });
  }
});
