import {
  AppError,
  type ErrorCode,
  type ErrorDetails,
  errorCatalogue,
  type FieldMessages,
} from '@parley/shared';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { isStoreUnreachable } from '../platform/mongo.js';

/** What a client sees of an error under `data`; `requestId` is null where the request failed before it got a context. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly httpStatus: number;
  readonly details: ErrorDetails;
  readonly requestId: string | null;
  readonly path: string | null;
}

/** tRPC's own refusals, of requests that never reached a procedure. What is not listed is nobody's business: INTERNAL. */
const ownCodes: Readonly<Partial<Record<TRPCError['code'], ErrorCode>>> = {
  PARSE_ERROR: 'INVALID_INPUT',
  BAD_REQUEST: 'INVALID_INPUT',
  NOT_FOUND: 'NOT_FOUND',
  METHOD_NOT_SUPPORTED: 'METHOD_NOT_ALLOWED',
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  PAYLOAD_TOO_LARGE: 'TOO_LARGE',
};

/** Finds the row of the catalogue for anything that a call threw. Whatever is unexpected is INTERNAL, with its cause kept for the log. */
export const toAppError = (error: unknown): AppError => {
  const cause = error instanceof TRPCError ? error.cause : error;
  if (cause instanceof AppError) return cause;
  if (isStoreUnreachable(cause)) return new AppError('UNAVAILABLE', { cause });
  const own = error instanceof TRPCError ? ownCodes[error.code] : undefined;
  if (own === undefined) return new AppError('INTERNAL', { cause: cause ?? error });
  const fields = own === 'INVALID_INPUT' ? fieldsOf(cause) : undefined;
  return new AppError(own, { cause: error, ...(fields === undefined ? {} : { details: { fields } }) });
};

/** For what is read beside procedures. */
export const toInvalidInput = (cause: z.ZodError): AppError =>
  new AppError('INVALID_INPUT', { cause, details: { fields: fieldsOf(cause) } });

/** The error as tRPC needs it to answer with the catalogue's status. */
export const toTrpcError = (error: AppError): TRPCError =>
  new TRPCError({ code: errorCatalogue[error.code].trpc, message: error.message, cause: error });

export const errorData = (
  error: AppError,
  place: { requestId: string | null; path: string | null },
): ErrorData => ({
  code: error.code,
  httpStatus: errorCatalogue[error.code].http,
  details: error.details,
  ...place,
});

/** An input that is wrong as a whole, or no JSON at all, is told under this name. */
const WHOLE_INPUT = 'input';

/** Names and messages repeat what was sent: an answer must not grow with it. */
const MAX_FIELDS = 20;
const MAX_NAME_CHARACTERS = 100;
const MAX_MESSAGE_CHARACTERS = 200;
const MAX_MESSAGES = 5;

/** Keys that the transformer of answers refuses; an unknown key of that name is told of under the whole input. */
const notNames: ReadonlySet<string> = new Set(['', '__proto__', 'constructor', 'prototype']);

const fieldsOf = (cause: unknown): FieldMessages => {
  if (!(cause instanceof z.ZodError)) return { [WHOLE_INPUT]: ['could not be read'] };
  const fields = new Map<string, string[]>();
  for (const issue of cause.issues) {
    for (const name of namesOf(issue)) {
      const messages = fields.get(name) ?? [];
      if (fields.size === MAX_FIELDS && messages.length === 0) return Object.fromEntries(fields);
      if (messages.length < MAX_MESSAGES) messages.push(issue.message.slice(0, MAX_MESSAGE_CHARACTERS));
      fields.set(name, messages);
    }
  }
  return Object.fromEntries(fields);
};

/** An unknown key is reported at its parent; the culprit is the key. */
const namesOf = (issue: z.core.$ZodIssue): string[] => {
  const path = issue.path.map(String);
  const paths =
    issue.code === 'unrecognized_keys'
      ? issue.keys.slice(0, MAX_FIELDS).map((key) => [...path, key])
      : [path];
  return paths.map((parts) => {
    const name = parts.join('.').slice(0, MAX_NAME_CHARACTERS);
    return notNames.has(name) ? WHOLE_INPUT : name;
  });
};
