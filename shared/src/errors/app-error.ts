import { type ErrorCode, errorCatalogue } from './catalogue.js';

/** Messages by field name, as forms show them. */
export type FieldMessages = Readonly<Record<string, readonly string[]>>;

/** What of an error may travel to a client beside its code. */
export interface ErrorDetails {
  readonly fields?: FieldMessages;
  /** The rule of docs/sync-spec.md that an update broke. */
  readonly rule?: string;
  /** Seconds to wait before the next try. */
  readonly retryAfterSeconds?: number;
  /** What stands there now, where the caller meant an older version of it. */
  readonly current?: Readonly<Record<string, unknown>>;
}

export interface AppErrorOptions {
  readonly details?: ErrorDetails;
  /** For the log only. */
  readonly logMessage?: string;
  readonly cause?: unknown;
}

/**
 * The one error that services throw. Clients see the catalogue's message and `details`;
 * `logMessage` and `cause` stay in the log.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly logMessage: string | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(errorCatalogue[code].message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
    this.logMessage = options.logMessage;
  }
}
