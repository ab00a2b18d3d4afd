import { createAppRouter } from '@parley/server/internal/app-router';
import { limits } from '@parley/shared';
import { expect } from 'chai';
import { type RawAnswer, rawCall, signUp, type TestPerson, type TestServer } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';
import type { Row } from './bad-input-row.js';
import { table } from './bad-input-table.js';

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

/** Compared as it is, never stored: what is wrong with it is answered like every other that is not right. */
const isGiven = (path: string, name: string): boolean =>
  name === 'refreshToken' || name === 'currentPassword' || (name === 'password' && path !== 'auth.register');
/** Only halves of characters are refused: passwords may hold what keyboards give, and messages what sockets take. */
const isFree = (name: string): boolean => /password|^text$/i.test(name);
const isName = (name: string): boolean =>
  [
    'username',
    'email',
    'firstName',
    'lastName',
    'device',
    'interests',
    'name',
    'title',
    'label',
    'labels',
  ].includes(name);

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
  'groups.name': limits.groupNameCharacters.value,
  topic: limits.topicCharacters.value,
  'files.name': limits.fileNameCharacters.value,
  'projects.name': limits.projectNameCharacters.value,
  description: limits.descriptionCharacters.value,
  title: limits.padTitleCharacters.value,
  'tasks.title': limits.taskTitleCharacters.value,
  labels: limits.labelCharacters.value,
  label: limits.labelCharacters.value,
  content: limits.textCharacters.value,
  text: limits.textCharacters.value,
  emoji: limits.emojiCharacters.value,
  device: 100,
  refreshToken: 4_096,
  token: 200,
  'projects.token': 500,
  'groups.token': 500,
  cursor: 600,
  ...Object.fromEntries(
    [
      'userId',
      'userIds',
      'sessionId',
      'conversationId',
      'members',
      'projectId',
      'invitationId',
      'linkId',
      'taskId',
      'taskIds',
      'commentId',
      'ids',
      'assignee',
      'assignees',
      'mentions',
    ].map((name) => [name, 64]),
  ),
};

/** Says of every date in it that it is one, as clients do. */
const withDates = (payload: unknown): unknown => {
  if (typeof payload !== 'object' || payload === null || !('json' in payload)) return payload;
  const { json, meta } = payload as { json: unknown; meta?: { values?: object } };
  if (typeof json !== 'object' || json === null) return payload;
  const dates = Object.entries(json).filter(([, value]) => value instanceof Date);
  if (dates.length === 0) return payload;
  const values = { ...Object.fromEntries(dates.map(([name]) => [name, ['Date']])), ...meta?.values };
  return { json, meta: { ...meta, values } };
};

describe('bad input', () => {
  let place: ServerOnStore;
  let server: TestServer;
  let person: TestPerson | undefined;
  let hasChanged = false;
  before(async () => {
    place = await startServerOnStore('bad-input');
    server = place.server;
  });
  // Somebody new where the test before changed anything: it may have been `auth.logout` that was answered.
  beforeEach(async () => {
    if (person !== undefined && !hasChanged) return;
    person = await signUp(server);
    await place.makeAdmin(person.id);
    hasChanged = false;
  });
  after(() => place.close());

  it('is tried on every procedure there is', () => {
    const { procedures } = createAppRouter({} as never)._def;
    expect(Object.keys(table).sort()).to.deep.equal(Object.keys(procedures).sort());
    for (const [path, { type }] of Object.entries(table)) {
      expect(Reflect.get(procedures, path)._def.type, path).to.equal(type);
    }
    for (const [path, { like }] of Object.entries(table)) {
      if (like === undefined) continue;
      const [schemas, same] = [path, like].map((name) => Reflect.get(procedures, name)._def.inputs);
      expect(schemas.length === 1 && schemas[0] === same[0], path).to.equal(true);
    }
  });

  const call = async (path: string, row: Row, sent: unknown): Promise<RawAnswer> => {
    const payload = withDates(sent);
    const answer = await rawCall({ url: server.url, path, type: row.type, token: person?.token, payload });
    if (row.type === 'mutation' && answer.status === 200) hasChanged = true;
    return answer;
  };

  const expectRefused = (answer: RawAnswer, field: string, what: string): void => {
    expect(answer.code, `${what}: ${answer.text.slice(0, 300)}`).to.equal('INVALID_INPUT');
    expect(answer.status, what).to.equal(400);
    expect(Object.keys(answer.fields), what).to.include(field);
    expect(answer.text.length, `${what}: the answer must not repeat what was sent`).to.be.below(8_000);
  };

  for (const [path, row] of Object.entries(table)) {
    if (row.like !== undefined) continue;
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
        if (typeof row.valid[name] !== 'number') {
          expectRefused(
            await call(path, row, { json: { ...row.valid, [name]: 7 } }),
            name,
            `${name}: a number`,
          );
          if (row.valid[name] instanceof Date) continue;
          const date = {
            json: { ...row.valid, [name]: '2020-01-01' },
            meta: { values: { [name]: ['Date'] } },
          };
          const answer = await call(path, row, date);
          const named = Object.keys(answer.fields).find((field) => field.startsWith(`${name}.`));
          expectRefused(answer, named ?? name, `${name}: a date`);
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
          // A fault within a field is told with its path.
          const [field = name] = name.split('.', 1);
          expectRefused(
            await call(path, row, { json: { ...base, [field]: value } }),
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
