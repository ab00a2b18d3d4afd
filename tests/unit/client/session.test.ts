import { createParleyClient, memoryStorage, ParleyError, type Storage } from '@parley/client';
import type { SignedIn } from '@parley/shared';
import { expect } from 'chai';
import superjson from 'superjson';
import { me } from './bench.js';
import { FakeTiming, settle } from './fake-timing.js';

/** Answers procedures as the server would, without one. */
class FakeApi {
  readonly calls: { path: string; token: string | null }[] = [];
  readonly timing = new FakeTiming();
  generation = 0;
  lifeMs = 900_000;
  /** Error code of the next refreshes. */
  refuseRefresh: string | null = null;
  isUp = true;

  get refreshes(): number {
    return this.calls.filter(({ path }) => path === 'auth.refresh').length;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    await settle();
    if (!this.isUp) throw new TypeError('fetch failed');
    const paths = new URL(String(input)).pathname.slice('/trpc/'.length).split(',');
    const token = new Headers(init?.headers).get('authorization');
    return Response.json(paths.map((path) => this.#answer(path, token)));
  };

  signedIn(): SignedIn {
    return { user: me, session: { id: 'session-1' }, tokens: this.#tokens() };
  }

  #tokens(): SignedIn['tokens'] {
    return {
      accessToken: `access-${this.generation}`,
      refreshToken: `refresh-${this.generation}`,
      accessExpiresAt: new Date(this.timing.now() + this.lifeMs),
    };
  }

  #answer(path: string, token: string | null): object {
    this.calls.push({ path, token });
    if (path === 'auth.login' || path === 'auth.register') return this.#result(this.signedIn());
    if (path === 'auth.refresh') {
      if (this.refuseRefresh !== null) return this.#error(this.refuseRefresh);
      this.generation += 1;
      return this.#result(this.#tokens());
    }
    if (token !== `Bearer access-${this.generation}`) return this.#error('TOKEN_EXPIRED');
    return this.#result({ done: true });
  }

  #result(data: object): object {
    return { result: { data: superjson.serialize(data) } };
  }

  #error(code: string): object {
    const data = { code, httpStatus: 401, details: {}, requestId: 'request-1', path: null };
    return { error: superjson.serialize({ message: `no: ${code}`, code: -32_001, data }) };
  }
}

const bench = async (storage: Storage = memoryStorage(), api = new FakeApi()) => {
  const client = createParleyClient({
    url: 'http://parley.test',
    storage,
    fetch: api.fetch,
    timing: api.timing,
  });
  await client.signIn({ login: 'ada', password: 'secret-secret' });
  return { client, api, storage };
};

const rejectionOf = async (promise: Promise<unknown>): Promise<ParleyError> => {
  const error = await promise.then(
    () => expect.fail('it was answered'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ParleyError)) throw error;
  return error;
};

describe('a session', () => {
  it('refreshes once for 20 calls whose token was refused, and answers them all', async () => {
    const { client, api } = await bench();
    api.generation = 5;
    await Promise.all(Array.from({ length: 20 }, () => client.api.auth.me.query()));
    expect(api.refreshes).to.equal(1);
    await client.api.auth.me.query();
    expect(api.refreshes).to.equal(1);
  });

  it('refreshes a minute before the end of a token, once for 20 calls', async () => {
    const { client, api } = await bench();
    api.timing.advance(839_000);
    await client.api.auth.me.query();
    expect(api.refreshes).to.equal(0);
    api.timing.advance(2_000);
    await Promise.all(Array.from({ length: 20 }, () => client.api.auth.me.query()));
    expect(api.refreshes).to.equal(1);
    expect(api.calls.at(-1)?.token).to.equal('Bearer access-1');
  });

  it('goes on with a token that is not over yet when it cannot be refreshed early', async () => {
    const { client, api } = await bench();
    api.timing.advance(850_000);
    api.refuseRefresh = 'UNAVAILABLE';
    await client.api.auth.me.query();
    expect(api.refreshes).to.equal(1);
  });

  it('is refreshed by one of two clients on one storage; the other takes the new tokens over', async () => {
    const { client, api, storage } = await bench();
    const other = createParleyClient({
      url: 'http://parley.test',
      storage,
      fetch: api.fetch,
      timing: api.timing,
    });
    expect((await other.restore())?.id).to.equal(me.id);
    api.timing.advance(880_000);
    await Promise.all([client.api.auth.me.query(), other.api.auth.me.query(), client.api.auth.me.query()]);
    expect(api.refreshes).to.equal(1);
  });

  it('ends when its refresh is refused: cleared, everybody told, conversations closed', async () => {
    const { client, api, storage } = await bench();
    const events: unknown[] = [];
    client.onSession(({ user, reason }) => events.push([user, reason?.code]));
    const conversation = client.conversation('c1');
    api.generation = 5;
    api.refuseRefresh = 'SESSION_ENDED';
    const error = await rejectionOf(client.api.auth.me.query());
    expect(error).to.include({ code: 'SESSION_ENDED', retry: 'sign-in' });
    expect(events).to.deep.equal([[null, 'SESSION_ENDED']]);
    expect(client.user).to.equal(null);
    expect(conversation.status).to.equal('closed');
    expect(conversation.error?.code).to.equal('SESSION_ENDED');
    expect(await storage.get('parley:http://parley.test:session')).to.equal(null);
    expect(() => client.conversation('c1'))
      .to.throw()
      .with.property('code', 'NOT_SIGNED_IN');
  });

  it('stands while the network fails', async () => {
    const { client, api } = await bench();
    api.isUp = false;
    expect(await rejectionOf(client.api.auth.me.query())).to.include({ code: 'NETWORK', retry: 'later' });
    expect(client.user?.id).to.equal(me.id);
    api.isUp = true;
    await client.api.auth.me.query();
  });

  it('comes back from the storage with its dates, and from nothing else', async () => {
    const { api, storage } = await bench();
    const again = createParleyClient({
      url: 'http://parley.test/',
      storage,
      fetch: api.fetch,
      timing: api.timing,
    });
    expect(await again.restore()).to.deep.equal(me);
    await storage.set('parley:http://parley.test:session', '{"json":{"signedIn":{}}}');
    const empty = createParleyClient({ url: 'http://parley.test', storage });
    expect(await empty.restore()).to.equal(null);
  });

  it('is over here after signing out, though the server could not be told', async () => {
    const { client, api } = await bench();
    api.isUp = false;
    expect(await rejectionOf(client.signOut())).to.include({ code: 'NETWORK' });
    expect(client.user).to.equal(null);
  });

  it('carries the token it had when it says good-bye', async () => {
    const { client, api } = await bench();
    await client.signOut();
    expect(api.calls.at(-1)).to.deep.equal({ path: 'auth.logout', token: 'Bearer access-0' });
    await client.signOut();
    expect(api.calls.filter(({ path }) => path === 'auth.logout')).to.have.length(1);
  });

  it('gives the same conversation for an id until it is closed', async () => {
    const { client } = await bench();
    const first = client.conversation('c1');
    expect(client.conversation('c1')).to.equal(first);
    first.close();
    expect(client.conversation('c1')).not.to.equal(first);
    client.close();
  });
});
