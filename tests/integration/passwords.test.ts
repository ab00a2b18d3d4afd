// How a password becomes another one, with a mail server that speaks SMTP.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Letter, Mailer } from '@parley/server/internal/mail/index';
import { expect } from 'chai';
import {
  createApi,
  createDataDir,
  refusalOf,
  signUp,
  startTestServer,
  TEST_PASSWORD,
} from '../harness/kit.js';
import { PostOffice } from '../harness/post-office.js';

const NEW_PASSWORD = 'a quite different one 7';

/** A long line is broken with an = at its end, and a = of the text is =3D (RFC 2045, 6.7). */
const tokenIn = (raw: string): string => {
  const text = raw.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');
  return /[?&]token=([\w-]+)/.exec(text)?.[1] ?? '';
};

/** Keeps letters in memory. */
class Drawer implements Mailer {
  readonly letters: Letter[] = [];
  #heard: () => void = () => undefined;

  async send(letter: Letter): Promise<void> {
    this.letters.push(letter);
    this.#heard();
  }

  async close(): Promise<void> {}

  async token(nth: number): Promise<string> {
    while (this.letters.length < nth) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
    return tokenIn(this.letters[nth - 1]?.text ?? '');
  }
}

const setUp = async (options: Parameters<typeof startTestServer>[0] = {}) => {
  const drawer = new Drawer();
  const server = await startTestServer({ mailer: drawer, ...options });
  const anyone = createApi(server.url);
  let count = 0;
  const withEmail = async () => {
    count += 1;
    const username = `with.mail.${process.pid}.${count}`;
    const email = `${username}@example.org`;
    const signedIn = await anyone.auth.register.mutate({ username, email, password: TEST_PASSWORD });
    return { username, email, api: createApi(server.url, signedIn.tokens.accessToken) };
  };
  const signIn = async (login: string, password: string) =>
    createApi(server.url, (await anyone.auth.login.mutate({ login, password })).tokens.accessToken);
  return { server, drawer, anyone, withEmail, signIn };
};

describe('changing a password', () => {
  it('takes the old one, ends every other session and keeps this one', async () => {
    const { server, signIn, anyone } = await setUp();
    await using _ = server;
    const person = await signUp(server);
    const other = await signIn(person.username, TEST_PASSWORD);
    await person.api.auth.changePassword.mutate({
      currentPassword: TEST_PASSWORD,
      newPassword: NEW_PASSWORD,
    });
    await person.api.auth.me.query();
    expect((await refusalOf(other.auth.me.query())).code).to.equal('SESSION_ENDED');
    const old = await refusalOf(
      anyone.auth.login.mutate({ login: person.username, password: TEST_PASSWORD }),
    );
    expect(old.code).to.equal('BAD_CREDENTIALS');
    await signIn(person.username, NEW_PASSWORD);
  });

  it('refuses a wrong old one and a weak new one, naming the field, and changes nothing', async () => {
    const { server, signIn } = await setUp();
    await using _ = server;
    const { api, username } = await signUp(server);
    const wrong = await refusalOf(
      api.auth.changePassword.mutate({ currentPassword: 'not it at all', newPassword: NEW_PASSWORD }),
    );
    expect(wrong).to.include({ code: 'FORBIDDEN', httpStatus: 403 });
    expect(wrong.fields).to.have.keys('currentPassword');
    for (const newPassword of ['password123', '1234567890123', username]) {
      const weak = await refusalOf(
        api.auth.changePassword.mutate({ currentPassword: TEST_PASSWORD, newPassword }),
      );
      expect(weak.code).to.equal('INVALID_INPUT');
      expect(weak.fields).to.have.keys('newPassword');
    }
    await signIn(username, TEST_PASSWORD);
  });

  it('lets one of two win who change it at once', async () => {
    const { server, signIn } = await setUp();
    await using _ = server;
    const { api, username } = await signUp(server);
    const wanted = [NEW_PASSWORD, `${NEW_PASSWORD} and more`];
    const outcomes = await Promise.allSettled(
      wanted.map((newPassword) =>
        api.auth.changePassword.mutate({ currentPassword: TEST_PASSWORD, newPassword }),
      ),
    );
    const won = wanted.filter((_password, index) => outcomes[index]?.status === 'fulfilled');
    expect(won).to.have.length(1);
    await signIn(username, won[0] ?? '');
  });
});

describe('a forgotten password', () => {
  it('is set anew with the token of a letter, once, and every session ends', async () => {
    const { server, drawer, anyone, withEmail, signIn } = await setUp();
    await using _ = server;
    const person = await withEmail();
    await anyone.auth.requestPasswordReset.mutate({ email: person.email.toUpperCase() });
    const token = await drawer.token(1);
    expect(drawer.letters[0]).to.include({ to: person.email });
    const weak = await refusalOf(anyone.auth.resetPassword.mutate({ token, newPassword: 'password123' }));
    expect(weak.fields).to.have.keys('newPassword');
    await anyone.auth.resetPassword.mutate({ token, newPassword: NEW_PASSWORD });
    expect((await refusalOf(person.api.auth.me.query())).code).to.equal('SESSION_ENDED');
    await signIn(person.username, NEW_PASSWORD);
    const again = await refusalOf(anyone.auth.resetPassword.mutate({ token, newPassword: TEST_PASSWORD }));
    expect(again.code).to.equal('INVALID_INPUT');
    expect(again.fields).to.have.keys('token');
  });

  it('is set by one of five who use the token at once', async () => {
    const { server, drawer, anyone, withEmail } = await setUp();
    await using _ = server;
    const { email } = await withEmail();
    await anyone.auth.requestPasswordReset.mutate({ email });
    const token = await drawer.token(1);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, (_each, index) =>
        anyone.auth.resetPassword.mutate({ token, newPassword: `${NEW_PASSWORD} ${index}` }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
  });

  it('needs the newest letter: an earlier one is void, and so is one from before the password was changed', async () => {
    const { server, drawer, anyone, withEmail } = await setUp();
    await using _ = server;
    const { email, api } = await withEmail();
    await anyone.auth.requestPasswordReset.mutate({ email });
    const first = await drawer.token(1);
    await anyone.auth.requestPasswordReset.mutate({ email });
    const second = await drawer.token(2);
    const reset = (token: string) =>
      refusalOf(anyone.auth.resetPassword.mutate({ token, newPassword: NEW_PASSWORD }));
    expect((await reset(first)).fields).to.have.keys('token');
    await api.auth.changePassword.mutate({ currentPassword: TEST_PASSWORD, newPassword: NEW_PASSWORD });
    expect((await reset(second)).fields).to.have.keys('token');
    await anyone.auth.requestPasswordReset.mutate({ email });
    const third = await drawer.token(3);
    await api.users.update.mutate({ email: `other.${email}` });
    expect((await reset(third)).fields, 'went to an address that is no longer theirs').to.have.keys('token');
  });

  it('gives the same answer whether anybody has the address, and writes to nobody who has not', async () => {
    const { server, drawer, anyone, withEmail } = await setUp();
    await using _ = server;
    const { email } = await withEmail();
    const unknown = await anyone.auth.requestPasswordReset.mutate({ email: 'nobody@example.org' });
    expect(await anyone.auth.requestPasswordReset.mutate({ email })).to.deep.equal(unknown);
    await drawer.token(1);
    expect(drawer.letters.map(({ to }) => to)).to.deep.equal([email]);
  });

  it('does not flood anybody with letters, whoever asks', async () => {
    const { server, anyone } = await setUp({ rateLimits: true });
    await using _ = server;
    const ask = () => anyone.auth.requestPasswordReset.mutate({ email: 'somebody@example.org' });
    for (let count = 0; count < 3; count += 1) await ask();
    const refused = await refusalOf(ask());
    expect(refused).to.include({ code: 'TOO_MANY_REQUESTS', httpStatus: 429 });
    await anyone.auth.requestPasswordReset.mutate({ email: 'else@example.org' });
  });
});

describe('letters', () => {
  it('go out by SMTP, whole and to one person', async () => {
    await using office = await PostOffice.open();
    await using server = await startTestServer({
      smtpUrl: office.url,
      mailFrom: 'Parley <hello@parley.example>',
      passwordResetUrl: 'https://app.example/reset?lang=en',
    });
    const anyone = createApi(server.url);
    const email = 'ada@example.org';
    await anyone.auth.register.mutate({ email, password: TEST_PASSWORD });
    await anyone.auth.requestPasswordReset.mutate({ email });
    const mail = await office.mail(1);
    expect(mail).to.deep.include({ from: 'hello@parley.example', to: [email] });
    expect(mail.raw).to.match(/^Subject: Set a new password\r$/m);
    expect(mail.raw.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=')).to.include(
      'https://app.example/reset?lang=en&token=',
    );
    await anyone.auth.resetPassword.mutate({ token: tokenIn(mail.raw), newPassword: NEW_PASSWORD });
    await anyone.auth.login.mutate({ login: email, password: NEW_PASSWORD });
  });

  it('go into a folder where there is no mail server, readable for its owner alone', async () => {
    await using place = await createDataDir();
    const server = await startTestServer({ dataDir: place.path, mongodbUri: place.mongodbUri });
    const anyone = createApi(server.url);
    const email = 'grace@example.org';
    await anyone.auth.register.mutate({ email, password: TEST_PASSWORD });
    await anyone.auth.requestPasswordReset.mutate({ email });
    // Letters under way are finished first.
    await server.close();
    const folder = join(place.path, 'outbox');
    const [name = '', ...others] = await readdir(folder);
    expect(others).to.deep.equal([]);
    expect(name).to.match(/\.eml$/);
    expect((await stat(join(folder, name))).mode & 0o077).to.equal(0);
    const raw = await readFile(join(folder, name), 'utf8');
    expect(raw).to.match(/^To: grace@example\.org$/m);
    expect(tokenIn(raw)).to.have.length(43);
  });

  it('that cannot be sent are nobody else’s trouble', async () => {
    await using server = await startTestServer({ smtpUrl: 'smtp://127.0.0.1:1' });
    const anyone = createApi(server.url);
    const email = 'joan@example.org';
    await anyone.auth.register.mutate({ email, password: TEST_PASSWORD });
    expect(await anyone.auth.requestPasswordReset.mutate({ email })).to.deep.equal({ done: true });
    await anyone.auth.login.mutate({ login: email, password: TEST_PASSWORD });
  });
});
