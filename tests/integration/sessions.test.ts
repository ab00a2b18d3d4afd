// Which devices are signed in, and how each of them is signed out.
import { limits } from '@parley/shared';
import { expect } from 'chai';
import {
  createApi,
  refusalOf,
  signUp,
  startTestServer,
  TEST_PASSWORD,
  type TestServer,
} from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

describe('sessions', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const signIn = async (login: string, device?: string) => {
    const { tokens, session } = await createApi(server.url).auth.login.mutate({
      login,
      password: TEST_PASSWORD,
      ...(device === undefined ? {} : { device }),
    });
    return { id: session.id, tokens, api: createApi(server.url, tokens.accessToken) };
  };

  it('lists the devices of a person, the newest first, by name, page by page, and nobody else’s', async () => {
    const person = await signUp(server);
    await signUp(server);
    await signIn(person.username, 'Phone');
    const answer = await fetch(`${server.url}/trpc/auth.login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': FIREFOX },
      body: JSON.stringify({ json: { login: person.username, password: TEST_PASSWORD } }),
    });
    expect(answer.status).to.equal(200);
    const { items, nextCursor } = await person.api.auth.sessions.query({});
    expect(items.map(({ device }) => device).slice(0, 2)).to.deep.equal(['Firefox on Linux', 'Phone']);
    expect(items.map(({ isCurrent }) => isCurrent)).to.deep.equal([false, false, true]);
    expect(items.at(-1)).to.include({ id: person.session.id, address: '127.0.0.1' });
    expect(nextCursor).to.equal(null);
    const ids: string[] = [];
    for (let cursor: string | undefined, more = true; more; ) {
      const page = await person.api.auth.sessions.query({ limit: 2, ...(cursor && { cursor }) });
      ids.push(...page.items.map(({ id }) => id));
      more = page.nextCursor !== null;
      cursor = page.nextCursor ?? undefined;
    }
    expect(ids).to.deep.equal(items.map(({ id }) => id));
  });

  it('signs one device out: its tokens, its open sockets, and no other', async () => {
    const person = await signUp(server);
    const { room } = await person.api.rooms.joinOrCreate.mutate({ name: `sessions ${person.username}` });
    const [left, right] = [await signIn(person.username), await signIn(person.username)];
    const socket = (token: string) => new RawClient({ url: server.url, conversationId: room.id, token });
    const [out, stays] = [socket(left.tokens.accessToken), socket(right.tokens.accessToken)];
    await Promise.all([out.synced(), stays.synced()]);
    await person.api.auth.revokeSession.mutate({ sessionId: left.id });
    expect((await out.closed).code).to.equal(4401);
    expect((await refusalOf(left.api.auth.me.query())).code).to.equal('SESSION_ENDED');
    await right.api.auth.me.query();
    const again = await refusalOf(person.api.auth.revokeSession.mutate({ sessionId: left.id }));
    expect(again.code).to.equal('NOT_FOUND');
    await stays.close();
  });

  it('does not sign out somebody else’s device', async () => {
    const [person, stranger] = [await signUp(server), await signUp(server)];
    const refused = await refusalOf(stranger.api.auth.revokeSession.mutate({ sessionId: person.session.id }));
    expect(refused.code).to.equal('NOT_FOUND');
    await person.api.auth.me.query();
  });

  it('signs out everywhere, here too or not', async () => {
    const person = await signUp(server);
    const others = [await signIn(person.username), await signIn(person.username)];
    expect(await person.api.auth.logoutEverywhere.mutate({ keepThis: true })).to.deep.equal({ ended: 2 });
    for (const { api } of others)
      expect((await refusalOf(api.auth.me.query())).code).to.equal('SESSION_ENDED');
    await person.api.auth.me.query();
    expect(await person.api.auth.logoutEverywhere.mutate({})).to.deep.equal({ ended: 1 });
    expect((await refusalOf(person.api.auth.me.query())).code).to.equal('SESSION_ENDED');
  });

  it('signs out the device that was away longest when there are too many', async () => {
    const person = await signUp(server);
    const most = limits.sessionsPerUser.value;
    for (let count = 1; count < most; count += 1) await signIn(person.username);
    await person.api.auth.me.query();
    const newest = await signIn(person.username);
    expect((await refusalOf(person.api.auth.me.query())).code).to.equal('SESSION_ENDED');
    const { items } = await newest.api.auth.sessions.query({ limit: 100 });
    expect(items).to.have.length(most);
  });
});
