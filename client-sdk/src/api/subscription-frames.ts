// Owns what is said on a socket for subscriptions, in tRPC's words: the frames that go out, and what those that come in mean.
import { TRPCClientError } from '@trpc/client';
import superjson, { type SuperJSONResult } from 'superjson';
import { type ParleyError, toParleyError } from './errors.js';

/** What the server says of a subscription; `place`: where it goes on after this item. */
export type Answer =
  | { readonly kind: 'started' | 'stopped'; readonly id: number }
  | {
      readonly kind: 'item';
      readonly id: number;
      readonly place: string | undefined;
      readonly data: unknown;
    }
  | { readonly kind: 'error'; readonly id: number; readonly error: ParleyError };

export const PING = 'PING';
export const PONG = 'PONG';

/** The first word: who is there. In the address it would stand in logs. */
export const helloFrame = (token: string): string =>
  JSON.stringify({ method: 'connectionParams', data: { token } });

export const askFrame = (id: number, path: string, input: unknown): string =>
  JSON.stringify({ id, method: 'subscription', params: { path, input: superjson.serialize(input) } });

export const stopFrame = (id: number): string => JSON.stringify({ id, method: 'subscription.stop' });

/** Null for what is not of a subscription, or nothing we know: a newer server may say more. */
export const readAnswer = (frame: string): Answer | null => {
  const message = parse(frame);
  if (!isObject(message) || typeof message.id !== 'number') return null;
  const { id, error, result } = message;
  if (isSuperjson(error)) {
    const shape = { error: superjson.deserialize<unknown>(error) };
    return { kind: 'error', id, error: toParleyError(TRPCClientError.from(shape)) };
  }
  if (!isObject(result)) return null;
  const { type, id: place, data } = result;
  if (type === 'started' || type === 'stopped') return { kind: type, id };
  if (type !== 'data' || !isSuperjson(data)) return null;
  return {
    ...{ kind: 'item', id, data: superjson.deserialize<unknown>(data) },
    place: typeof place === 'string' ? place : undefined,
  };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null; // As good as nothing.
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isSuperjson = (value: unknown): value is SuperJSONResult => isObject(value) && 'json' in value;
