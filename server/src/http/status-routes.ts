import { errorCatalogue } from '@parley/shared';
import type { FastifyInstance } from 'fastify';
import { version } from '../platform/version.js';
import { TRPC_PREFIX } from './errors.js';

export interface StatusOptions {
  /** Why requests cannot be served just now, in words for an operator; null when they can. */
  whyNotReady(): Promise<string | null>;
}

/** What people and machines ask a server about itself. */
export const mountStatus = (app: FastifyInstance, { whyNotReady }: StatusOptions): void => {
  const unlimited = { config: { rateLimit: false } };
  app.get('/healthz', unlimited, () => ({ status: 'ok' }));
  app.get('/readyz', unlimited, async (request, reply) => {
    const reason = await whyNotReady();
    if (reason === null) return { status: 'ready' };
    // Asked every few seconds while it lasts: what fails is logged where it fails.
    request.log.warn({ reason }, 'not ready');
    const { http, message } = errorCatalogue.UNAVAILABLE;
    const error = { code: 'UNAVAILABLE', message };
    return reply.code(http).send({ status: 'not ready', reason, error, requestId: request.id });
  });
  app.get('/version', () => ({ name: 'parley', version }));
  app.get('/', () => ({
    name: 'parley',
    version,
    about: 'A realtime backend: typed procedures, conversations as live documents, every message kept.',
    procedures: TRPC_PREFIX,
    sync: '/sync/<conversation id>?token=<access token>',
    health: ['/healthz', '/readyz', '/version', '/metrics'],
  }));
};
