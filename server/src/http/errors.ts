import { AppError, type ErrorCode, errorCatalogue } from '@parley/shared';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import superjson from 'superjson';
import { safeUrl } from '../platform/logger.js';
import { errorData, toAppError } from '../trpc/index.js';

export const TRPC_PREFIX = '/trpc';

/** How fastify's own refusals are answered; what is not listed goes by its status. */
const fastifyCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_BAD_URL: 'INVALID_INPUT',
};

/** The row for anything a request can end in before or beside a procedure. */
export const fromFastify = (error: unknown): AppError => {
  if (error instanceof AppError) return error;
  const { code, statusCode } = (error instanceof Error ? error : new Error(String(error))) as FastifyError;
  const listed = fastifyCodes[code];
  if (listed !== undefined) return new AppError(listed, { cause: error });
  const isClientFault = statusCode !== undefined && statusCode >= 400 && statusCode < 500;
  return isClientFault ? new AppError('INVALID_INPUT', { cause: error }) : toAppError(error);
};

/** Answers with an error in the form of its place: tRPC's under its mount, plain JSON elsewhere. */
export const sendError = async (
  request: FastifyRequest,
  reply: FastifyReply,
  error: AppError,
): Promise<void> => {
  const row = errorCatalogue[error.code];
  const { retryAfterSeconds, fields } = error.details;
  if (error.code === 'INTERNAL' || error.code === 'UNAVAILABLE') {
    request.log.error({ err: error.cause ?? error, path: safeUrl(request.url) }, 'a request failed');
  }
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
  if (row.http === UNAUTHORIZED) void reply.header('www-authenticate', challengeOf(error.code));
  void reply.code(row.http).type('application/json; charset=utf-8');
  if (placeOf(request).startsWith(`${TRPC_PREFIX}/`)) {
    const data = errorData(error, { requestId: request.id, path: null });
    const shape = { message: error.message, code: TRPC_NUMBER, data };
    await reply.send(JSON.stringify({ error: superjson.serialize(shape) }));
    return;
  }
  await reply.send(
    JSON.stringify({
      // Beside the error too, where simple clients look for them.
      ...(placeOf(request).startsWith('/api/') && fields),
      error: { code: error.code, message: error.message, ...(fields === undefined ? {} : { fields }) },
      detail: error.message,
      requestId: request.id,
    }),
  );
};

/** By the route where there is one: a path can be written in many ways. */
const placeOf = ({ routeOptions, url }: FastifyRequest): string => routeOptions.url ?? url;

const UNAUTHORIZED = 401;

/** How to sign in, without which some clients take a 401 for a broken answer (RFC 9110, 11.6.1; RFC 6750, 3). */
const challengeOf = (code: ErrorCode): string => {
  const isOfToken = code !== 'NOT_SIGNED_IN' && code !== 'BAD_CREDENTIALS';
  return `Bearer realm="parley"${isOfToken ? ', error="invalid_token"' : ''}`;
};

/** JSON-RPC's number for "invalid request"; clients of tRPC want one, and go by `data.code`. */
const TRPC_NUMBER = -32_600;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Everything that has no route: 405 where the path has other methods, else 404. */
export const mountErrors = (app: FastifyInstance): void => {
  app.setErrorHandler(async (error, request, reply) => {
    await sendError(request, reply, fromFastify(error));
  });
  const refuse = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const allowed = allowedMethods(app, request.url);
    if (allowed.length > 0) void reply.header('allow', allowed.join(', '));
    await sendError(request, reply, new AppError(allowed.length > 0 ? 'METHOD_NOT_ALLOWED' : 'NOT_FOUND'));
  };
  app.setNotFoundHandler(refuse);
  // Its body would be judged before it is known that nothing takes it.
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'QUERY' && request.is404) await refuse(request, reply);
  });
};

const allowedMethods = (app: FastifyInstance, url: string): string[] => {
  const path = (url.split('?', 1)[0] ?? url).replace(/(?<=.)\/$/, '');
  if (/^\/trpc\/[^/]+$/.test(path)) return ['GET', 'POST'];
  if (/^\/files\/[^/]+$/.test(path)) return ['GET', 'HEAD', 'PUT'];
  if (/^\/files\/[^/]+\/thumbnail$/.test(path)) return ['GET', 'HEAD'];
  return METHODS.filter((method) => app.hasRoute({ url: path, method }));
};
