import { randomBytes } from 'node:crypto';
import { createParleyClient, type ParleyClient, type ParleyClientOptions, ParleyError } from '@parley/client';
import type { Presence } from '@parley/shared';
import { TEST_PASSWORD } from './api.js';

/** Somebody at a server, through the SDK. */
export interface SdkPerson {
  readonly client: ParleyClient;
  readonly api: ParleyClient['api'];
  readonly id: string;
  readonly username: string;
}

export type SdkOptions = Omit<ParleyClientOptions, 'url'>;

export const sdkSignUp = async (
  server: { readonly url: string },
  options: SdkOptions = {},
): Promise<SdkPerson> => {
  const client = createParleyClient({ ...options, url: server.url });
  const username = `sdk-${randomBytes(4).toString('hex')}`;
  const { id } = await client.signUp({ username, password: TEST_PASSWORD });
  return { client, api: client.api, id, username };
};

/** The same person at another server of the same store, or on another device. */
export const sdkSignIn = async (
  server: { readonly url: string },
  { username }: Pick<SdkPerson, 'username'>,
  options: SdkOptions = {},
): Promise<SdkPerson> => {
  const client = createParleyClient({ ...options, url: server.url });
  const { id } = await client.signIn({ login: username, password: TEST_PASSWORD });
  return { client, api: client.api, id, username };
};

/** An open watch over people, with all it has heard. */
export interface Watch extends Disposable {
  readonly heard: readonly Presence[];
  /** How it ended, if it did. */
  readonly error: ParleyError | null;
  /** What was heard of somebody, in order. */
  of(person: { readonly id: string }): readonly Presence['status'][];
  last(person: { readonly id: string }): Presence | undefined;
  /** Resolves when the condition holds; looked at whenever something is heard. */
  until(condition: (watch: Watch) => boolean): Promise<void>;
}

export const watchPeople = (
  viewer: Pick<SdkPerson, 'api'>,
  people: readonly { readonly id: string }[],
): Watch => {
  const heard: Presence[] = [];
  const waiting = new Set<() => void>();
  let error: ParleyError | null = null;
  const look = (): void => {
    for (const waits of waiting) waits();
  };
  const subscription = viewer.api.presence.watch.subscribe(
    { userIds: people.map(({ id }) => id) },
    {
      onData: ({ items }) => {
        heard.push(...items);
        look();
      },
      onError: (reason) => {
        error = reason instanceof ParleyError ? reason : new ParleyError('INTERNAL', { cause: reason });
        look();
      },
    },
  );
  const watch: Watch = {
    heard,
    get error() {
      return error;
    },
    of: ({ id }) => heard.filter(({ userId }) => userId === id).map(({ status }) => status),
    last: ({ id }) => heard.findLast(({ userId }) => userId === id),
    until: (condition) =>
      new Promise((resolve) => {
        const waits = (): void => {
          if (!condition(watch)) return;
          waiting.delete(waits);
          resolve();
        };
        waiting.add(waits);
        waits();
      }),
    [Symbol.dispose]: () => subscription.unsubscribe(),
  };
  return watch;
};
