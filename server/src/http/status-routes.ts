import { AppError } from '@parley/shared';
import type { FastifyInstance } from 'fastify';
import { version } from '../platform/version.js';
import { sendError, TRPC_PREFIX } from './errors.js';

export interface StatusOptions {
  /** Whether requests can be served: the store answers. */
  isReady(): Promise<boolean>;
}

/** What people and machines ask a server about itself. */
export const mountStatus = (app: FastifyInstance, { isReady }: StatusOptions): void => {
  const unlimited = { config: { rateLimit: false } };
  app.get('/healthz', unlimited, () => ({ status: 'ok' }));
  app.get('/readyz', unlimited, async (request, reply) => {
    if (await isReady()) return { status: 'ready' };
    await sendError(request, reply, new AppError('UNAVAILABLE', { logMessage: 'the store does not answer' }));
    return reply;
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
