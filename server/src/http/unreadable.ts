// Owns what is said where no request can be read, or not in time: the parser ends the connection, and no route hears of it.
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorCode, errorCatalogue } from '@parley/shared';
import type { Logger } from '../platform/logger.js';

interface Fault {
  readonly status: number;
  readonly code: ErrorCode;
}

/** By Node's names; HTTP has statuses of its own for these. */
const faults: ReadonlyMap<string | undefined, Fault> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, code: 'EXPIRED' }],
  ['HPE_HEADER_OVERFLOW', { status: 431, code: 'TOO_LARGE' }],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { status: 413, code: 'TOO_LARGE' }],
]);

/** Answers in the form of every other error, and ends the connection. */
export const answerUnreadable = (
  log: Pick<Logger, 'debug'>,
  { error, socket }: { readonly error: NodeJS.ErrnoException; readonly socket: Socket },
): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  const { status, code } = faults.get(error.code) ?? { status: 400, code: 'INVALID_INPUT' };
  const { message } = errorCatalogue[code];
  log.debug({ code, requestId, reason: error.code }, 'a request could not be read');
  const body = JSON.stringify({ error: { code, message }, detail: message, requestId });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'connection: close',
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      '',
      body,
    ].join('\r\n'),
  );
  // A peer that never closes its side would keep the socket for ever.
  socket.once('finish', () => socket.destroy());
};
