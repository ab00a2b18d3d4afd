// Who loses the e-mail address of their account hears of it there, by a mail server that speaks SMTP.
import { expect } from 'chai';
import { createApi, refusalOf, signUp, startTestServer, TEST_PASSWORD } from '../harness/kit.js';
import { PostOffice } from '../harness/post-office.js';

/** A long line is broken with an = at its end (RFC 2045, 6.7). */
const textOf = (raw: string): string => raw.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');

const withServer = async (options: Parameters<typeof startTestServer>[0] = {}) => {
  const office = await PostOffice.open();
  const server = await startTestServer({
    smtpUrl: office.url,
    mailFrom: 'Parley <hello@parley.example>',
    ...options,
  });
  const anyone = createApi(server.url);
  return {
    office,
    server,
    register: async (account: { username?: string; email?: string; firstName?: string }) => {
      const { tokens } = await anyone.auth.register.mutate({ ...account, password: TEST_PASSWORD });
      return createApi(server.url, tokens.accessToken);
    },
    /** To whom letters went in all, in order; the server finishes those under way before it has closed. */
    allRecipients: async () => {
      await server.close();
      const recipients = office.mails.flatMap(({ to }) => to);
      await office[Symbol.asyncDispose]();
      return recipients;
    },
  };
};

describe('an e-mail address that is given up', () => {
  it('is told which account has another one, when, from where and what to do', async () => {
    const { office, register, allRecipients } = await withServer();
    const api = await register({
      username: 'ada.l',
      email: 'ada@example.org',
      firstName: 'http://buy.example',
    });
    const before = new Date();
    await api.users.update.mutate({ email: 'new.ada@elsewhere.example' });
    const mail = await office.mail(1);
    const after = new Date();
    expect(mail).to.deep.include({ from: 'hello@parley.example', to: ['ada@example.org'] });
    expect(mail.raw).to.match(/^Subject: The e-mail address of your account has changed\r$/m);
    const text = textOf(mail.raw);
    expect(text).to.include('your account ada.l.');
    expect(text).to.include('was ada@example.org until now; it has another one');
    expect(text).to.include('from the network address 127.0.0.1.');
    expect(text)
      .to.match(/choose\s+a new password/)
      .and.to.include('ask an admin');
    const [, day, time] = /done on (\S+) (\S+) UTC/.exec(text) ?? [];
    const told = new Date(`${day}T${time}Z`).getTime();
    expect(told).to.be.within(before.getTime() - 60_000, after.getTime());
    // Where the new one is, and what people call themselves, is nothing for whoever has the old one.
    expect(mail.raw).not.to.include('elsewhere.example');
    expect(mail.raw).not.to.include('buy.example');
    expect(await allRecipients()).to.deep.equal(['ada@example.org']);
  });

  it('is told when it is taken off the account, by either procedure', async () => {
    const { office, register, allRecipients } = await withServer();
    const api = await register({ username: 'grace.h', email: 'grace@example.org' });
    const lastSeen = 'friends' as const;
    const me = { firstName: '', lastName: '', bio: '', interests: [], lastSeen, isListed: true };
    await api.users.replace.mutate({ ...me, username: 'grace.two', email: null });
    const text = textOf((await office.mail(1)).raw);
    expect(text).to.include('your account grace.h.').and.to.include('it has none any more');
    await api.users.update.mutate({ email: 'grace.again@example.org' });
    await api.users.replace.mutate({ ...me, username: null, email: 'grace.third@example.org' });
    await office.mail(2);
    expect(await allRecipients()).to.deep.equal(['grace@example.org', 'grace.again@example.org']);
  });

  it('is told nothing where it stays, or where there was none', async () => {
    const { server, register, allRecipients } = await withServer();
    await register({ email: 'taken@example.org' });
    const api = await register({ email: 'stays@example.org' });
    await api.users.update.mutate({ bio: 'about me' });
    await api.users.update.mutate({ email: 'stays@example.org' });
    await api.users.update.mutate({ email: 'Stays@Example.org', username: 'stays.here' });
    expect((await refusalOf(api.users.update.mutate({ email: 'taken@example.org' }))).code).to.equal(
      'CONFLICT',
    );
    expect((await refusalOf(api.users.update.mutate({ email: null, username: null }))).code).to.equal(
      'INVALID_INPUT',
    );
    const without = await signUp(server);
    await without.api.users.update.mutate({ email: 'first.one@example.org' });
    expect(await allRecipients()).to.deep.equal([]);
  });

  it('is told once each of several at the same moment', async () => {
    const { register, allRecipients } = await withServer();
    const api = await register({ username: 'hasty', email: 'hasty.0@example.org' });
    const wanted = [1, 2, 3].map((nth) => `hasty.${nth}@example.org`);
    await Promise.all(wanted.map((email) => api.users.update.mutate({ email })));
    const { email: last } = (await api.auth.me.query()).user;
    expect(wanted).to.include(last);
    const givenUp = ['hasty.0@example.org', ...wanted].filter((email) => email !== last);
    expect(await allRecipients()).to.have.members(givenUp);
  });

  it('cannot be used to flood strangers with letters', async () => {
    const { register, allRecipients } = await withServer({ rateLimits: true });
    const api = await register({ username: 'flooder', email: 'flood.0@example.org' });
    for (let nth = 1; nth <= 5; nth += 1)
      await api.users.update.mutate({ email: `flood.${nth}@example.org` });
    const refused = await refusalOf(api.users.update.mutate({ email: 'flood.6@example.org' }));
    expect(refused).to.include({ code: 'TOO_MANY_REQUESTS', httpStatus: 429 });
    expect(refused.retryAfterSeconds).to.be.within(1, 3_600);
    await api.users.update.mutate({ email: 'FLOOD.5@example.org', bio: 'the same address' });
    expect(await allRecipients()).to.have.length(5);
  });

  it('keeps nobody from changing it when no mail server is there', async () => {
    await using server = await startTestServer({ smtpUrl: 'smtp://127.0.0.1:1' });
    const { tokens } = await createApi(server.url).auth.register.mutate({
      email: 'old@example.org',
      password: TEST_PASSWORD,
    });
    const api = createApi(server.url, tokens.accessToken);
    expect(await api.users.update.mutate({ email: 'new@example.org' })).to.include({
      email: 'new@example.org',
    });
  });
});
