// Owns what a close code asks of a client, and which error it stands for.
import { errorCatalogue, isErrorCode } from '@parley/shared';
import type { ParleyErrorCode } from '../api/errors.js';

/** `start over`: this copy can not come back, a fresh one can; `stop`: not as we are; `retry`: later. */
export type AfterClose = 'sign in' | 'start over' | 'stop' | 'retry';

/** What a WebSocket server closes with when a frame is over its limit (RFC 6455, 7.4.1). */
const MESSAGE_TOO_BIG = 1009;
const SIGN_IN_AGAIN = 4401;
/** An older generation, and refusals of something in the copy. */
const START_OVER: ReadonlySet<number> = new Set([4400, 4409, 4413, 4422, MESSAGE_TOO_BIG]);

const isFinal = (close: number): boolean => close >= 4400 && close < 4500;

export const afterClose = (close: number): AfterClose => {
  if (close === SIGN_IN_AGAIN) return 'sign in';
  if (START_OVER.has(close)) return 'start over';
  return isFinal(close) ? 'stop' : 'retry';
};

/** The error that a socket's close stands for: the code its reason begins with, else the first row with that close code. */
export const codeOfClose = (close: number, reason: string): ParleyErrorCode => {
  const named = reason.split(':', 1)[0];
  if (isErrorCode(named)) return named;
  for (const [code, row] of Object.entries(errorCatalogue)) {
    if (row.close === close && isErrorCode(code)) return code;
  }
  if (close === MESSAGE_TOO_BIG) return 'TOO_LARGE';
  return isFinal(close) ? 'INVALID_INPUT' : 'NETWORK';
};
