// People over the plain API: who there is, and one's own account.
import { newId } from '@parley/shared';
import { expect } from 'chai';
import { createApi, signUp, TEST_PASSWORD, type TestPerson, type TestServer } from '../harness/kit.js';
import { createRestClient, type RestClient, type RestFault } from '../harness/rest.js';
import { pagesOf } from '../harness/rest-pages.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

interface User {
  readonly id: string;
  readonly username: string;
  readonly email?: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly date_joined: string;
}

const NEXT = 'another-long-secret-8';

describe('people over REST', () => {
  let place: ServerOnStore;
  let server: TestServer;
  let rest: RestClient;
  before(async () => {
    place = await startServerOnStore('rest-users');
    server = place.server;
    rest = await createRestClient(server);
  });
  after(() => place.close());

  let count = 0;
  /** Somebody with a name and an address. */
  const somebody = async (firstName = 'Some'): Promise<TestPerson & { readonly email: string }> => {
    count += 1;
    const email = `person${count}@example.org`;
    const person = await signUp(server);
    await person.api.users.update.mutate({ email, firstName, lastName: 'Body' });
    return { ...person, email };
  };
  const bodyOf = ({ id, username, user, email }: TestPerson & { readonly email: string }): User => ({
    ...{ id, username, email, first_name: 'Some', last_name: 'Body' },
    date_joined: user.createdAt.toISOString(),
  });
  const get = async ({ token }: TestPerson, path: string) =>
    (await rest.call<User>('GET', path, { token })).body;
  const canSignIn = async (login: string, password: string): Promise<boolean> =>
    (await rest.call('POST', '/api/login/', { body: { username: login, password } })).status === 200;

  describe('the list', () => {
    it('holds everybody but oneself, page by page, found by the beginning of a name', async () => {
      const people = await Promise.all(Array.from({ length: 5 }, () => somebody('Listed')));
      const viewer = await somebody('Listed');
      for (const path of ['/api/users', '/api/users/', '/api/users/list', '/api/users/list/']) {
        const pages = await pagesOf<User>(rest, `${path}?search=list&limit=2`, viewer.token);
        expect(pages.every((page) => page.length <= 2)).to.equal(true);
        const { id, username } = people[0] ?? viewer;
        expect(pages.flat().map((person) => person.id)).to.have.members(people.map((person) => person.id));
        expect(pages.flat().find((person) => person.id === id)).to.deep.equal({
          ...{ id, username, first_name: 'Listed', last_name: 'Body' },
        });
      }
      const all = await pagesOf<User>(rest, '/api/users/', viewer.token);
      expect(JSON.stringify(all)).not.to.include('@');
      expect(all.flat().map(({ id }) => id)).not.to.include(viewer.id);
    });

    it('refuses what is no page and no cursor', async () => {
      const { token } = await somebody();
      for (const [query, field] of [
        ['limit=0', 'limit'],
        ['limit=101', 'limit'],
        ['limit=many', 'limit'],
        ['cursor=nonsense', 'cursor'],
        [`search=${'x'.repeat(101)}`, 'search'],
      ] as const)
        expect(await rest.refusal('GET', `/api/users/?${query}`, { token })).to.deep.equal([
          ...[400, 'INVALID_INPUT', field],
        ]);
    });
  });

  describe('somebody', () => {
    it('is told with the e-mail to themselves alone', async () => {
      const [ada, bob] = await Promise.all([somebody(), somebody()]);
      const { email: _, ...shown } = bodyOf(bob);
      for (const path of [
        `/api/${bob.id}`,
        `/api/${bob.id}/`,
        `/api/users/user/${bob.id}`,
        `/api/users/user/${bob.id}/`,
      ]) {
        expect(await get(bob, path)).to.deep.equal(bodyOf(bob));
        expect(await get(ada, path)).to.deep.equal(shown);
      }
      const bare = await signUp(server);
      expect(await get(bare, `/api/${bare.id}`)).not.to.have.property('email');
    });

    it('is nobody where there is none, or where a block hides them', async () => {
      const [ada, bob] = await Promise.all([somebody(), somebody()]);
      await bob.api.friends.block.mutate({ userId: ada.id });
      for (const id of [newId(), 'nobody', 'x'.repeat(65), bob.id])
        for (const path of [`/api/${id}`, `/api/users/user/${id}/`])
          expect(await rest.refusal('GET', path, { token: ada.token })).to.deep.equal([404, 'NOT_FOUND']);
    });
  });

  const updatePaths = ({ id }: { readonly id: string }) => [`/api/${id}/update/`, `/api/users/user/${id}`];

  describe('update', () => {
    it('changes what is given', async () => {
      const ada = await somebody();
      const [first, second] = updatePaths(ada);
      const patch = async (path = '', body: unknown = {}) =>
        (await rest.call<User>('PATCH', path, { token: ada.token, body })).body;
      expect(await patch(first, {})).to.deep.equal(bodyOf(ada));
      const none = { token: ada.token, body: 'null', headers: { 'content-type': 'application/json' } };
      expect(await rest.refusal('PATCH', first ?? '', none)).to.deep.equal([400, 'INVALID_INPUT', 'input']);
      const email = 'ada.new@example.org';
      expect(await patch(first, { email, is_admin: true })).to.deep.equal({ ...bodyOf(ada), email });
      const named = { ...bodyOf(ada), email, first_name: 'Ada' };
      expect(await patch(second, new URLSearchParams({ first_name: 'Ada' }))).to.deep.equal(named);
      expect(await get(ada, `/api/${ada.id}`)).to.deep.equal(named);
    });

    it('sets everything anew by PUT, and asks for all of it', async () => {
      const ada = await somebody();
      const fields = {
        username: `new-${ada.username}`,
        email: 'anew@example.org',
        first_name: 'A',
        last_name: '',
      };
      for (const path of updatePaths(ada)) {
        const body = (await rest.call<User>('PUT', path, { token: ada.token, body: fields })).body;
        expect(body).to.deep.equal({ ...bodyOf(ada), ...fields });
        expect(
          await rest.refusal('PUT', path, { token: ada.token, body: { email: fields.email } }),
        ).to.deep.equal([...[400, 'INVALID_INPUT', 'username', 'first_name', 'last_name']]);
      }
    });

    it('sets username and e-mail by the path without an id', async () => {
      const ada = await somebody();
      const body = { username: `named-${ada.username}`, email: 'named@example.org' };
      for (const path of ['/api/users/user/update', '/api/users/user/update/']) {
        const answer = await rest.call<User>('PUT', path, { token: ada.token, body });
        expect([answer.status, answer.body]).to.deep.equal([200, { ...bodyOf(ada), ...body }]);
      }
      const lacking = { token: ada.token, body: { email: body.email } };
      expect(await rest.refusal('PUT', '/api/users/user/update/', lacking)).to.deep.equal([
        ...[400, 'INVALID_INPUT', 'username'],
      ]);
      const other = await rest.refusal('PATCH', '/api/users/user/update/', { token: ada.token, body });
      expect(other).to.deep.equal([405, 'METHOD_NOT_ALLOWED']);
    });

    it('is for oneself alone, whether there is somebody else or not, and whatever is sent', async () => {
      const [ada, bob] = await Promise.all([somebody(), somebody()]);
      await place.makeAdmin(ada.id);
      for (const id of [bob.id, newId(), 'nobody'])
        for (const path of updatePaths({ id }))
          for (const method of ['PATCH', 'PUT'])
            for (const body of [{ first_name: 'Owned' }, { email: 'no address' }, {}])
              expect(await rest.refusal(method, path, { token: ada.token, body })).to.deep.equal([
                403,
                'FORBIDDEN',
              ]);
      expect(await get(bob, `/api/${bob.id}`)).to.deep.equal(bodyOf(bob));
    });

    it('refuses what is wrong or taken, naming the field', async () => {
      const [ada, bob] = await Promise.all([somebody(), somebody()]);
      for (const [body, field] of [
        [{ email: 'nobody' }, 'email'],
        [{ email: '' }, 'email'],
        [{ email: bob.email.toUpperCase() }, 'email'],
        [{ username: 'a b' }, 'username'],
        [{ username: 'admin' }, 'username'],
        [{ username: bob.username }, 'username'],
        [{ first_name: 7 }, 'first_name'],
        [{ last_name: 'x'.repeat(151) }, 'last_name'],
      ] as const)
        for (const path of updatePaths(ada)) {
          const request = { token: ada.token, body };
          expect(await rest.refusal('PATCH', path, request), JSON.stringify(body)).to.deep.equal([
            ...[400, 'INVALID_INPUT', field],
          ]);
        }
      const { body } = await rest.call<RestFault & { readonly email: string[] }>(
        'PUT',
        '/api/users/user/update/',
        {
          ...{ token: ada.token, body: { username: ada.username, email: bob.email } },
        },
      );
      expect([body.error.code, body.email]).to.deep.equal(['INVALID_INPUT', ['is taken']]);
      expect(await get(ada, `/api/${ada.id}`)).to.deep.equal(bodyOf(ada));
    });
  });

  describe('a change of the password', () => {
    it('wants the current one, and ends all other sessions', async () => {
      for (const [at, method] of ['PATCH', 'PUT'].entries()) {
        const ada = await somebody();
        const { tokens } = await createApi(server.url).auth.login.mutate({
          login: ada.username,
          password: TEST_PASSWORD,
        });
        const { username, email } = ada;
        const names = method === 'PUT' ? { username, email, first_name: 'Some', last_name: 'Body' } : {};
        const body = { ...names, password: NEXT, current_password: TEST_PASSWORD };
        const answer = await rest.call<User>(method, updatePaths(ada)[at] ?? '', { token: ada.token, body });
        expect([answer.status, answer.body]).to.deep.equal([200, bodyOf(ada)]);
        expect(await get(ada, `/api/${ada.id}`), 'this session stays').to.deep.equal(bodyOf(ada));
        expect(await rest.refusal('GET', '/api/users/', { token: tokens.accessToken })).to.deep.equal([
          ...[401, 'SESSION_ENDED'],
        ]);
        expect([
          await canSignIn(ada.username, NEXT),
          await canSignIn(ada.username, TEST_PASSWORD),
        ]).to.deep.equal([...[true, false]]);
      }
    });

    it('changes nothing at all where anything is wrong', async () => {
      const [ada, bob] = await Promise.all([somebody(), somebody()]);
      const { tokens } = await createApi(server.url).auth.login.mutate({
        login: ada.username,
        password: TEST_PASSWORD,
      });
      const asked = { first_name: 'Changed', password: NEXT, current_password: TEST_PASSWORD };
      const wrong: readonly (readonly [object, number, string, string])[] = [
        [{ ...asked, current_password: undefined }, 403, 'FORBIDDEN', 'current_password'],
        [{ ...asked, current_password: '' }, 403, 'FORBIDDEN', 'current_password'],
        [{ ...asked, current_password: NEXT }, 403, 'FORBIDDEN', 'current_password'],
        [{ ...asked, password: '12345678901' }, 400, 'INVALID_INPUT', 'password'],
        [{ ...asked, password: 'short1' }, 400, 'INVALID_INPUT', 'password'],
        [
          { ...asked, username: 'brand-new-name', password: 'brand-new-name' },
          400,
          'INVALID_INPUT',
          'password',
        ],
        [{ ...asked, username: bob.username }, 400, 'INVALID_INPUT', 'username'],
        [{ ...asked, username: 'support' }, 400, 'INVALID_INPUT', 'username'],
        [{ ...asked, email: bob.email }, 400, 'INVALID_INPUT', 'email'],
      ];
      for (const [body, ...refusal] of wrong)
        for (const path of updatePaths(ada))
          expect(
            await rest.refusal('PATCH', path, { token: ada.token, body }),
            JSON.stringify(body),
          ).to.deep.equal(refusal);
      expect(await get(ada, `/api/${ada.id}`)).to.deep.equal(bodyOf(ada));
      expect([
        await canSignIn(ada.username, NEXT),
        await canSignIn(ada.username, TEST_PASSWORD),
      ]).to.deep.equal([...[false, true]]);
      expect((await rest.call('GET', '/api/users/', { token: tokens.accessToken })).status).to.equal(200);
    });

    it('made several times at once from one password holds once', async () => {
      const ada = await somebody();
      const wanted = Array.from({ length: 8 }, (_, at) => `one-of-the-secrets-${at}`);
      const answers = await Promise.all(
        wanted.map((password) =>
          rest.call('PATCH', `/api/${ada.id}/update/`, {
            ...{ token: ada.token, body: { password, current_password: TEST_PASSWORD } },
          }),
        ),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.toSorted()).to.deep.equal([200, ...wanted.slice(1).map(() => 403)]);
      expect(await canSignIn(ada.username, wanted[statuses.indexOf(200)] ?? '')).to.equal(true);
    });
  });

  describe('the end of an account', () => {
    const deletePaths = ({ id }: { readonly id: string }) => [`/api/${id}/delete/`, `/api/users/user/${id}`];

    it('comes with the right password or none, and leaves nobody', async () => {
      for (const [at, body] of [
        undefined,
        { password: TEST_PASSWORD },
        new URLSearchParams({ password: TEST_PASSWORD }),
      ].entries()) {
        const [ada, bob] = await Promise.all([somebody(), somebody()]);
        const answer = await rest.call('DELETE', deletePaths(ada)[at % 2] ?? '', { token: ada.token, body });
        expect([answer.status, answer.body]).to.deep.equal([200, { message: 'User deleted successfully.' }]);
        expect(await rest.refusal('GET', '/api/users/', { token: ada.token })).to.deep.equal([
          401,
          'SESSION_ENDED',
        ]);
        expect(await rest.refusal('GET', `/api/${ada.id}`, { token: bob.token })).to.deep.equal([
          404,
          'NOT_FOUND',
        ]);
        expect(await canSignIn(ada.username, TEST_PASSWORD)).to.equal(false);
      }
    });

    it('is refused with a wrong password, and for anybody else', async () => {
      const [ada, bob] = await Promise.all([somebody(), somebody()]);
      await place.makeAdmin(bob.id);
      for (const path of deletePaths(ada)) {
        for (const password of ['not the password', ''])
          expect(await rest.refusal('DELETE', path, { token: ada.token, body: { password } })).to.deep.equal([
            ...[403, 'FORBIDDEN', 'password'],
          ]);
        expect(await rest.refusal('DELETE', path, { token: ada.token, body: { password: 7 } })).to.deep.equal(
          [...[400, 'INVALID_INPUT', 'password']],
        );
        expect(await rest.refusal('DELETE', path, { token: bob.token })).to.deep.equal([403, 'FORBIDDEN']);
      }
      for (const path of deletePaths({ id: newId() }))
        expect(await rest.refusal('DELETE', path, { token: ada.token })).to.deep.equal([403, 'FORBIDDEN']);
      expect(await get(ada, `/api/${ada.id}`)).to.deep.equal(bodyOf(ada));
    });

    it('is refused to the last admin', async () => {
      const alone = await startServerOnStore('rest-last-admin');
      const admin = await signUp(alone.server);
      await alone.makeAdmin(admin.id);
      const own = await createRestClient(alone.server);
      const refused = await own.refusal('DELETE', `/api/${admin.id}/delete/`, { token: admin.token });
      await alone.close();
      expect(refused.slice(0, 2)).to.deep.equal([409, 'CONFLICT']);
    });
  });
});
