import type { AppRouter } from '@parley/server';
import { createTRPCClient, httpBatchLink, splitLink, type TRPCClient, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import superjson from 'superjson';
import { isSignInError, toParleyError } from './errors.js';
import type { Fetch } from './fetch.js';
import type { Session } from './session.js';
import { socketLink } from './socket-link.js';
import type { SubscriptionSocketParts } from './subscription-socket.js';
import { eventsLink, keepOpenLink } from './subscriptions.js';

/** Every procedure of the server, typed. Calls reject with ParleyError. */
export type Api = TRPCClient<AppRouter>;

/** The part of a session that calls need. */
export type TokenSource = Pick<Session, 'accessToken' | 'renew'>;

/** The server takes no more calls in one request. */
const MAX_BATCH = 50;
/** Longer addresses are cut or refused on the way by some proxies. */
const MAX_URL_CHARACTERS = 2_000;

/** A client for the server at `url` whose calls carry the token of their context, if any. It opens no subscriptions. */
export const createBareApi = (url: string, doFetch: Fetch): Api =>
  createTRPCClient<AppRouter>({ links: [errorLink, callsLink(url, doFetch)] });

/** What subscriptions go over: one socket for all of them, or a stream of server-sent events for each. */
export type SubscriptionsOver = 'socket' | 'events';

export interface ApiParts extends SubscriptionSocketParts {
  readonly url: string;
  readonly fetch: Fetch;
  readonly subscriptions: SubscriptionsOver;
}

/**
 * A client for the server at `url`. Every call carries a fresh token, and one that was refused for its token goes out once more
 * with a new one; subscriptions stay open as `keepOpenLink` says.
 */
export const createApi = (parts: ApiParts): Api => {
  const { url, fetch, session, timing } = parts;
  const over = parts.subscriptions === 'socket' ? socketLink(parts) : eventsLink(url, fetch, session);
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: [keepOpenLink(session, timing), over],
        false: [authorizedLink(session), callsLink(url, fetch)],
      }),
    ],
  });
};

const callsLink = (url: string, doFetch: Fetch): TRPCLink<AppRouter> =>
  httpBatchLink({
    url: `${url}/trpc`,
    transformer: superjson,
    fetch: (input, init) => doFetch(input, init),
    maxItems: MAX_BATCH,
    maxURLLength: MAX_URL_CHARACTERS,
    headers: ({ opList }) => authorization(opList[0].context[TOKEN]),
  });

/** Under which name a call's context holds its token. */
export const TOKEN = 'parleyToken';

const authorization = (token: unknown): Record<string, string> =>
  typeof token === 'string' ? { authorization: `Bearer ${token}` } : {};

const errorLink: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) =>
    observable((observer) =>
      next(op).subscribe({
        next: (value) => observer.next(value),
        error: (error) => observer.error(toParleyError(error)),
        complete: () => observer.complete(),
      }),
    );

const authorizedLink =
  (tokens: TokenSource): TRPCLink<AppRouter> =>
  () =>
  ({ op, next }) =>
    observable((observer) => {
      let cancelled = false;
      let cancel = (): void => undefined;
      const fail = (error: unknown): void => observer.error(toParleyError(error));
      const run = (token: string | null, isLast: boolean): void => {
        if (cancelled) return;
        const context = token === null ? op.context : { ...op.context, [TOKEN]: token };
        const running = next({ ...op, context }).subscribe({
          next: (value) => observer.next(value),
          error: (reason) => {
            const error = toParleyError(reason);
            if (isLast || token === null || !isSignInError(error)) fail(error);
            else tokens.renew(token).then((fresh) => run(fresh, true), fail);
          },
          complete: () => observer.complete(),
        });
        cancel = () => running.unsubscribe();
      };
      tokens.accessToken().then((token) => run(token, false), fail);
      return () => {
        cancelled = true;
        cancel();
      };
    });
