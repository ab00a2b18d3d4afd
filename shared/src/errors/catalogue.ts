/** How a client should react: `never` as it is, `sign-in` again with fresh credentials, `later` after a pause. */
export type Retry = 'never' | 'sign-in' | 'later';

/** tRPC's own codes that Parley uses; each carries its HTTP status in the row beside it. */
type TrpcCode =
  | 'BAD_REQUEST'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'METHOD_NOT_SUPPORTED'
  | 'CONFLICT'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'UNPROCESSABLE_CONTENT'
  | 'TOO_MANY_REQUESTS'
  | 'INTERNAL_SERVER_ERROR'
  | 'SERVICE_UNAVAILABLE';

export interface ErrorRow {
  readonly trpc: TrpcCode;
  readonly http: number;
  /** WebSocket close code, or null where the error never closes a socket. 44xx: do not come back as you are. */
  readonly close: number | null;
  readonly retry: Retry;
  /** The sentence a client may see; never holds data. */
  readonly message: string;
  /** For docs/errors.md: when it happens and what to do. */
  readonly about: string;
}

const row = (
  trpc: TrpcCode,
  http: number,
  close: number | null,
  retry: Retry,
  message: string,
  about: string,
): ErrorRow => ({ trpc, http, close, retry, message, about });

/** Every error Parley answers with. One row a code; HTTP status, close code and docs/errors.md derive from it. */
export const errorCatalogue = {
  INVALID_INPUT: row(
    'BAD_REQUEST',
    400,
    4400,
    'never',
    'The input is not valid.',
    'A field is missing, malformed or too long; `fields` names each with its messages.',
  ),
  MALFORMED_FRAME: row(
    'BAD_REQUEST',
    400,
    4400,
    'never',
    'The frame could not be read.',
    'A WebSocket frame is not one of the sync protocol. The socket closes.',
  ),
  NOT_SIGNED_IN: row('UNAUTHORIZED', 401, 4401, 'sign-in', 'Sign in first.', 'No access token was given.'),
  TOKEN_INVALID: row(
    'UNAUTHORIZED',
    401,
    4401,
    'sign-in',
    'The token is not valid here.',
    'The token is forged, damaged, or of another sort: a refresh token is never an access token.',
  ),
  TOKEN_EXPIRED: row(
    'UNAUTHORIZED',
    401,
    4401,
    'sign-in',
    'The token has expired.',
    'Refresh, then try again with the new token.',
  ),
  SESSION_ENDED: row(
    'UNAUTHORIZED',
    401,
    4401,
    'sign-in',
    'This session has ended.',
    'Signed out, revoked, or a refresh token was used twice.',
  ),
  BAD_CREDENTIALS: row(
    'UNAUTHORIZED',
    401,
    null,
    'never',
    'Unknown user or wrong password.',
    'The same answer whether the account exists or not.',
  ),
  SUSPENDED: row(
    'FORBIDDEN',
    403,
    null,
    'never',
    'This account is suspended.',
    'The password is right, and an admin has shut the account. Ask whoever runs this server.',
  ),
  FORBIDDEN: row(
    'FORBIDDEN',
    403,
    4403,
    'never',
    'You may not do this.',
    'The thing is visible to you but this act is not yours.',
  ),
  NOT_FOUND: row(
    'NOT_FOUND',
    404,
    4404,
    'never',
    'Not found.',
    'It does not exist, or it is not yours to know.',
  ),
  METHOD_NOT_ALLOWED: row(
    'METHOD_NOT_SUPPORTED',
    405,
    null,
    'never',
    'That method is not available here.',
    'A query was called as a mutation, or the path takes other methods.',
  ),
  CONFLICT: row(
    'CONFLICT',
    409,
    null,
    'never',
    'The state has changed.',
    'Somebody was faster, or the name is taken; `fields` names what clashes.',
  ),
  MESSAGE_ID_TAKEN: row(
    'CONFLICT',
    409,
    null,
    'never',
    'That message id belongs to another message.',
    'Message ids are made by clients; make a new one and send again.',
  ),
  RECIPIENT_OFFLINE: row(
    'CONFLICT',
    409,
    null,
    'later',
    'That person is not online.',
    'Whoever was to get it is not online, as far as you may know. `messages.send` reaches them all the same.',
  ),
  OLDER_GENERATION: row(
    'CONFLICT',
    409,
    4409,
    'later',
    'This copy of the document is from an older generation.',
    'Start a fresh document, sync it, and send again what was never acknowledged.',
  ),
  EXPIRED: row(
    'NOT_FOUND',
    410,
    null,
    'never',
    'This is over.',
    'A link whose time is over, or that was used as often as it may be. Ask for a new one. tRPC has no code for 410; go by ours.',
  ),
  TOO_LARGE: row(
    'PAYLOAD_TOO_LARGE',
    413,
    4413,
    'never',
    'That is too large.',
    'A body or frame is over its limit; docs/limits.md lists them.',
  ),
  UNSUPPORTED_MEDIA_TYPE: row(
    'UNSUPPORTED_MEDIA_TYPE',
    415,
    null,
    'never',
    'Send JSON.',
    'The body has a Content-Type that is not understood here.',
  ),
  MALFORMED_UPDATE: row(
    'UNPROCESSABLE_CONTENT',
    422,
    4422,
    'never',
    'The update is not a readable V1 update.',
    'Its bytes are damaged, cut short, encoded as V2, or claim more than they hold.',
  ),
  UPDATE_REFUSED: row(
    'UNPROCESSABLE_CONTENT',
    422,
    4422,
    'never',
    'The update breaks a rule of this document.',
    'A rule of docs/sync-spec.md was broken; `rule` in the details names it. Nothing of the update was taken.',
  ),
  TOO_MANY_REQUESTS: row(
    'TOO_MANY_REQUESTS',
    429,
    1013,
    'later',
    'Too many requests; slow down.',
    '`Retry-After` says for how many seconds to wait.',
  ),
  TOO_SLOW: row(
    'TOO_MANY_REQUESTS',
    429,
    1013,
    'later',
    'The connection reads too slowly.',
    'It did not take what waits for it in all the time allowed; it is closed and may come back to catch up.',
  ),
  SHUTTING_DOWN: row(
    'SERVICE_UNAVAILABLE',
    503,
    1012,
    'later',
    'The server is restarting.',
    'Come back in a moment.',
  ),
  UNAVAILABLE: row(
    'SERVICE_UNAVAILABLE',
    503,
    4503,
    'later',
    'The store cannot be written just now.',
    'Nothing was acknowledged that is not stored; clients keep what they have and send it again.',
  ),
  INTERNAL: row(
    'INTERNAL_SERVER_ERROR',
    500,
    4500,
    'later',
    'Something went wrong on our side.',
    'The request id finds the log line.',
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorCatalogue;

const codes: ReadonlySet<string> = new Set(Object.keys(errorCatalogue));

/** Whether a string from outside names a row of the catalogue. */
export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && codes.has(value);
