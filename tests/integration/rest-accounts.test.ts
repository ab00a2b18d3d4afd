// Signing up, in and out over the plain API.
import { expect } from 'chai';
import { createApi, signUp, startTestServer, TEST_PASSWORD, type TestServer } from '../harness/kit.js';
import { createRestClient, type RestClient } from '../harness/rest.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

interface User {
  readonly id: string;
  readonly username: string;
  readonly email?: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly date_joined: string;
}
interface Registered {
  readonly user: User;
  readonly data: unknown;
}
interface Pair {
  readonly access: string;
  readonly refresh: string;
}

const password = TEST_PASSWORD;

describe('accounts over REST', () => {
  let place: ServerOnStore;
  let server: TestServer;
  let rest: RestClient;
  before(async () => {
    place = await startServerOnStore('rest-accounts');
    server = place.server;
    rest = await createRestClient(server);
  });
  after(() => place.close());

  const register = async (body: unknown, path = '/api/register/') =>
    await rest.call<Registered>('POST', path, { body });
  const refusal = async (body: unknown) => await rest.refusal('POST', '/api/register/', { body });
  const login = async (body: object) => (await rest.call<Pair>('POST', '/api/login/', { body })).body;
  const isIn = async (token: string): Promise<boolean> =>
    (await rest.call('GET', '/api/users/protected/', { token })).status === 200;

  describe('register', () => {
    it('takes username, e-mail and names, and answers in the words of every client', async () => {
      const names = { first_name: 'Ada', last_name: 'Lovelace' };
      const { status, body } = await register({
        username: 'ada',
        email: 'ada@example.org',
        password,
        ...names,
        extra: 1,
      });
      expect(status).to.equal(201);
      const said = 'User account created successfully.';
      const { id, date_joined } = body.user;
      expect(new Date(date_joined).toISOString()).to.equal(date_joined);
      expect(body).to.deep.equal({
        ...{ success: true, status: 201, message: said, msg: said, Message: said },
        user: { id, username: 'ada', email: 'ada@example.org', ...names, date_joined },
        data: { ...names, email: 'ada@example.org' },
      });
      expect(JSON.stringify(body)).not.to.include(password);
    });

    it('takes username, e-mail and password alone, as JSON and as a form, on either path', async () => {
      for (const [at, path] of ['/api/register', '/api/users/register/'].entries()) {
        const fields = { username: `alex${at}`, email: `alex${at}@example.org`, password };
        const { status, body } = await register(new URLSearchParams(fields), path);
        expect(status).to.equal(201);
        expect(body.user).to.include({ username: fields.username, email: fields.email, first_name: '' });
      }
    });

    it('takes a username and a password, and then tells of no e-mail', async () => {
      const { body } = await register({ username: 'bo-b', password });
      expect(body.user).not.to.have.property('email');
      expect(body.data).to.deep.equal({ first_name: '', last_name: '' });
    });

    it('takes names, e-mail and a confirmed password, and makes a username of the address', async () => {
      const fields = { first_name: 'John', last_name: 'Doe', password, confirm_password: password };
      const { status, body } = await register({ ...fields, email: 'john.doe@example.org' });
      expect([status, body.user.username]).to.deep.equal([201, 'john.doe']);
      expect(body.data).to.deep.equal({
        first_name: 'John',
        last_name: 'Doe',
        email: 'john.doe@example.org',
      });
      const { body: given } = await register({ ...fields, email: 'jd@example.org', username: 'the-doe' });
      expect(given.user.username).to.equal('the-doe');
    });

    it('makes different usernames of addresses that begin alike, however many come at once', async () => {
      const fields = { first_name: 'Eve', last_name: 'Doe', password, confirm_password: password };
      const made = await Promise.all(
        Array.from({ length: 12 }, (_, at) => register({ ...fields, email: `Eve.D@host${at}.example` })),
      );
      expect(made.map(({ status }) => status)).to.deep.equal(made.map(() => 201));
      const names = made.map(({ body }) => body.user.username);
      expect(new Set(names).size).to.equal(names.length);
      expect(names).to.include('Eve.D');
      for (const name of names) expect(name).to.match(/^Eve\.D\d*$/);
    });

    it('makes a username that may be one of every address', async () => {
      const fields = { first_name: 'Eve', last_name: 'Doe', password, confirm_password: password };
      const odd = [
        'admin@a.example',
        'x@a.example',
        "o'brien@a.example",
        `${'y'.repeat(64)}@a.example`,
        '_-@a.example',
      ];
      const expected = [/^admin\d+$/, /^x\d+$/, /^obrien$/, /^y{54}$/, /^user\d+$/];
      for (const [at, email] of odd.entries()) {
        const { status, body } = await register({ ...fields, email });
        expect(status, email).to.equal(201);
        expect(body.user.username).to.match(expected[at] ?? /never/);
      }
    });

    it('refuses a taken name or address as a field that is wrong', async () => {
      await register({ username: 'grace', email: 'grace@example.org', password });
      const invalid = (...fields: string[]) => [400, 'INVALID_INPUT', ...fields];
      const taken = { username: 'GRACE', email: 'Grace@Example.org', password };
      expect(await refusal(taken)).to.deep.equal(invalid('username', 'email'));
      expect(await refusal({ ...taken, email: 'g@example.org' })).to.deep.equal(invalid('username'));
      expect(await refusal({ ...taken, username: 'grace2' })).to.deep.equal(invalid('email'));
      const named = { first_name: 'G', last_name: 'H', confirm_password: password, password };
      expect(await refusal({ ...named, email: 'GRACE@example.org' })).to.deep.equal(invalid('email'));
      expect(await refusal({ username: 'grace', password })).to.deep.equal(invalid('username'));
      const { body } = await rest.call<{ readonly username: string[] }>('POST', '/api/register/', {
        body: taken,
      });
      expect(body.username).to.deep.equal(['is taken']);
    });

    it('refuses what breaks the rules of its shape, naming the fields', async () => {
      const confirmed = {
        first_name: 'A',
        last_name: 'B',
        email: 'new@example.org',
        password,
        confirm_password: password,
      };
      const cases: readonly (readonly [object, ...string[]])[] = [
        [{}, 'password'],
        [{ password }, 'username'],
        [{ username: 'someone' }, 'password'],
        [{ email: 'new@example.org', password }, 'username'],
        [{ username: 'someone', email: '', password }, 'email'],
        [{ username: 'someone', email: 'nobody', password }, 'email'],
        [{ username: 'someone', email: null, password }, 'email'],
        [{ username: 'a b', password }, 'username'],
        [{ username: 'support', password }, 'username'],
        [{ username: 'someone', password: '12345678901' }, 'password'],
        [{ username: 'someone', password: 'password1' }, 'password'],
        [{ username: 'someone.long', password: 'Someone.Long' }, 'password'],
        [{ username: 'someone', password: 'short1' }, 'password'],
        [{ ...confirmed, confirm_password: `${password}x` }, 'confirm_password'],
        [{ ...confirmed, confirm_password: '' }, 'confirm_password'],
        [{ password, confirm_password: password }, 'first_name', 'last_name', 'email'],
        [{ ...confirmed, first_name: ' ', email: '' }, 'email', 'first_name'],
        [{ ...confirmed, first_name: ' ' }, 'first_name'],
        [
          {
            ...confirmed,
            email: 'new.person@example.org',
            password: 'new.person',
            confirm_password: 'new.person',
          },
          'password',
        ],
        [{ username: 'someone', password, first_name: 'x'.repeat(151) }, 'first_name'],
      ];
      for (const [body, ...fields] of cases)
        expect(await refusal(body), JSON.stringify(body)).to.deep.equal([400, 'INVALID_INPUT', ...fields]);
      const free = await register({ username: 'someone', email: 'new@example.org', password });
      expect(free.status, 'nothing of those was made').to.equal(201);
    });

    it('signs nobody in', async () => {
      await register({ username: 'sessionless', password });
      const { access } = await login({ username: 'sessionless', password });
      const { items } = await createApi(server.url, access).auth.sessions.query({});
      expect(items.length).to.equal(1);
    });
  });

  describe('login', () => {
    const ada = { username: 'Ada.L', email: 'ada.l@example.org', first_name: 'Ada', last_name: 'Lovelace' };
    let id: string;
    before(async () => {
      id = (await register({ ...ada, password })).body.user.id;
    });

    it('takes e-mail or username on every path, and answers with tokens and the name', async () => {
      for (const path of ['/api/login', '/api/users/login/', '/api/token/'])
        for (const [field, name] of [
          ['email', 'ADA.L@example.org'],
          ['username', 'ada.l'],
        ] as const)
          for (const body of [
            { [field]: name, password },
            new URLSearchParams({ [field]: name, password }),
          ]) {
            const answer = await rest.call<Pair>('POST', path, { body });
            const { access, refresh, ...told } = answer.body;
            expect(answer.status).to.equal(200);
            expect(told).to.deep.equal({
              id,
              email: ada.email,
              username: ada.username,
              name: 'Ada Lovelace',
            });
            expect(await isIn(access)).to.equal(true);
            expect(refresh).not.to.equal(access);
          }
    });

    it('calls by the username whoever has no names', async () => {
      await register({ username: 'nameless', password });
      const {
        access: _,
        refresh: __,
        ...told
      } = await login({ username: 'nameless', password }).then((pair): Partial<Pair> & object => pair);
      expect(told).to.include({ username: 'nameless', name: 'nameless' });
      expect(told).not.to.have.property('email');
    });

    it('answers every failure alike, and what is no login otherwise', async () => {
      const fails = async (body: object) => await rest.refusal('POST', '/api/login/', { body });
      const bad = [401, 'BAD_CREDENTIALS'];
      expect(await fails({ email: ada.email, password: 'not the password' })).to.deep.equal(bad);
      expect(await fails({ email: 'nobody@example.org', password })).to.deep.equal(bad);
      expect(await fails({ username: 'nobody-here', password })).to.deep.equal(bad);
      expect(await fails({ email: 'no address', password })).to.deep.equal(bad);
      expect(await fails({ password })).to.deep.equal([400, 'INVALID_INPUT', 'username']);
      expect(await fails({ email: ada.email })).to.deep.equal([400, 'INVALID_INPUT', 'password']);
      expect(await fails({ email: { $ne: '' }, password })).to.deep.equal([400, 'INVALID_INPUT', 'email']);
    });

    it('refuses the suspended, who have the right password, and whoever guesses it, alike to others', async () => {
      const { body } = await register({ username: 'shut', password });
      const users = place.database.collection<{ _id: string }>('users');
      await users.updateOne({ _id: body.user.id }, { $set: { suspendedAt: new Date() } });
      const fails = async (word: string) =>
        await rest.refusal('POST', '/api/login/', { body: { username: 'shut', password: word } });
      expect(await fails(password)).to.deep.equal([403, 'SUSPENDED']);
      expect(await fails('not the password')).to.deep.equal([401, 'BAD_CREDENTIALS']);
    });
  });

  describe('refresh', () => {
    it('gives the next pair, on every path', async () => {
      await register({ username: 'fresh', password });
      let pair = await login({ username: 'fresh', password });
      for (const path of ['/api/token/refresh/', '/api/login/refresh', '/api/users/login/refresh/']) {
        const { refresh } = pair;
        const { status, body } = await rest.call<Pair>('POST', path, { body: { refresh } });
        expect(status).to.equal(200);
        expect(body).to.have.all.keys('access', 'refresh');
        expect(await isIn(body.access)).to.equal(true);
        pair = body;
      }
    });

    it('refuses what is no refresh token, and one that was used long ago', async () => {
      await register({ username: 'stale', password });
      const first = await login({ username: 'stale', password });
      const refused = async (body: object) => await rest.refusal('POST', '/api/token/refresh/', { body });
      expect(await refused({})).to.deep.equal([400, 'INVALID_INPUT', 'refresh']);
      expect(await refused({ refresh: 'nonsense' })).to.deep.equal([401, 'TOKEN_INVALID']);
      expect(await refused({ refresh: first.access })).to.deep.equal([401, 'TOKEN_INVALID']);
      const body = { refresh: first.refresh };
      const second = await rest.call<Pair>('POST', '/api/token/refresh/', { body });
      await rest.call('POST', '/api/token/refresh/', { body: { refresh: second.body.refresh } });
      expect(await refused(body)).to.deep.equal([401, 'SESSION_ENDED']);
      expect(await isIn(second.body.access), 'somebody has a copy: the session is over').to.equal(false);
    });
  });

  describe('logout', () => {
    const signIn = async (username: string): Promise<Pair> => {
      await rest.call('POST', '/api/register/', { body: { username, password } });
      return await login({ username, password });
    };
    const logout = async ({ access: token }: Pair, body: unknown) =>
      await rest.call('POST', '/api/logout/', { token, body });

    it('ends the session at once, refresh token and all', async () => {
      for (const isForm of [false, true]) {
        const pair = await signIn('leaver');
        const { refresh } = pair;
        const { status, body } = await logout(pair, isForm ? new URLSearchParams({ refresh }) : { refresh });
        expect([status, body]).to.deep.equal([200, { message: 'User logged out successfully.' }]);
        expect(await isIn(pair.access)).to.equal(false);
        expect((await rest.refusal('POST', '/api/token/refresh/', { body: { refresh } }))[0]).to.equal(401);
      }
    });

    it('ends another session of one’s own by its refresh token as well', async () => {
      const [here, there, elsewhere] = [await signIn('both'), await signIn('both'), await signIn('both')];
      expect((await logout(here, { refresh: there.refresh })).status).to.equal(200);
      expect([await isIn(here.access), await isIn(there.access)]).to.deep.equal([false, false]);
      expect(await isIn(elsewhere.access)).to.equal(true);
    });

    it('refuses a refresh token that is not one’s own, and ends nothing', async () => {
      const [mine, theirs] = [await signIn('mine'), await signIn('theirs')];
      for (const body of [{ refresh: theirs.refresh }, { refresh: 'nonsense' }, { refresh: mine.access }, {}])
        expect(await rest.refusal('POST', '/api/logout/', { token: mine.access, body })).to.deep.equal([
          ...[400, 'INVALID_INPUT', 'refresh'],
        ]);
      expect([await isIn(mine.access), await isIn(theirs.access)]).to.deep.equal([true, true]);
      const body = { refresh: theirs.refresh };
      expect((await rest.call('POST', '/api/token/refresh/', { body })).status).to.equal(200);
    });
  });

  it('tells whoever is signed in their own address, where they have one', async () => {
    const email = 'own@example.org';
    await register({ username: 'own', email, password });
    const { access: token } = await login({ email, password });
    const { body } = await rest.call('GET', '/api/users/protected', { token });
    expect(body).to.deep.equal({ message: 'You are signed in.', email });
    const bare = await signUp(server);
    const none = await rest.call('GET', '/api/users/protected/', { token: bare.token });
    expect(none.body).to.deep.equal({ message: 'You are signed in.' });
    expect(await rest.refusal('GET', '/api/users/protected/')).to.deep.equal([401, 'NOT_SIGNED_IN']);
  });

  it('counts a registration once, however many names it tries', async () => {
    const strict = await startTestServer({ rateLimits: true });
    const strictRest = await createRestClient(strict);
    const names = { first_name: 'A', last_name: 'B', password, confirm_password: password };
    const statuses: number[] = [];
    for (let at = 0; at < 61; at += 1) {
      const body = { ...names, email: `same@host${at}.example` };
      const answer = await strictRest.call('POST', '/api/register/', { body });
      statuses.push(answer.status);
      if (answer.status === 429) expect(answer.headers.get('retry-after')).to.match(/^\d+$/);
    }
    await strict.close();
    expect(statuses.slice(0, 60)).to.deep.equal(Array.from({ length: 60 }, () => 201));
    expect(statuses[60]).to.equal(429);
  });
});
