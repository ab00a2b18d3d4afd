import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Names under which a secret may turn up in logged data, at the first three levels. */
const secretKeys = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  'password',
  'passwordHash',
  'accessToken',
  'refreshToken',
  'token',
  'secret',
];
const secretPaths = secretKeys.flatMap((key) => {
  const dot = key.startsWith('[') ? '' : '.';
  return [key, `*${dot}${key}`, `*.*${dot}${key}`];
});

/** The part of a request that is worth a log line. */
interface LoggedRequest {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly url?: unknown;
  readonly ip?: unknown;
}

/**
 * The path and the names of the query, without values that let somebody in: sync URLs carry the token in their query,
 * and tRPC queries carry whole inputs. A ticket for an upload is its path.
 */
export const safeUrl = (url: string): string => {
  const at = url.indexOf('?');
  const path = (at === -1 ? url : url.slice(0, at)).replace(UPLOAD_TICKET, '/files/…');
  return at === -1 ? path : `${path}?…`;
};

/** An id is shorter. */
const UPLOAD_TICKET = /^\/files\/[^/]{65,}/;

const serializeRequest = (request: LoggedRequest): object => ({
  id: request.id,
  method: request.method,
  url: typeof request.url === 'string' ? safeUrl(request.url) : undefined,
  ip: request.ip,
});

/** JSON lines; secrets are cut out wherever they commonly stand. `to` is for tests; a file descriptor otherwise. */
export const createLogger = (level: LogLevel, to: 1 | 2 | DestinationStream): Logger =>
  pino(
    {
      level,
      base: {},
      redact: { paths: secretPaths, censor: '[redacted]' },
      serializers: { req: serializeRequest, err: pino.stdSerializers.err },
    },
    typeof to === 'number' ? destination({ dest: to, sync: true }) : to,
  );
