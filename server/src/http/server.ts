import { randomUUID } from 'node:crypto';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { AppError, limits } from '@parley/shared';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { AppRouter } from '../app-router.js';
import type { Logger } from '../platform/logger.js';
import type { Actor, Streams } from '../trpc/index.js';
import { fromFastify, mountErrors, sendError } from './errors.js';
import { type MetricsOptions, mountMetrics } from './metrics-route.js';
import { mountStatus } from './status-routes.js';
import { mountTrpc } from './trpc-mount.js';

export interface HttpOptions extends MetricsOptions {
  readonly router: AppRouter;
  readonly log: Logger;
  readonly origins: ReadonlySet<string>;
  readonly trustProxy: number;
  readonly rateLimits: boolean;
  readonly streams: Streams;
  verify(token: string): Promise<Actor>;
  whyNotReady(): Promise<string | null>;
}

/** Per address: a busy page makes a few a second; an office behind one address still fits. */
const REQUESTS_PER_MINUTE = 1_200;
const MAX_ADDRESSES = 20_000;
/** A request that takes longer to arrive is not one. */
const REQUEST_TIMEOUT_MS = 30_000;
/** A batch's path holds the names of all its procedures. */
const MAX_PATH_CHARACTERS = 5_000;

/** Everything over HTTP but the sockets. Not listening yet. */
export const createHttpServer = async (options: HttpOptions): Promise<FastifyInstance> => {
  const loggerInstance: FastifyBaseLogger = options.log;
  const app: FastifyInstance = Fastify({
    loggerInstance,
    // One line an answer, below, instead of two.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: limits.jsonBodyBytes.value,
    trustProxy: (_address: string, hop: number) => hop < options.trustProxy,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PATH_CHARACTERS, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => {
      void sendError(request, reply, fromFastify(error));
    },
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    refuseBadHost(request.headers.host);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode, elapsedTime } = reply;
    request.log.info({ req: request, statusCode, elapsedMs: Math.round(elapsedTime) }, 'answered');
  });
  mountErrors(app);
  await app.register(helmet);
  await app.register(cors, { origin: [...options.origins], maxAge: 600 });
  if (options.rateLimits) await app.register(rateLimit, rateLimits);
  mountStatus(app, options);
  mountMetrics(app, options);
  await mountTrpc(app, options);
  return app;
};

const rateLimits = {
  max: REQUESTS_PER_MINUTE,
  timeWindow: 60_000,
  cache: MAX_ADDRESSES,
  errorResponseBuilder: (_request: unknown, { ttl }: { ttl: number }) =>
    new AppError('TOO_MANY_REQUESTS', { details: { retryAfterSeconds: Math.ceil(ttl / 1000) } }),
};

/** A Host header that makes no URL would fail further in, as if it were our fault. */
const refuseBadHost = (host: string | undefined): void => {
  if (host === undefined || !URL.canParse(`http://${host}`)) {
    throw new AppError('INVALID_INPUT', { details: { fields: { host: ['is not a host name'] } } });
  }
};
