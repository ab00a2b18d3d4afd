// What admins may do, how somebody becomes one, and what stays written of it.
import { expect } from 'chai';
import {
  createApi,
  createDataDir,
  type DataDir,
  refusalOf,
  signUp,
  startTestServer,
  TEST_PASSWORD,
  type TestPerson,
  type TestServer,
} from '../harness/kit.js';
import { type CliEnd, endOf, spawnCli } from '../harness/store-cli.js';

/** `parley admin grant`, on the data of a server that is not running. */
const grant = (place: DataDir, login: string): Promise<CliEnd> =>
  endOf(
    spawnCli(['admin', 'grant', login], {
      DATA_DIR: place.path,
      ...(place.mongodbUri !== undefined && { MONGODB_URI: place.mongodbUri }),
    }),
  );

describe('admins', () => {
  let place: DataDir;
  let server: TestServer;
  let admin: TestPerson;
  const start = () => startTestServer({ dataDir: place.path, mongodbUri: place.mongodbUri });
  before(async () => {
    place = await createDataDir();
    server = await start();
    admin = await signUp(server, 'chief');
    await server.close();
    const granted = await grant(place, admin.username.toUpperCase());
    expect(granted).to.deep.include({ code: 0, out: `${admin.username} is an admin now.\n` });
    server = await start();
    const { tokens } = await createApi(server.url).auth.login.mutate({
      login: admin.username,
      password: TEST_PASSWORD,
    });
    admin = { ...admin, api: createApi(server.url, tokens.accessToken) };
  });
  after(async () => {
    await server.close();
    await place.discard();
  });

  it('are made from the command line, by a name that somebody has, while no server holds the store', async () => {
    expect((await admin.api.auth.me.query()).user.role).to.equal('admin');
    const { items } = await admin.api.admin.audit.query({});
    expect(items.at(-1)).to.deep.include({ by: null, act: 'setRole', detail: 'admin' });
    expect(items.at(-1)?.target.id).to.equal(admin.id);
    if (place.mongodbUri === undefined) {
      const held = await grant(place, admin.username);
      expect(held.code).to.equal(1);
      expect(held.err).to.match(/Stop that Parley first/);
    }
    await using elsewhere = await createDataDir();
    await (await startTestServer({ dataDir: elsewhere.path, mongodbUri: elsewhere.mongodbUri })).close();
    const nobody = await grant(elsewhere, 'nobody');
    expect(nobody.code).to.equal(1);
    expect(nobody.err).to.equal('Nobody has that username or e-mail address.\n');
  });

  it('alone may call what is theirs', async () => {
    const person = await signUp(server);
    const userId = admin.id;
    const { users, sessions, stats, audit } = person.api.admin;
    const refused = await Promise.all(
      [
        users.list.query({}),
        users.suspend.mutate({ userId }),
        users.restore.mutate({ userId }),
        users.setRole.mutate({ userId, role: 'user' }),
        sessions.revoke.mutate({ userId }),
        stats.query(),
        audit.query({}),
      ].map((call) => refusalOf(call)),
    );
    expect(new Set(refused.map(({ code }) => code))).to.deep.equal(new Set(['FORBIDDEN']));
    expect((await refusalOf(createApi(server.url).admin.stats.query())).code).to.equal('NOT_SIGNED_IN');
  });

  it('shut an account at once, and open it again; others see the person all the while', async () => {
    const [person, friend] = [await signUp(server), await signUp(server)];
    await admin.api.admin.users.suspend.mutate({ userId: person.id, reason: 'spam' });
    expect((await refusalOf(person.api.auth.me.query())).code).to.equal('SESSION_ENDED');
    const login = (password: string) =>
      createApi(server.url).auth.login.mutate({ login: person.username, password });
    expect((await refusalOf(login(TEST_PASSWORD))).code).to.equal('SUSPENDED');
    expect(await refusalOf(login('not the password')).then(({ code }) => code)).to.equal('BAD_CREDENTIALS');
    await friend.api.users.get.query({ userId: person.id });
    const { items } = await admin.api.admin.users.list.query({ suspended: true });
    expect(items.map(({ id }) => id)).to.deep.equal([person.id]);
    await admin.api.admin.users.restore.mutate({ userId: person.id });
    await login(TEST_PASSWORD);
    expect((await admin.api.admin.users.list.query({ suspended: true })).items).to.deep.equal([]);
    const { items: acts } = await admin.api.admin.audit.query({ limit: 2 });
    expect(acts.map(({ act, reason, by, target }) => [act, reason, by?.id, target.id])).to.deep.equal([
      ['restore', '', admin.id, person.id],
      ['suspend', 'spam', admin.id, person.id],
    ]);
  });

  it('find everybody, listed or not, also by the whole e-mail address', async () => {
    const email = `hidden.${process.pid}@example.org`;
    const { user, tokens } = await createApi(server.url).auth.register.mutate({
      email,
      firstName: 'Hildegard',
      password: TEST_PASSWORD,
    });
    await createApi(server.url, tokens.accessToken).users.update.mutate({ isListed: false });
    for (const search of ['hilde', email.toUpperCase()]) {
      const { items } = await admin.api.admin.users.list.query({ search });
      expect(items.map(({ id, email: shown }) => [id, shown])).to.deep.equal([[user.id, email]]);
    }
    expect((await admin.api.admin.users.list.query({ search: email.slice(1) })).items).to.deep.equal([]);
  });

  it('make others admins, and never leave none', async () => {
    const person = await signUp(server);
    const last = await refusalOf(admin.api.admin.users.setRole.mutate({ userId: admin.id, role: 'user' }));
    expect(last.code).to.equal('CONFLICT');
    await admin.api.admin.users.setRole.mutate({ userId: person.id, role: 'admin' });
    await person.api.admin.stats.query();
    await admin.api.admin.users.setRole.mutate({ userId: person.id, role: 'user' });
    expect((await refusalOf(person.api.admin.stats.query())).code).to.equal('FORBIDDEN');
    expect((await refusalOf(admin.api.admin.users.suspend.mutate({ userId: admin.id }))).code).to.equal(
      'INVALID_INPUT',
    );
    expect((await refusalOf(admin.api.admin.users.suspend.mutate({ userId: 'nobody' }))).code).to.equal(
      'NOT_FOUND',
    );
  });

  it('sign somebody out everywhere, and see how much there is', async () => {
    const person = await signUp(server);
    expect(await admin.api.admin.sessions.revoke.mutate({ userId: person.id })).to.deep.equal({ ended: 1 });
    expect((await refusalOf(person.api.auth.me.query())).code).to.equal('SESSION_ENDED');
    const stats = await admin.api.admin.stats.query();
    expect(stats.users).to.be.greaterThan(3);
    expect(stats).to.include({ suspended: 0, conversations: 0, messages: 0, connections: 0, documents: 0 });
  });
});
