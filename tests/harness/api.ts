import { randomBytes } from 'node:crypto';
import type { AppRouter } from '@parley/server';
import type { ErrorCode, SignedIn } from '@parley/shared';
import { createTRPCClient, httpBatchLink, httpLink, TRPCClientError } from '@trpc/client';
import { expect } from 'chai';
import superjson from 'superjson';

export type Api = ReturnType<typeof createApi>;

/** A typed client of a server, as whoever holds the token. `batch: false` sends every call on its own, side by side. */
export const createApi = (url: string, token?: string, { batch = false } = {}) => {
  const link = batch ? httpBatchLink<AppRouter> : httpLink<AppRouter>;
  return createTRPCClient<AppRouter>({
    links: [
      link({
        url: `${url}/trpc`,
        transformer: superjson,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      }),
    ],
  });
};

/** Somebody with an account and a session. */
export interface TestPerson extends SignedIn {
  readonly id: string;
  readonly username: string;
  readonly token: string;
  readonly api: Api;
}

/** A password that every rule takes. */
export const TEST_PASSWORD = 'quite-a-long-secret-7';

/** Registers somebody; the name is made unique. */
export const signUp = async (server: { readonly url: string }, name = 'person'): Promise<TestPerson> => {
  const username = `${name}-${randomBytes(4).toString('hex')}`;
  const signedIn = await createApi(server.url).auth.register.mutate({ username, password: TEST_PASSWORD });
  const token = signedIn.tokens.accessToken;
  return { ...signedIn, id: signedIn.user.id, username, token, api: createApi(server.url, token) };
};

/** What a refused call told its caller. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly httpStatus: number;
  readonly message: string;
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly retryAfterSeconds: number | undefined;
  readonly current: Readonly<Record<string, unknown>> | undefined;
  readonly requestId: string | null;
}

/** Waits for a call to be refused and returns how; fails when it is answered. */
export const refusalOf = async (call: Promise<unknown>): Promise<Refusal> => {
  const error = await call.then(
    () => expect.fail('the call was answered, not refused'),
    (reason: unknown) => reason,
  );
  if (!isApiError(error)) throw error;
  const { data, message } = error;
  if (data === null || data === undefined) throw error;
  const { code, httpStatus, details, requestId } = data;
  const { fields = {}, retryAfterSeconds, current } = details;
  return { code, httpStatus, message, fields, retryAfterSeconds, current, requestId };
};

const isApiError = (error: unknown): error is TRPCClientError<AppRouter> => error instanceof TRPCClientError;
