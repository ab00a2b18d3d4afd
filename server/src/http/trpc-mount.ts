import type { ServerResponse } from 'node:http';
import { type AppError, errorCatalogue } from '@parley/shared';
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance } from 'fastify';
import type { AppRouter } from '../app-router.js';
import type { Logger } from '../platform/logger.js';
import { type Actor, createContext, requestLine, type Streams, toAppError } from '../trpc/index.js';
import { TRPC_PREFIX } from './errors.js';
import { readText } from './text-body.js';

export interface TrpcMountOptions {
  readonly router: AppRouter;
  readonly log: Logger;
  readonly streams: Streams;
  verify(token: string): Promise<Actor>;
}

/** Calls in one batch: more than any page asks for at once, few enough that one request stays one request's work. */
const MAX_BATCH = 50;
/** How long a client may take to read how its stream ended. */
const FAREWELL_MS = 5_000;

/** The procedures at `/trpc/<name>`. Only JSON bodies are read; they reach tRPC as text, whose parser names what is wrong. */
export const mountTrpc = async (app: FastifyInstance, options: TrpcMountOptions): Promise<void> => {
  const { router, log, streams, verify } = options;
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, readText(body));
    });
    scope.route<{ Params: { path: string } }>({
      method: ['GET', 'POST'],
      url: `${TRPC_PREFIX}/:path`,
      handler: async (request, reply) => {
        await fastifyRequestHandler({
          router,
          req: request,
          res: reply,
          path: request.params.path,
          maxBatchSize: MAX_BATCH,
          createContext: () => ({
            ...createContext({
              requestId: request.id,
              log,
              streams,
              caller: { address: request.ip, userAgent: request.headers['user-agent'] ?? null },
              authorization: request.headers.authorization,
              verify,
            }),
            line: { ...requestLine, over: () => cutOff(reply.raw) },
          }),
          responseMeta: ({ data, errors }) => ({
            headers: retryAfter(errors),
            ...(errors.length === data.length && commonStatus(errors)),
          }),
          onError: ({ error, path }) => logFailure(log, { error, path, requestId: request.id }),
        });
      },
    });
  });
};

/** Whoever does not read how their stream ended would keep it open for as long as they like. */
const cutOff = (answer: ServerResponse): void => {
  setTimeout(() => {
    if (!answer.writableFinished) answer.destroy();
  }, FAREWELL_MS).unref();
};

/** The catalogue's, where all calls of a request failed alike: tRPC has no code for each status. */
const commonStatus = (errors: readonly unknown[]): { readonly status?: number } => {
  const [status, ...others] = new Set(errors.map((error) => errorCatalogue[toAppError(error).code].http));
  return status === undefined || others.length > 0 ? {} : { status };
};

const retryAfter = (errors: readonly unknown[]): Headers => {
  const headers = new Headers();
  const waits = errors.map((error) => toAppError(error).details.retryAfterSeconds ?? 0);
  const longest = Math.max(0, ...waits);
  if (longest > 0) headers.set('retry-after', String(longest));
  return headers;
};

/** The client learns a request id; the log keeps the rest. Never the input: it may hold a password or a message. */
export const logFailure = (
  log: Logger,
  failure: { error: unknown; path: string | undefined; requestId: string },
): void => {
  const error: AppError = toAppError(failure.error);
  const { path, requestId } = failure;
  if (error.code === 'INTERNAL' || error.code === 'UNAVAILABLE') {
    log.error({ err: error.cause ?? error, path, requestId, reason: error.logMessage }, 'a procedure failed');
  } else {
    log.debug({ code: error.code, path, requestId }, 'a procedure refused');
  }
};
