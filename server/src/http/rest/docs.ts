// Owns showing the OpenAPI document: as it is, and as pages to browse and try. Everything comes from this server.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { AppError } from '@parley/shared';
import type { FastifyInstance } from 'fastify';
import type { OpenApiDocument } from './openapi.js';

/** Swagger UI sets styles of its own; nothing but this server's files runs or loads. */
const POLICY =
  "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What the pages load. */
const IN_PAGES = ['/api/docs/json', '/api/docs/yaml', '/api/docs/static/*'];

export const mountDocs = async (app: FastifyInstance, document: OpenApiDocument): Promise<void> => {
  // It is large, and always the same.
  const text = JSON.stringify(document);
  await app.register(async (scope) => {
    scope.route({
      method: ['GET', 'HEAD'],
      url: '/api/openapi.json',
      handler: async (_request, reply) => await reply.type('application/json; charset=utf-8').send(text),
    });
    // Its pages answer HEAD as everything else does: that of one would be taken for a person's otherwise.
    scope.addHook('onRoute', (route) => {
      if (route.method === 'GET') route.method = ['GET', 'HEAD'];
    });
    // Its types know no OpenAPI 3.1; its pages do.
    const copy = JSON.parse(text);
    await scope.register(swagger, { mode: 'static', specification: { document: copy } });
    await scope.register(swaggerUi, {
      routePrefix: '/api/docs',
      staticCSP: POLICY,
      uiConfig: {
        // Without a bar that offers documents of elsewhere, which the policy keeps out, and shows somebody else's sign.
        layout: 'BaseLayout',
        deepLinking: true,
        docExpansion: 'none',
        persistAuthorization: false,
        validatorUrl: null,
      },
      theme: { title: 'Parley' },
    });
    for (const url of ['/api/openapi.json', '/api/docs', ...IN_PAGES])
      scope.route({
        method: ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'],
        url,
        handler: async (_request, reply) => {
          void reply.header('allow', 'GET, HEAD');
          throw new AppError('METHOD_NOT_ALLOWED');
        },
      });
  });
};
