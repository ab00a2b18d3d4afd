import type { AppRouter } from '@parley/server';
import { type ErrorCode, errorCatalogue, type FieldMessages, isErrorCode, type Retry } from '@parley/shared';
import { TRPCClientError } from '@trpc/client';

/**
 * Beside the server's catalogue: `NETWORK`, the server could not be reached or its answer was not Parley's; `ABORTED`, the
 * caller took the call back; `CLOSED`, the conversation or client was closed here first.
 */
export type ParleyErrorCode = ErrorCode | 'NETWORK' | 'ABORTED' | 'CLOSED';

export interface ParleyErrorOptions {
  readonly message?: string;
  /** Messages by the name of an input field. */
  readonly fields?: FieldMessages;
  /** The rule of the sync specification that an update broke. */
  readonly rule?: string;
  readonly retryAfterSeconds?: number;
  /** What stands there now, where an older version was meant. */
  readonly current?: Readonly<Record<string, unknown>>;
  readonly requestId?: string;
  readonly cause?: Error;
}

const own: Readonly<Record<Exclude<ParleyErrorCode, ErrorCode>, { retry: Retry; message: string }>> = {
  NETWORK: { retry: 'later', message: 'The server could not be reached.' },
  ABORTED: { retry: 'never', message: 'The call was taken back.' },
  CLOSED: { retry: 'never', message: 'It was closed.' },
};

/** What every promise of the client rejects with. `code` says what happened, `retry` whether and how to try again. */
export class ParleyError extends TRPCClientError<AppRouter> {
  readonly code: ParleyErrorCode;
  readonly retry: Retry;
  readonly fields: FieldMessages;
  readonly rule: string | null;
  readonly retryAfterSeconds: number | null;
  /** What stands there now, on a CONFLICT of versions: change that instead. */
  readonly current: Readonly<Record<string, unknown>> | null;
  /** Finds the server's log lines. */
  readonly requestId: string | null;

  constructor(code: ParleyErrorCode, options: ParleyErrorOptions = {}) {
    const row = isErrorCode(code) ? errorCatalogue[code] : own[code];
    super(options.message ?? row.message, options.cause === undefined ? {} : { cause: options.cause });
    // The base class sets its own prototype, which would hide that this is one of ours.
    Object.setPrototypeOf(this, ParleyError.prototype);
    this.name = 'ParleyError';
    this.code = code;
    this.retry = row.retry;
    this.fields = options.fields ?? {};
    this.rule = options.rule ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
    this.current = options.current ?? null;
    this.requestId = options.requestId ?? null;
  }
}

/** INVALID_INPUT with the fields at fault: what a schema had to say of an input. */
export const invalidInput = (
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): ParleyError => {
  const fields = new Map<string, string[]>();
  for (const { path, message } of issues) {
    const name = path.map(String).join('.');
    fields.set(name, [...(fields.get(name) ?? []), message]);
  }
  return new ParleyError('INVALID_INPUT', { fields: Object.fromEntries(fields) });
};

/** The same failure as a ParleyError, whatever it was. What the server did not send is NETWORK or ABORTED. */
export const toParleyError = (error: unknown): ParleyError => {
  if (error instanceof ParleyError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  if (isApiError(error) && error.data !== null && error.data !== undefined) {
    const { code, details, requestId } = error.data;
    // An answer may come from a newer server, or from something that stands in front of it.
    if (!isErrorCode(code)) return new ParleyError('INTERNAL', { cause });
    return new ParleyError(code, {
      cause,
      message: error.message,
      ...details,
      ...(typeof requestId === 'string' ? { requestId } : {}),
    });
  }
  return new ParleyError(isAbort(cause) ? 'ABORTED' : 'NETWORK', { cause });
};

const isApiError = (error: unknown): error is TRPCClientError<AppRouter> => error instanceof TRPCClientError;

const isAbort = (error: Error): boolean =>
  error.name === 'AbortError' || (error.cause instanceof Error && isAbort(error.cause));

const accessCodes: ReadonlySet<ParleyErrorCode> = new Set(['FORBIDDEN', 'NOT_FOUND']);

/** Whether one who was sent away with it has nothing to hope for here, now or later. */
export const endsAccess = (error: ParleyError): boolean => accessCodes.has(error.code);

/** Whether only a fresh token can help. */
export const isSignInError = (error: ParleyError): boolean => error.retry === 'sign-in';
