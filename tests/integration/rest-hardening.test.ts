// What the REST surface answers to whatever is no request of any route.
import { limits } from '@parley/shared';
import { expect } from 'chai';
import { rawRequest, signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { createRestClient, type RestClient, type RestFault } from '../harness/rest.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const APP = 'https://app.example';

describe('the REST surface, hardened', () => {
  let server: TestServer;
  let rest: RestClient;
  let ada: TestPerson;
  before(async () => {
    server = await startTestServer({ corsOrigins: [APP] });
    rest = await createRestClient(server);
    ada = await signUp(server, 'ada');
  });
  after(() => server.close());

  const projects = () => `${server.url}/api/projects/`;

  it('answers what is nowhere in JSON, with the request’s id', async () => {
    for (const path of [
      '/api/nothing/here/at/all',
      '/api/v1',
      '/api/v1/nothing',
      '/api/v1/projects/a/b/c/d',
    ]) {
      const answer = await rawRequest(`${server.url}${path}`);
      expect(answer.status, path).to.equal(path === '/api/v1' ? 401 : 404);
      const { requestId }: RestFault = JSON.parse(answer.text);
      expect(requestId).to.equal(answer.headers.get('x-request-id'));
    }
  });

  it('lets literal paths own all their methods', async () => {
    for (const [path, allow] of [
      ['/api/projects', 'GET, POST, HEAD'],
      ['/api/v1/auth/login/', 'POST'],
      ['/api/openapi.json', 'GET, HEAD'],
    ] as const) {
      const answer = await rawRequest(`${server.url}${path}`, { method: 'DELETE' });
      expect([answer.status, answer.code, answer.headers.get('allow')]).to.deep.equal([
        405,
        'METHOD_NOT_ALLOWED',
        allow,
      ]);
    }
  });

  it('answers HEAD as GET, without the body', async () => {
    const authorization = { authorization: `Bearer ${ada.token}` };
    const got = await fetch(projects(), { headers: authorization });
    const head = await fetch(projects(), { method: 'HEAD', headers: authorization });
    expect([head.status, await head.text()]).to.deep.equal([200, '']);
    for (const name of ['content-type', 'content-length', 'cache-control'])
      expect(head.headers.get(name), name).to.equal(got.headers.get(name));
    expect((await fetch(projects(), { method: 'HEAD' })).status).to.equal(401);
    for (const path of ['/api/docs', '/api/docs/', '/api/openapi.json', '/api/docs/static/swagger-ui.css']) {
      const [page, pageHead] = await Promise.all(
        ['GET', 'HEAD'].map((method) => fetch(`${server.url}${path}`, { method })),
      );
      expect([pageHead?.status, pageHead?.headers.get('content-type')], path).to.deep.equal([
        page?.status,
        page?.headers.get('content-type'),
      ]);
    }
  });

  it('lets pages of allowed origins call, with every method there is, and no others', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const asked = {
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization',
      };
      const allowed = await fetch(projects(), { method: 'OPTIONS', headers: { origin: APP, ...asked } });
      expect(allowed.status).to.equal(204);
      expect(allowed.headers.get('access-control-allow-origin')).to.equal(APP);
      expect(allowed.headers.get('access-control-allow-methods')?.split(', ')).to.include(method);
      const foreign = await fetch(projects(), {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example', ...asked },
      });
      expect(foreign.headers.get('access-control-allow-origin')).to.equal(null);
    }
    const headers = { origin: APP, authorization: `Bearer ${ada.token}` };
    const answer = await fetch(projects(), { headers });
    expect(answer.headers.get('access-control-allow-origin')).to.equal(APP);
    expect(answer.headers.get('access-control-expose-headers')).to.include('link').and.include('retry-after');
  });

  it('reads JSON and forms, says 415 to all else, and takes nothing for no fields', async () => {
    const { token } = ada;
    const form = await rest.call<{ name: string }>('POST', '/api/projects/', {
      token,
      body: new URLSearchParams({ name: 'a form', description: 'of two fields' }),
    });
    expect([form.status, form.body.name]).to.deep.equal([201, 'a form']);
    for (const type of [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/octet-stream',
      'nonsense',
    ])
      expect(
        await rest.refusal('POST', '/api/projects/', {
          token,
          body: '{"name":"x"}',
          headers: { 'content-type': type },
        }),
        type,
      ).to.deep.equal([415, 'UNSUPPORTED_MEDIA_TYPE']);
    const untyped = await fetch(projects(), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new Blob(['{"name":"x"}']),
    });
    expect(untyped.status).to.equal(415);
    const inWhole = await rest.refusal('POST', '/api/v1/projects', {
      token,
      body: new URLSearchParams({ name: 'x' }),
    });
    expect(inWhole).to.deep.equal([415, 'UNSUPPORTED_MEDIA_TYPE']);
    for (const request of [{ token }, { token, body: '', headers: JSON_TYPE }])
      expect(await rest.refusal('POST', '/api/projects/', request)).to.deep.equal([
        400,
        'INVALID_INPUT',
        'name',
      ]);
  });

  it('says 400 to what is no JSON object, and ignores what it does not know', async () => {
    const { token } = ada;
    const bodies = [
      '{',
      '{"name":}',
      'null',
      '[]',
      '"text"',
      '7',
      '{"name":"x"}}',
      '\u0000',
      '{"__proto__":{"name":"x"}}',
    ];
    for (const path of ['/api/projects/', '/api/v1/projects'])
      for (const body of bodies) {
        const [status, code] = await rest.refusal('POST', path, { token, body, headers: JSON_TYPE });
        expect([status, code], `${path} ${body}`).to.deep.equal([400, 'INVALID_INPUT']);
      }
    for (const path of ['/api/projects/', '/api/v1/projects'])
      expect(
        (await rest.call('POST', path, { token, body: { name: 'more', csrf: 'x', owner: 'me' } })).status,
      ).to.equal(201);
  });

  it('ignores what no object of ours has beside what it takes, and never takes null for nothing', async () => {
    const { token } = ada;
    const body = '{"name":"mine","__proto__":{"name":"other"},"constructor":{"prototype":{"name":"other"}}}';
    for (const path of ['/api/projects/', '/api/v1/projects']) {
      const made = await rest.call<{ name: string }>('POST', path, { token, body, headers: JSON_TYPE });
      expect([made.status, made.body.name], path).to.deep.equal([201, 'mine']);
    }
    const project = await rest.call<{ id: string }>('POST', '/api/v1/projects', {
      token,
      body: { name: 'x' },
    });
    for (const [method, path] of [
      ['PATCH', `/api/v1/projects/${project.body.id}`],
      ['POST', `/api/v1/projects/${project.body.id}/links`],
      ['PATCH', `/api/projects/${project.body.id}/`],
    ] as const) {
      const [status, code] = await rest.refusal(method, path, { token, body: 'null', headers: JSON_TYPE });
      expect([status, code], path).to.deep.equal([400, 'INVALID_INPUT']);
    }
  });

  it('says 405 to a QUERY, and what else there is', async () => {
    for (const [path, allow] of [
      ['/api/projects/', 'GET, POST, HEAD'],
      ['/api/v1/me', 'GET, PATCH, PUT, DELETE, HEAD'],
      ['/files/x', 'GET, HEAD, PUT'],
      ['/files/x/thumbnail', 'GET, HEAD'],
    ] as const)
      for (const headers of [{}, JSON_TYPE]) {
        const answer = await rawRequest(`${server.url}${path}`, { method: 'QUERY', headers });
        expect([answer.status, answer.code, answer.headers.get('allow')], path).to.deep.equal([
          405,
          'METHOD_NOT_ALLOWED',
          allow,
        ]);
      }
  });

  it('takes bodies of so many bytes, and no more', async () => {
    const { token } = ada;
    const fill = (bytes: number): string => {
      const rest = JSON.stringify({ name: 'large', more: '' });
      return rest.replace('""', `"${'x'.repeat(bytes - rest.length)}"`);
    };
    const most = limits.jsonBodyBytes.value;
    const whole = await rest.call('POST', '/api/projects/', { token, body: fill(most), headers: JSON_TYPE });
    expect(whole.status).to.equal(201);
    expect(
      await rest.refusal('POST', '/api/projects/', { token, body: fill(most + 1), headers: JSON_TYPE }),
    ).to.deep.equal([413, 'TOO_LARGE']);
    const deep = `{"name":"deep","more":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(
      (await rest.call('POST', '/api/projects/', { token, body: deep, headers: JSON_TYPE })).status,
    ).to.be.oneOf([201, 400]);
  });

  it('does not know ids of the wrong shape', async () => {
    const { token } = ada;
    for (const id of [
      'x',
      '%20',
      '%00',
      'a%0Ab',
      'x'.repeat(65),
      'x'.repeat(3_000),
      '..%2F..',
      '%F0%9F%92%A9',
      '$ne',
      '[object%20Object]',
    ])
      for (const path of [
        `/api/projects/${id}/`,
        `/api/v1/projects/${id}`,
        `/api/v1/conversations/${id}/messages`,
      ])
        expect(await rest.refusal('GET', path, { token }), path).to.deep.equal([404, 'NOT_FOUND']);
    for (const id of ['%ff', '%', '%zz']) {
      const answer = await rawRequest(`${server.url}/api/projects/${id}/`);
      expect([answer.status, answer.code], id).to.deep.equal([400, 'INVALID_INPUT']);
    }
  });

  it('reads queries as what they should be', async () => {
    const { token } = ada;
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=-1',
      'limit=1.5',
      'limit=1e2',
      'limit=',
      'limit=a',
      'limit=1&limit=2',
      'limit=0x10',
      'limit=%20',
    ]) {
      expect(await rest.refusal('GET', `/api/projects/?${query}`, { token }), query).to.deep.equal([
        400,
        'INVALID_INPUT',
        'limit',
      ]);
      expect(await rest.refusal('GET', `/api/v1/projects?${query}`, { token }), query).to.deep.equal([
        400,
        'INVALID_INPUT',
        'limit',
      ]);
    }
    for (const query of ['cursor=', 'cursor=x', `cursor=${'x'.repeat(601)}`, 'cursor=a&cursor=b'])
      expect(await rest.refusal('GET', `/api/projects/?${query}`, { token }), query).to.deep.equal([
        400,
        'INVALID_INPUT',
        'cursor',
      ]);
    expect(await rest.refusal('GET', '/api/v1/projects?archived=yes', { token })).to.deep.equal([
      400,
      'INVALID_INPUT',
      'archived',
    ]);
    expect((await rest.call('GET', '/api/v1/projects?archived=true&unknown=1', { token })).status).to.equal(
      200,
    );
  });

  it('goes on in lists by their Link header until the end', async () => {
    const bob = await signUp(server, 'bob');
    for (let index = 0; index < 5; index += 1)
      await bob.api.projects.create.mutate({ name: `number ${index}` });
    const names: string[] = [];
    let path: string | undefined = '/api/projects/?ignored=a%26b?c=d&limit=2';
    let pages = 0;
    while (path !== undefined) {
      const page: Awaited<ReturnType<typeof get>> = await get(path, bob.token);
      names.push(...page.body.map(({ name }) => name));
      path = /^<(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
      pages += 1;
    }
    expect([names, pages]).to.deep.equal([[4, 3, 2, 1, 0].map((index) => `number ${index}`), 3]);
  });
  const get = (path: string, token: string) => rest.call<{ name: string }[]>('GET', path, { token });
});

describe('the REST surface with limits on', () => {
  it('says when to come back', async () => {
    await using server = await startTestServer({ rateLimits: true });
    const rest = await createRestClient(server);
    const body = { login: 'nobody', password: 'not the password' };
    for (let tries = 0; tries < 200; tries += 1) {
      const { status, headers } = await rest.call('POST', '/api/v1/auth/login', { body });
      if (status === 401) continue;
      expect([status, Number(headers.get('retry-after'))]).to.satisfy(
        ([code, seconds]: [number, number]) => code === 429 && seconds >= 1,
      );
      return;
    }
    expect.fail('nobody was told to wait');
  });
});
