// The table of routes, the document that tells of it, and what is served are one thing.
import { createAppRouter } from '@parley/server/internal/app-router';
import { restRoutes } from '@parley/server/internal/http/rest/rest';
import { eventSchema } from '@parley/shared';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { rawRequest, startTestServer, type TestServer } from '../harness/kit.js';
import { createRestClient, type RestClient } from '../harness/rest.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Bytes and streams. */
const besideTable = ['GET /api/v1/events', 'PUT /files/{id}', 'GET /files/{id}', 'GET /files/{id}/thumbnail'];

describe('the REST surface', () => {
  let server: TestServer;
  let rest: RestClient;
  const router = createAppRouter({} as never);
  before(async () => {
    server = await startTestServer();
    rest = await createRestClient(server);
  });
  after(() => server.close());

  it('has a document that is one', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone({ ...rest.document }));
    expect(errors ?? []).to.deep.equal([]);
    expect(valid).to.equal(true);
  });

  it('tells patterns that readers without classes of Unicode can follow', () => {
    const patterns = [...JSON.stringify(rest.document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
      ([, pattern = '""']) => String(JSON.parse(pattern)),
    );
    expect(patterns.length).to.be.above(0);
    for (const pattern of patterns) {
      expect(pattern).not.to.include('\\p{');
      expect(() => new RegExp(pattern), pattern).not.to.throw();
    }
  });

  it('says of whole numbers when 32 bits are too few', () => {
    const widths: unknown[] = [];
    JSON.stringify(rest.document, (_key, value: unknown) => {
      const { type, maximum, format } = Object(value);
      if (type === 'integer' && maximum !== undefined)
        widths.push([maximum > 2_147_483_647, format === 'int64']);
      return value;
    });
    expect(widths).to.deep.include([true, true]).and.deep.include([false, false]);
    expect(widths).not.to.deep.include([true, false]).and.not.deep.include([false, true]);
  });

  it('has a name for every event, and tells by its type which it is', () => {
    const { Event, ...others } = rest.document.components.schemas;
    const mapping = Object.entries(Event?.discriminator?.mapping ?? {});
    expect(mapping.map(([type]) => type)).to.deep.equal(
      eventSchema.options.map(({ shape }) => shape.type.value),
    );
    expect(mapping.map(([, $ref]) => ({ $ref }))).to.deep.equal(Event?.oneOf);
    for (const [type, ref] of mapping)
      expect(others[ref.replace('#/components/schemas/', '')]?.properties?.type).to.include({ const: type });
    expect(mapping[3]).to.deep.equal(['message.added', '#/components/schemas/MessageAddedEvent']);
  });

  it('tells of every route of the table, each by a name of its own, and of no other', () => {
    const told = Object.entries(rest.document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = restRoutes(router).flatMap(({ method, paths }) =>
      paths.map((path) => `${method} ${path}`),
    );
    expect(new Set(routes).size, 'routes stand there once').to.equal(routes.length);
    expect(told.sort()).to.deep.equal([...routes, ...besideTable].sort());
    const ids = Object.values(rest.document.paths).flatMap((operations) =>
      Object.values(operations).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('names every tag that its operations have', () => {
    const had = Object.values(rest.document.paths).flatMap((operations) =>
      Object.values(operations).flatMap(({ tags }) => tags),
    );
    const named = rest.document.tags.map(({ name }) => name);
    expect(named.sort()).to.deep.equal([...new Set(had)].sort());
  });

  it('serves what it tells of, with and without a slash at the end, and answers other methods by naming those', async () => {
    for (const [path, operations] of Object.entries(rest.document.paths)) {
      const real = path.replaceAll(/\{\w+\}/g, 'nobody').replace(/\/$/, '');
      const told = Object.keys(operations).map((method) => method.toUpperCase());
      for (const method of METHODS)
        for (const url of [`${server.url}${real}`, `${server.url}${real}/`]) {
          const answer = await rawRequest(url, { method });
          if (told.includes(method)) {
            expect(answer.status, `${method} ${url} is served`).not.to.equal(405);
            continue;
          }
          expect([answer.status, answer.code], `${method} ${url}`).to.deep.equal([405, 'METHOD_NOT_ALLOWED']);
          const allowed = told.includes('GET') ? [...told, 'HEAD'] : told;
          expect(answer.headers.get('allow')?.split(', ').sort()).to.deep.equal(allowed.sort());
        }
    }
  });

  it('lets nobody in who is not signed in, but where it says so', async () => {
    for (const [path, operations] of Object.entries(rest.document.paths))
      for (const [method, { security }] of Object.entries(operations)) {
        if (security.length === 0) continue;
        const real = path.replaceAll(/\{\w+\}/g, 'nobody');
        for (const token of [undefined, 'nonsense']) {
          const [status] = await rest.refusal(method.toUpperCase(), real, {
            ...(token !== undefined && { token }),
            ...(method !== 'get' && { body: '{', headers: { 'content-type': 'application/json' } }),
          });
          expect(status, `${method} ${path}`).to.equal(401);
        }
      }
  });

  it('has a route in the whole API for every procedure that is called once', () => {
    const routed = restRoutes(router)
      .filter(({ paths }) => paths[0]?.startsWith('/api/v1/'))
      .map(({ procedure }) => procedure);
    const procedures = Object.entries(router._def.procedures)
      .filter(([, procedure]) => Reflect.get(procedure, '_def').type !== 'subscription')
      .map(([name]) => name);
    expect(routed.sort()).to.deep.equal(procedures.sort());
  });
});
