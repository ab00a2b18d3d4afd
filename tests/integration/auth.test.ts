import { expect } from 'chai';
import {
  claimsOf,
  createApi,
  forgeToken,
  refusalOf,
  signUp,
  startTestServer,
  TEST_PASSWORD,
  TEST_SECRET,
  type TestServer,
} from '../harness/kit.js';

describe('auth', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const anyone = () => createApi(server.url);
  const as = (token: string) => createApi(server.url, token);

  describe('register', () => {
    it('signs in and says who one is, without a secret among it', async () => {
      const signedIn = await anyone().auth.register.mutate({
        username: 'Ada.Lovelace',
        email: 'Ada@Example.org',
        firstName: ' Ada ',
        lastName: 'King',
        password: TEST_PASSWORD,
      });
      expect(signedIn.user).to.include({
        username: 'Ada.Lovelace',
        email: 'Ada@Example.org',
        firstName: 'Ada',
      });
      const me = await as(signedIn.tokens.accessToken).auth.me.query();
      expect(me.user).to.deep.equal(signedIn.user);
      expect(me.session.id).to.equal(signedIn.session.id);
      expect(JSON.stringify(me)).not.to.match(/hash|\$2b\$/i);
    });

    it('makes exactly one account of twenty that race for a name in different letter case', async () => {
      const name = 'RaceForTheName';
      const spellings = Array.from({ length: 20 }, (_, index) =>
        [...name]
          .map((letter, at) => ((index >> (at % 5)) & 1 ? letter.toLowerCase() : letter.toUpperCase()))
          .join(''),
      );
      const outcomes = await Promise.allSettled(
        spellings.map((username) => anyone().auth.register.mutate({ username, password: TEST_PASSWORD })),
      );
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(lost).to.have.length(19);
      for (const { reason } of lost) {
        const refusal = await refusalOf(Promise.reject(reason));
        expect(refusal).to.include({ code: 'CONFLICT', httpStatus: 409 });
        expect(refusal.fields).to.have.keys('username');
      }
    });

    it('names the e-mail address, or both, when those are taken', async () => {
      const taken = { username: 'grace', email: 'grace@example.org', password: TEST_PASSWORD };
      await anyone().auth.register.mutate(taken);
      const byEmail = await refusalOf(
        anyone().auth.register.mutate({ ...taken, username: 'hopper', email: 'GRACE@example.ORG' }),
      );
      expect(byEmail.fields).to.have.keys('email');
      expect((await refusalOf(anyone().auth.register.mutate(taken))).fields).to.have.keys(
        'username',
        'email',
      );
    });

    it('refuses a name that looks like another’s, and one that seems to speak for the house', async () => {
      const register = (username: string) =>
        anyone().auth.register.mutate({ username, password: TEST_PASSWORD });
      await register('paypal.bam');
      // Cyrillic letters, full-width ones, and a Greek alpha.
      for (const username of ['раураl.bam', 'ｐａｙｐａｌ.bam', 'pαypal.bam']) {
        const refusal = await refusalOf(register(username));
        expect(refusal.code, username).to.equal('CONFLICT');
        expect(refusal.fields).to.have.keys('username');
      }
      await register('paypal.barn');
      for (const username of ['Admin', 'аdmin', 'SUPPORT', 'ѕуѕtеm']) {
        const refusal = await refusalOf(register(username));
        expect(refusal.code, username).to.equal('INVALID_INPUT');
        expect(refusal.fields).to.have.keys('username');
      }
      const { user } = await register('Мария');
      expect(user.username).to.equal('Мария');
      const again = await anyone().auth.login.mutate({ login: 'мария', password: TEST_PASSWORD });
      expect(again.user.id).to.equal(user.id);
    });

    it("refuses a password that everybody tries, or that is one's own name", async () => {
      for (const password of ['Password123', '2938475610', 'weak.password.owner']) {
        const refusal = await refusalOf(
          anyone().auth.register.mutate({ username: 'Weak.Password.Owner', password }),
        );
        expect(refusal.code, password).to.equal('INVALID_INPUT');
        expect(refusal.fields, password).to.have.keys('password');
      }
    });
  });

  describe('login', () => {
    it('takes the username or the e-mail address, in any letter case', async () => {
      const { user } = await anyone().auth.register.mutate({
        username: 'Katherine',
        email: 'kj@example.org',
        password: TEST_PASSWORD,
      });
      for (const login of ['Katherine', 'KATHERINE', 'KJ@example.org', ' kj@Example.org ']) {
        const signedIn = await anyone().auth.login.mutate({
          login,
          password: TEST_PASSWORD,
          device: 'laptop',
        });
        expect(signedIn.user.id, login).to.equal(user.id);
        expect((await as(signedIn.tokens.accessToken).auth.me.query()).session.device).to.equal('laptop');
      }
    });

    it('answers an unknown user and a wrong password alike', async () => {
      const { username } = await signUp(server);
      const wrong = await refusalOf(
        anyone().auth.login.mutate({ login: username, password: 'not the password' }),
      );
      const unknown = await refusalOf(
        anyone().auth.login.mutate({ login: 'nobody-here', password: TEST_PASSWORD }),
      );
      expect(wrong).to.include({ code: 'BAD_CREDENTIALS', httpStatus: 401 });
      expect({ ...unknown, requestId: '' }).to.deep.equal({ ...wrong, requestId: '' });
    });

    it('does not take a longer password that begins with the right 72 bytes', async () => {
      const password = 'x'.repeat(72);
      await anyone().auth.register.mutate({ username: 'long-password', password });
      await anyone().auth.login.mutate({ login: 'long-password', password });
      const refusal = await refusalOf(
        anyone().auth.login.mutate({ login: 'long-password', password: `${password}y` }),
      );
      expect(refusal.code).to.equal('BAD_CREDENTIALS');
    });

    it('takes the same password whichever way a keyboard spells its letters', async () => {
      await anyone().auth.register.mutate({ username: 'two-keyboards', password: 'caf\u00e9 in the rain' });
      await anyone().auth.login.mutate({ login: 'two-keyboards', password: 'cafe\u0301 in the rain' });
    });
  });

  describe('tokens', () => {
    it('refuses whoever has none, or no bearer token', async () => {
      expect(await refusalOf(anyone().auth.me.query())).to.include({
        code: 'NOT_SIGNED_IN',
        httpStatus: 401,
      });
      const response = await fetch(`${server.url}/trpc/auth.me`, {
        headers: { authorization: 'Basic YTpi' },
      });
      expect(response.status).to.equal(401);
      expect(await response.text()).to.include('TOKEN_INVALID');
    });

    it('refuses forged tokens: other secret, no signature, other algorithm, other claims, rubbish', async () => {
      const { token, tokens } = await signUp(server);
      const claims = claimsOf(token);
      const [head, body, signature] = token.split('.');
      const forged = {
        'other secret': forgeToken(claims, 'another secret of enough characters'),
        unsigned: forgeToken(claims, null, { alg: 'none', typ: 'JWT' }),
        'other algorithm in the header': forgeToken(claims, TEST_SECRET, { alg: 'HS512', typ: 'JWT' }),
        'changed claims': `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url')}.${signature}`,
        'cut short': `${head}.${body}`,
        'no audience': forgeToken({ ...claims, aud: undefined }, TEST_SECRET),
        'no session': forgeToken({ ...claims, sid: undefined }, TEST_SECRET),
        'another issuer': forgeToken({ ...claims, iss: 'somebody' }, TEST_SECRET),
        rubbish: 'abc',
        'a refresh token': tokens.refreshToken,
      };
      for (const [what, value] of Object.entries(forged)) {
        const refusal = await refusalOf(as(value).auth.me.query());
        expect(refusal, what).to.include({ code: 'TOKEN_INVALID', httpStatus: 401 });
      }
      // The forge itself is sound: with the right secret and claims it opens.
      expect((await as(forgeToken(claims, TEST_SECRET)).auth.me.query()).user.id).to.equal(claims.sub);
    });

    it('refuses an access token as a refresh token', async () => {
      const { token } = await signUp(server);
      expect((await refusalOf(anyone().auth.refresh.mutate({ refreshToken: token }))).code).to.equal(
        'TOKEN_INVALID',
      );
    });

    it('says that an expired token has expired', async () => {
      const { token } = await signUp(server);
      const expired = forgeToken({ ...claimsOf(token), exp: Math.floor(Date.now() / 1000) - 1 }, TEST_SECRET);
      expect(await refusalOf(as(expired).auth.me.query())).to.include({
        code: 'TOKEN_EXPIRED',
        httpStatus: 401,
      });
    });

    it("refuses a true token of a session that never was, or is somebody else's", async () => {
      const [ada, bob] = [await signUp(server), await signUp(server)];
      const other = forgeToken({ ...claimsOf(ada.token), sid: bob.session.id }, TEST_SECRET);
      const none = forgeToken({ ...claimsOf(ada.token), sid: 'none' }, TEST_SECRET);
      for (const token of [other, none]) {
        expect((await refusalOf(as(token).auth.me.query())).code).to.equal('SESSION_ENDED');
      }
    });
  });

  describe('refresh', () => {
    it('gives the next pair; the old access token stays good until it expires', async () => {
      const person = await signUp(server);
      const next = await anyone().auth.refresh.mutate({ refreshToken: person.tokens.refreshToken });
      expect(next.refreshToken).not.to.equal(person.tokens.refreshToken);
      expect((await as(next.accessToken).auth.me.query()).session.id).to.equal(person.session.id);
      await person.api.auth.me.query();
      await anyone().auth.refresh.mutate({ refreshToken: next.refreshToken });
    });

    it('gives two tabs that refresh at once the same pair, and one whose answer was lost that pair again', async () => {
      const { tokens } = await signUp(server);
      const refresh = () => anyone().auth.refresh.mutate({ refreshToken: tokens.refreshToken });
      const pairs = await Promise.all(Array.from({ length: 10 }, refresh));
      pairs.push(await refresh());
      expect(new Set(pairs.map(({ refreshToken }) => refreshToken)).size).to.equal(1);
      for (const { accessToken } of pairs) await as(accessToken).auth.me.query();
      const next = pairs[0]?.refreshToken ?? '';
      await anyone().auth.refresh.mutate({ refreshToken: next });
      expect((await refusalOf(refresh())).code, 'the one before the one before').to.equal('SESSION_ENDED');
      expect((await refusalOf(as(pairs[0]?.accessToken ?? '').auth.me.query())).code).to.equal(
        'SESSION_ENDED',
      );
    });

    it('ends the session when a refresh token is used again later, for thief and owner alike', async () => {
      await using server = await startTestServer({ refreshGraceMs: 0 });
      const anyone = () => createApi(server.url);
      const as = (token: string) => createApi(server.url, token);
      const person = await signUp(server);
      const next = await anyone().auth.refresh.mutate({ refreshToken: person.tokens.refreshToken });
      const reuse = await refusalOf(
        anyone().auth.refresh.mutate({ refreshToken: person.tokens.refreshToken }),
      );
      expect(reuse).to.include({ code: 'SESSION_ENDED', httpStatus: 401 });
      expect((await refusalOf(as(next.accessToken).auth.me.query())).code).to.equal('SESSION_ENDED');
      const later = await refusalOf(anyone().auth.refresh.mutate({ refreshToken: next.refreshToken }));
      expect(later.code).to.equal('SESSION_ENDED');
    });

    it('refuses an expired refresh token as the end of its session', async () => {
      const { tokens } = await signUp(server);
      const expired = forgeToken({ ...claimsOf(tokens.refreshToken), exp: 1 }, TEST_SECRET);
      expect((await refusalOf(anyone().auth.refresh.mutate({ refreshToken: expired }))).code).to.equal(
        'SESSION_ENDED',
      );
    });
  });

  describe('logout', () => {
    it('ends the session at once: access, refresh, and a second logout', async () => {
      const { api, tokens } = await signUp(server);
      expect(await api.auth.logout.mutate()).to.deep.equal({ done: true });
      expect((await refusalOf(api.auth.me.query())).code).to.equal('SESSION_ENDED');
      expect((await refusalOf(api.auth.logout.mutate())).code).to.equal('SESSION_ENDED');
      const refresh = await refusalOf(anyone().auth.refresh.mutate({ refreshToken: tokens.refreshToken }));
      expect(refresh.code).to.equal('SESSION_ENDED');
    });

    it('leaves the other sessions of the same person alone', async () => {
      const person = await signUp(server);
      const other = await anyone().auth.login.mutate({ login: person.username, password: TEST_PASSWORD });
      await person.api.auth.logout.mutate();
      expect((await as(other.tokens.accessToken).auth.me.query()).user.id).to.equal(person.id);
    });
  });
});

describe('auth with limits on', () => {
  it('slows down guessing from one address, says for how long, and keeps nobody out who comes from another', async () => {
    await using server = await startTestServer({ rateLimits: true, trustProxy: 1 });
    const person = await signUp(server, 'victim');
    const guess = async (address: string, password: string): Promise<Response> =>
      await fetch(`${server.url}/trpc/auth.login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ json: { login: person.username.toUpperCase(), password } }),
      });
    const guesses = await Promise.all(
      Array.from({ length: 15 }, () => guess('203.0.113.7', 'a wrong guess')),
    );
    const statuses = guesses.map((response) => response.status);
    expect(statuses.filter((status) => status === 401)).to.have.length(10);
    expect(statuses.filter((status) => status === 429)).to.have.length(5);
    const refused = await guess('203.0.113.7', TEST_PASSWORD);
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 30);
    expect((await guess('198.51.100.1', TEST_PASSWORD)).status).to.equal(200);
  });
});
