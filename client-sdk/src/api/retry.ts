// Owns how a subscription that broke comes back: after which pause, with which place. Whatever it goes over.
import { backoffMs } from '../sync/backoff.js';
import type { Timing } from '../timing.js';
import type { ParleyError } from './errors.js';
import type { Session } from './session.js';

/** The part of a session that subscriptions need. */
export interface SubscriptionSession extends Pick<Session, 'accessToken' | 'renew'> {
  /** Told when nothing goes on in the name it was opened in: somebody signed out or in, the session is over, the client is closed. */
  onEnd(listener: (reason: ParleyError) => void): () => void;
}

/** As long as the server asks for; else longer with each failure in a row (from 1). */
export const waitMs = ({ retryAfterSeconds }: ParleyError, failures: number, timing: Timing): number =>
  retryAfterSeconds === null ? backoffMs(failures, timing) : retryAfterSeconds * 1_000;

/** What a subscription is asked for with, to go on after a place. */
export const inputAfter = (input: unknown, lastEventId: string | undefined): unknown => {
  if (lastEventId === undefined) return input;
  return typeof input === 'object' ? { ...input, lastEventId } : { lastEventId };
};
