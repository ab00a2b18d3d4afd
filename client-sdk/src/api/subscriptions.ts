// Owns subscriptions: keeps each open until its owner ends it, whatever happens to tokens, lines and servers meanwhile.
import type { AppRouter } from '@parley/server';
import { httpSubscriptionLink, type Operation, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { EventSource } from 'eventsource';
import superjson from 'superjson';
import type { Timing } from '../timing.js';
import { isSignInError, type ParleyError, toParleyError } from './errors.js';
import type { Fetch } from './fetch.js';
import { inputAfter, type SubscriptionSession, waitMs } from './retry.js';

/** The token that a subscription was opened with, under the name below in its context. */
interface Used {
  token: string | null;
  /** The server would not have it. */
  isRefused: boolean;
}

const USED = 'parleyUsedToken';

/**
 * Opens a subscription again with a fresh token when the old one is over, and after a pause when the server is out of reach; one
 * whose items have ids goes on after the last. Ends with an error when the server refuses for good, and when the session ends.
 */
export const keepOpenLink =
  (session: SubscriptionSession, timing: Timing): TRPCLink<AppRouter> =>
  () =>
  ({ op, next }) =>
    observable((observer) => {
      const used: Used = { token: null, isRefused: false };
      let failures = 0;
      let lastId: string | undefined;
      let stop = (): void => undefined;
      let isOver = false;
      // A stream that is left tells of its end too: who is over hears no more.
      const finish = (tell: () => void): void => {
        if (isOver) return;
        isOver = true;
        unlisten();
        tell();
        stop();
      };
      const fail = (error: ParleyError): void => finish(() => observer.error(error));
      const again = (error: ParleyError): void => {
        // A second refusal in a row is no matter of age.
        if (error.retry !== 'later' && (!isSignInError(error) || used.isRefused)) {
          fail(error);
          return;
        }
        used.isRefused = isSignInError(error);
        failures += 1;
        stop = timing.after(used.isRefused ? 0 : waitMs(error, failures, timing), open);
      };
      const open = (): void => {
        const input = inputAfter(op.input, lastId);
        const running = next({ ...op, input, context: { ...op.context, [USED]: used } }).subscribe({
          next: (value) => {
            if (value.result.type === undefined || value.result.type === 'data') {
              failures = 0;
              used.isRefused = false;
              lastId = value.result.id ?? lastId;
            }
            observer.next(value);
          },
          error: (reason) => {
            if (!isOver) again(toParleyError(reason));
          },
          complete: () => finish(() => observer.complete()),
        });
        stop = () => running.unsubscribe();
      };
      const unlisten = session.onEnd(fail);
      open();
      return () => finish(() => undefined);
    });

/** Server-sent events with the token in a header, where no log of addresses sees it. */
export const eventsLink = (url: string, doFetch: Fetch, session: SubscriptionSession): TRPCLink<AppRouter> =>
  httpSubscriptionLink({
    url: `${url}/trpc`,
    transformer: superjson,
    EventSource,
    eventSourceOptions: ({ op }) => ({ fetch: fetchOnce(op, doFetch, session) }),
  });

/** Opens the stream once: what comes after a break is for `keepOpenLink` to say, which waits longer each time. */
const fetchOnce = (op: Operation, doFetch: Fetch, session: SubscriptionSession): Fetch => {
  const used = op.context[USED];
  let isSpent = false;
  return async (input, init) => {
    if (isSpent) return gone();
    isSpent = true;
    try {
      const token = await tokenFor(isUsed(used) ? used : null, session);
      const headers = new Headers(init?.headers);
      if (token !== null) headers.set('authorization', `Bearer ${token}`);
      return await doFetch(input, { ...init, headers });
    } catch {
      return gone();
    }
  };
};

/** What an event source takes for the end. */
const gone = (): Response => new Response(null, { status: 204 });

const tokenFor = async (used: Used | null, session: SubscriptionSession): Promise<string | null> => {
  if (used === null) return await session.accessToken();
  used.token =
    used.isRefused && used.token !== null ? await session.renew(used.token) : await session.accessToken();
  return used.token;
};

const isUsed = (value: unknown): value is Used =>
  typeof value === 'object' && value !== null && 'token' in value && 'isRefused' in value;
