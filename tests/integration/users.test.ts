// What people see of each other, and how one changes what they see.
import { expect } from 'chai';
import {
  createApi,
  refusalOf,
  signUp,
  startTestServer,
  TEST_PASSWORD,
  type TestServer,
} from '../harness/kit.js';

describe('users', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const register = async (account: {
    username?: string;
    email?: string;
    firstName?: string;
    lastName?: string;
  }) => {
    const { user, tokens } = await createApi(server.url).auth.register.mutate({
      password: TEST_PASSWORD,
      ...account,
    });
    return { ...user, api: createApi(server.url, tokens.accessToken) };
  };

  it('shows others a profile without anything of one’s own', async () => {
    const ada = await register({
      username: 'ada.p',
      email: 'ada.p@example.org',
      firstName: 'Ada',
      lastName: 'King',
    });
    await ada.api.users.update.mutate({
      bio: 'I write\nprograms.',
      interests: ['Mathematics', ' horse  races '],
    });
    const grace = await register({ username: 'grace.p' });
    const seen = await grace.api.users.get.query({ userId: ada.id });
    expect(seen).to.deep.equal({
      id: ada.id,
      username: 'ada.p',
      name: 'Ada King',
      firstName: 'Ada',
      lastName: 'King',
      bio: 'I write\nprograms.',
      interests: ['Mathematics', 'horse races'],
      createdAt: ada.createdAt,
    });
    expect((await refusalOf(grace.api.users.get.query({ userId: 'nobody' }))).code).to.equal('NOT_FOUND');
  });

  it('lists people by name, found by the beginning of each word, without oneself, page by page', async () => {
    const names = [
      'Zuzana Ámosová',
      'Zuzana Bártová',
      'zuzana amos',
      'Zuzka Dlouhá',
      'Ze Zuz',
      'Xaver Zuzana',
    ];
    const people = [];
    for (const [index, name] of names.entries()) {
      const [firstName = '', lastName = ''] = name.split(' ');
      people.push(await register({ username: `zz.list.${index}`, firstName, lastName }));
    }
    const me = await register({ username: 'zz.list.me', firstName: 'Zuzana', lastName: 'Me' });
    const found = async (search: string, limit = 50): Promise<string[]> => {
      const found: string[] = [];
      for (let cursor: string | undefined, more = true; more; ) {
        const page = await me.api.users.list.query({ search, limit, ...(cursor && { cursor }) });
        found.push(...page.items.map(({ name }) => name));
        expect(page.items.length).to.be.at.most(limit);
        more = page.nextCursor !== null;
        cursor = page.nextCursor ?? undefined;
      }
      return found;
    };
    const byName = ['Xaver Zuzana', 'zuzana amos', 'Zuzana Bártová', 'Zuzana Ámosová'];
    expect(await found('ZUZANA')).to.deep.equal(byName);
    expect(await found('zuz')).to.deep.equal(['Xaver Zuzana', 'Ze Zuz', ...byName.slice(1), 'Zuzka Dlouhá']);
    expect(await found('zuz', 2)).to.deep.equal(await found('zuz'));
    expect(await found('zuzana b')).to.deep.equal(['Zuzana Bártová']);
    expect(await found('zz.list.3')).to.deep.equal(['Zuzka Dlouhá']);
    expect(await found('.*')).to.deep.equal([]);
    await people[1]?.api.users.update.mutate({ isListed: false });
    expect(await found('zuzana b')).to.deep.equal([]);
  });

  it('goes on after names of any length', async () => {
    const { api } = await register({ username: 'long.looker' });
    const ids: string[] = [];
    for (const last of ['a', 'b', 'c']) {
      // One letter of the first name is eighteen in its folded form.
      const long = { firstName: '\u{fdfa}'.repeat(150), lastName: `${'漢'.repeat(149)}${last}` };
      ids.push((await register({ username: `long.name.${last}`, ...long })).id);
    }
    for (const search of [undefined, 'long.name']) {
      const found: string[] = [];
      for (let cursor: string | undefined, more = true; more; ) {
        const page = await api.users.list.query({
          limit: 1,
          ...(search !== undefined && { search }),
          ...(cursor !== undefined && { cursor }),
        });
        found.push(...page.items.map(({ id }) => id));
        more = page.nextCursor !== null;
        cursor = page.nextCursor ?? undefined;
      }
      expect(found.filter((id) => ids.includes(id))).to.have.members(ids);
      expect(new Set(found).size).to.equal(found.length);
    }
  });

  it('changes what is given and nothing else', async () => {
    const person = await register({ username: 'change.me', email: 'change@example.org', firstName: 'C' });
    const changed = await person.api.users.update.mutate({ lastName: 'Hange', lastSeen: 'nobody' });
    expect(changed).to.include({
      username: 'change.me',
      email: 'change@example.org',
      firstName: 'C',
      lastName: 'Hange',
    });
    expect(changed.lastSeen).to.equal('nobody');
    expect((await person.api.auth.me.query()).user).to.deep.equal(changed);
    const renamed = await person.api.users.update.mutate({ username: 'changed.me', email: null });
    expect(renamed).to.include({ username: 'changed.me', email: null });
    const login = (name: string) =>
      createApi(server.url).auth.login.mutate({ login: name, password: TEST_PASSWORD });
    await login('Changed.Me');
    for (const gone of ['change.me', 'change@example.org'])
      expect((await refusalOf(login(gone))).code).to.equal('BAD_CREDENTIALS');
    await register({ username: 'change.me', email: 'change@example.org' });
    const nothingLeft = await refusalOf(person.api.users.update.mutate({ username: null }));
    expect(nothingLeft).to.deep.include({ code: 'INVALID_INPUT' });
  });

  it('replaces the whole profile, and insists on all of it', async () => {
    const person = await register({ username: 'replace.me', firstName: 'Old' });
    const whole = {
      username: 'replaced.me',
      email: 'replaced@example.org',
      firstName: '',
      lastName: 'New',
      bio: '',
      interests: ['chess', 'Chess', 'CHESS'],
      lastSeen: 'everyone' as const,
      isListed: true,
    };
    expect(await person.api.users.replace.mutate(whole)).to.deep.include({ ...whole, interests: ['CHESS'] });
  });

  it('refuses a name or an address of somebody else, naming it, and keeps one’s own', async () => {
    await register({ username: 'taken.name', email: 'taken@example.org' });
    const person = await register({ username: 'wants.name' });
    const refused = await refusalOf(
      person.api.users.update.mutate({ username: 'TAKEN.name', email: 'Taken@example.org' }),
    );
    expect(refused.code).to.equal('CONFLICT');
    expect(refused.fields).to.have.keys('username', 'email');
    expect((await person.api.users.update.mutate({ username: 'Wants.Name' })).username).to.equal(
      'Wants.Name',
    );
  });

  it('holds every one of twenty changes made at once, each of another field', async () => {
    const person = await signUp(server);
    const changes = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0
        ? person.api.users.update.mutate({ firstName: `First${index}` })
        : person.api.users.update.mutate({ lastName: `Last${index}` }),
    );
    await Promise.all(changes);
    const { user } = await person.api.auth.me.query();
    const { items } = await (await signUp(server)).api.users.list.query({
      search: `${user.firstName} ${user.lastName}`,
    });
    expect(items.map(({ id }) => id)).to.deep.equal([person.id]);
  });

  it('lets one of ten have a name they all change to at once', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => signUp(server)));
    const outcomes = await Promise.allSettled(
      people.map(({ api }) => api.users.update.mutate({ username: 'everybodys.darling' })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
  });
});
