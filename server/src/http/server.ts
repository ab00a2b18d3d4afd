import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { AppError, limits } from '@parley/shared';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { AppRouter } from '../app-router.js';
import type { Logger } from '../platform/logger.js';
import type { Streams } from '../trpc/index.js';
import { fromFastify, mountErrors, sendError } from './errors.js';
import { type FileRoutesOptions, isUpload, mountFiles } from './file-routes.js';
import { type MetricsOptions, mountMetrics } from './metrics-route.js';
import { type FileFormsOptions, isFileForm, mountRest, type RestServices } from './rest/index.js';
import { mountStatus } from './status-routes.js';
import { mountTrpc } from './trpc-mount.js';
import { answerUnreadable } from './unreadable.js';

export interface HttpOptions extends MetricsOptions, FileRoutesOptions {
  readonly router: AppRouter;
  readonly log: Logger;
  readonly origins: ReadonlySet<string>;
  readonly trustProxy: number;
  readonly rateLimits: boolean;
  readonly streams: Streams;
  readonly services: RestServices;
  readonly forms: FileFormsOptions;
  whyNotReady(): Promise<string | null>;
}

/** Per address: a busy page makes a few a second; an office behind one address still fits. */
const REQUESTS_PER_MINUTE = 1_200;
const MAX_ADDRESSES = 20_000;
/** A request that takes longer to arrive is not one, unless it brings a file. */
const REQUEST_TIMEOUT_MS = 30_000;
const UPLOAD_TIMEOUT_MS = limits.uploadMs.value + REQUEST_TIMEOUT_MS;
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
    requestTimeout: UPLOAD_TIMEOUT_MS,
    // Looked at below, where it is answered like everything else.
    http: { headersTimeout: REQUEST_TIMEOUT_MS, requireHostHeader: false },
    clientErrorHandler: (error, socket) => answerUnreadable(options.log, { error, socket }),
    routerOptions: { maxParamLength: MAX_PATH_CHARACTERS, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => {
      void sendError(request, reply, fromFastify(error));
    },
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    refuseBadHost(request.raw);
    if (!isUpload(request) && !isFileForm(request)) boundArrival(app, request);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode, elapsedTime } = reply;
    request.log.info({ req: request, statusCode, elapsedMs: Math.round(elapsedTime) }, 'answered');
  });
  // A client that expects something else than 100 Continue is answered all the same, by what it asks for.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  mountErrors(app);
  await app.register(helmet);
  await app.register(cors, {
    origin: [...options.origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['content-disposition', 'content-range', 'etag', 'link', 'retry-after', 'x-request-id'],
    maxAge: 600,
    // A plain OPTIONS is a question like another.
    strictPreflight: false,
  });
  if (options.rateLimits) await app.register(rateLimit, rateLimits);
  mountStatus(app, options);
  mountMetrics(app, options);
  await mountTrpc(app, options);
  await mountFiles(app, options);
  await mountRest(app, options);
  return app;
};

const rateLimits = {
  max: REQUESTS_PER_MINUTE,
  timeWindow: 60_000,
  cache: MAX_ADDRESSES,
  errorResponseBuilder: (_request: unknown, { ttl }: { ttl: number }) =>
    new AppError('TOO_MANY_REQUESTS', { details: { retryAfterSeconds: Math.ceil(ttl / 1000) } }),
};

/** Ends a request whose body is slow, as Node ends one that is slower than any may be. */
const boundArrival = (app: FastifyInstance, { raw }: FastifyRequest): void => {
  const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length']) > 0;
  if (!hasBody || raw.destroyed) return;
  const timer = setTimeout(() => {
    if (raw.complete) return;
    const error = Object.assign(new Error('the body is slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    app.server.emit('clientError', error, raw.socket);
  }, REQUEST_TIMEOUT_MS).unref();
  raw.once('close', () => clearTimeout(timer));
};

/** A Host header that makes no URL would fail further in, as if it were our fault. HTTP/1.0 knows none. */
const refuseBadHost = ({ headers: { host }, httpVersion }: IncomingMessage): void => {
  const isRight = host === undefined ? httpVersion === '1.0' : URL.canParse(`http://${host}`);
  if (!isRight)
    throw new AppError('INVALID_INPUT', { details: { fields: { host: ['is not a host name'] } } });
};
