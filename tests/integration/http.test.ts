import { limits } from '@parley/shared';
import { expect } from 'chai';
import WebSocket from 'ws';
import {
  createApi,
  rawRequest,
  refusalOf,
  signUp,
  startTestServer,
  type TestServer,
} from '../harness/kit.js';
import { speak } from '../harness/speak.js';

const json = { 'content-type': 'application/json' };

describe('http', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ corsOrigins: ['https://app.example'] });
  });
  after(() => server.close());

  describe('what it tells about itself', () => {
    it('is alive, ready, and says its name and version', async () => {
      expect((await rawRequest(`${server.url}/healthz`)).text).to.equal('{"status":"ok"}');
      expect((await rawRequest(`${server.url}/readyz`)).text).to.equal('{"status":"ready"}');
      expect((await rawRequest(`${server.url}/version`)).text).to.match(
        /^\{"name":"parley","version":"\d+\.\d+\.\d+/,
      );
      expect((await rawRequest(server.url)).text).to.include('/trpc');
    });

    it('gives every answer an id and the usual defences', async () => {
      const { headers } = await rawRequest(`${server.url}/version`);
      expect(headers.get('x-request-id')).to.match(/^[\da-f-]{36}$/);
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('content-security-policy')).to.include("default-src 'self'");
      expect(headers.get('x-powered-by')).to.equal(null);
    });
  });

  describe('requests that are none', () => {
    it('answers unknown paths and wrong methods in JSON', async () => {
      const unknown = await rawRequest(`${server.url}/nothing/here`);
      expect([unknown.status, unknown.code]).to.deep.equal([404, 'NOT_FOUND']);
      const method = await rawRequest(`${server.url}/healthz`, { method: 'DELETE' });
      expect([method.status, method.code, method.headers.get('allow')]).to.deep.equal([
        405,
        'METHOD_NOT_ALLOWED',
        'GET',
      ]);
    });

    it('answers an unknown procedure, a query sent as a mutation, and other methods', async () => {
      const post = { method: 'POST', headers: json, body: '{}' };
      const unknown = await rawRequest(`${server.url}/trpc/auth.become`, post);
      expect([unknown.status, unknown.code]).to.deep.equal([404, 'NOT_FOUND']);
      const inherited = await rawRequest(`${server.url}/trpc/constructor`, post);
      expect([inherited.status, inherited.code]).to.deep.equal([404, 'NOT_FOUND']);
      for (const call of [
        rawRequest(`${server.url}/trpc/auth.me`, post),
        rawRequest(`${server.url}/trpc/auth.login`),
        rawRequest(`${server.url}/trpc/auth.login`, { method: 'PUT', headers: json, body: '{}' }),
      ]) {
        const { status, code } = await call;
        expect([status, code]).to.deep.equal([405, 'METHOD_NOT_ALLOWED']);
      }
    });

    it('refuses bodies that are not JSON, or say so', async () => {
      for (const body of ['{', 'null}', '[1,2', '\u0000', '{"json":{"login":"x"}']) {
        const answer = await rawRequest(`${server.url}/trpc/auth.login`, {
          method: 'POST',
          headers: json,
          body,
        });
        expect([answer.status, answer.code], body).to.deep.equal([400, 'INVALID_INPUT']);
        expect(answer.fields).to.have.keys('input');
      }
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/octet-stream',
      ]) {
        const headers = { 'content-type': type };
        const answer = await rawRequest(`${server.url}/trpc/auth.login`, {
          method: 'POST',
          headers,
          body: 'a=b',
        });
        expect([answer.status, answer.code], type).to.deep.equal([415, 'UNSUPPORTED_MEDIA_TYPE']);
      }
      const query = await rawRequest(`${server.url}/trpc/auth.me?input={`);
      expect(query.status).to.equal(401);
    });

    it('refuses a body over its limit, in a form that a client of procedures understands', async () => {
      const device = 'x'.repeat(limits.jsonBodyBytes.value);
      const refusal = await refusalOf(
        createApi(server.url).auth.login.mutate({ login: 'x', password: 'x', device }),
      );
      expect(refusal).to.include({ code: 'TOO_LARGE', httpStatus: 413 });
    });

    it('refuses a batch of more calls than a page makes', async () => {
      const names = Array.from({ length: 51 }, () => 'auth.me').join(',');
      const answer = await rawRequest(`${server.url}/trpc/${names}?batch=1`);
      expect([answer.status, answer.code]).to.deep.equal([400, 'INVALID_INPUT']);
    });

    it('refuses broken escapes and hosts that are none, without a fault of its own', async () => {
      const broken = await rawRequest(`${server.url}/trpc/%E0%A4%A`);
      expect([broken.status, broken.code]).to.deep.equal([400, 'INVALID_INPUT']);
      const elsewhere = await rawRequest(`${server.url}/%`);
      expect(elsewhere.status).to.equal(400);
      const host = await speak(server, 'GET /version HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n');
      expect(host).to.match(/^HTTP\/1\.1 400 /);
      expect(await speak(server, 'GET /version HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n')).to.match(
        /^HTTP\/1\.1 400 /,
      );
      expect(await speak(server, '\u0000\u0001\u0002\r\n\r\n')).to.match(/^HTTP\/1\.1 400 /);
      expect((await rawRequest(`${server.url}/healthz`)).status).to.equal(200);
    });

    it('answers every call of a batch for itself', async () => {
      const { token } = await signUp(server);
      const api = createApi(server.url, token, { batch: true });
      const [me, refused, rooms] = await Promise.allSettled([
        api.auth.me.query(),
        api.messages.list.query({ conversationId: 'nothing' }),
        api.rooms.list.query(),
      ]);
      expect([me.status, refused.status, rooms.status]).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    });
  });

  describe('origins', () => {
    it('lets pages of the allow-list read answers, and no others', async () => {
      const allowed = await rawRequest(`${server.url}/version`, {
        headers: { origin: 'https://app.example' },
      });
      expect(allowed.headers.get('access-control-allow-origin')).to.equal('https://app.example');
      const foreign = await rawRequest(`${server.url}/version`, {
        headers: { origin: 'https://evil.example' },
      });
      expect(foreign.headers.get('access-control-allow-origin')).to.equal(null);
      const preflight = await rawRequest(`${server.url}/trpc/auth.login`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://app.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
      expect(preflight.status).to.equal(204);
      expect(preflight.headers.get('access-control-allow-headers')).to.include('authorization');
    });
  });

  describe('upgrades', () => {
    /** How an attempt to open a socket ended: with an HTTP status, or open. */
    const open = (path: string, origin?: string): Promise<number | 'open'> =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${server.wsUrl}${path}`, origin === undefined ? {} : { origin });
        socket.on('unexpected-response', (_request, response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        socket.on('open', () => {
          resolve('open');
          socket.terminate();
        });
        socket.on('error', reject);
      });

    it('opens under the sync path, for subscriptions, and nowhere else', async () => {
      expect(await open('/sync/some-document?token=x')).to.equal('open');
      expect(await open('/trpc')).to.equal('open');
      expect(await open('/trpc?connectionParams=1')).to.equal('open');
      expect(await open('/trpc', 'https://evil.example')).to.equal(403);
      for (const path of [
        '/',
        '/trpc/events.stream',
        '/trpcs',
        '/sync',
        '/sync/',
        '/sync/a/b',
        '/sync/%2F',
        '/sync/%E0%A4%A',
        `/sync/${'x'.repeat(65)}`,
        '/synced/a',
      ]) {
        expect(await open(path), path).to.equal(404);
      }
    });

    it('opens for pages of its own or of the allow-list, and for programs', async () => {
      expect(await open('/sync/x', 'https://app.example')).to.equal('open');
      expect(await open('/sync/x', server.url)).to.equal('open');
      expect(await open('/sync/x', 'https://evil.example')).to.equal(403);
      expect(await open('/sync/x', 'null')).to.equal(403);
    });

    it('survives upgrades that are none', async () => {
      const head = (path: string, more = '') =>
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${more}\r\n`;
      expect(await speak(server, head('//'))).to.match(/^HTTP\/1\.1 404 /);
      expect(await speak(server, head('http://[/sync/x'))).to.match(/^HTTP\/1\.1 404 /);
      expect(await speak(server, head('/sync/x'))).to.match(/^HTTP\/1\.1 400 /);
      expect(
        await speak(server, head('/sync/x', 'Sec-WebSocket-Version: 99\r\nSec-WebSocket-Key: short\r\n')),
      ).to.match(/^HTTP\/1\.1 4/);
      expect((await rawRequest(`${server.url}/healthz`)).status).to.equal(200);
    });
  });
});

describe('http with limits on', () => {
  it('refuses an address that asks too often, and says when to come back; health checks go on', async () => {
    await using server = await startTestServer({ rateLimits: true });
    let refused = await rawRequest(`${server.url}/version`);
    for (let round = 0; round < 40 && refused.status === 200; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => rawRequest(`${server.url}/version`)),
      );
      refused = answers.find(({ status }) => status !== 200) ?? refused;
    }
    expect([refused.status, refused.code]).to.deep.equal([429, 'TOO_MANY_REQUESTS']);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
    const call = await refusalOf(createApi(server.url).auth.me.query());
    expect(call).to.include({ code: 'TOO_MANY_REQUESTS', httpStatus: 429 });
    expect((await rawRequest(`${server.url}/healthz`)).status).to.equal(200);
  });
});

describe('a server', () => {
  it('closes in order with a socket and a request open, once, however often it is asked', async () => {
    const server = await startTestServer();
    const { token, api } = await signUp(server);
    const { room } = await api.rooms.joinOrCreate.mutate({ name: 'closing' });
    const socket = new WebSocket(`${server.wsUrl}/sync/${room.id}?token=${token}`);
    await new Promise((resolve) => socket.once('message', resolve));
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await Promise.all([server.close(), server.close()]);
    expect(await closed).to.equal(1012);
    const outcome = await rawRequest(`${server.url}/healthz`).catch(() => 'gone');
    expect(outcome).to.equal('gone');
  });

  it('shares nothing with another in the same process', async () => {
    await using first = await startTestServer();
    await using second = await startTestServer();
    const { token } = await signUp(first, 'same');
    expect((await refusalOf(createApi(second.url, token).auth.me.query())).code).to.equal('SESSION_ENDED');
    await first.close();
    await signUp(second);
  });

  it('does not start on a port that is taken, and leaves nothing open', async () => {
    await using first = await startTestServer();
    const outcome = await startTestServer({ port: Number(new URL(first.url).port) }).catch(
      (error: unknown) => error,
    );
    expect(outcome).to.be.instanceOf(Error).with.property('message').that.includes('EADDRINUSE');
  });
});
