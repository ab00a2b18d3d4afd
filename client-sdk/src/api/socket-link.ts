import type { AppRouter } from '@parley/server';
import type { TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { SubscriptionSocket, type SubscriptionSocketParts } from './subscription-socket.js';

/** All subscriptions over one socket: a browser opens only some six streams of server-sent events to one host. */
export const socketLink = (parts: SubscriptionSocketParts): TRPCLink<AppRouter> => {
  const socket = new SubscriptionSocket(parts);
  return () =>
    ({ op }) =>
      observable((observer) =>
        socket.subscribe(op.path, op.input, {
          connecting: (error) => observer.next({ result: { type: 'state', state: 'connecting', error } }),
          started: () => {
            observer.next({ result: { type: 'started' } });
            observer.next({ result: { type: 'state', state: 'pending', error: null } });
          },
          item: (data, place) =>
            observer.next({ result: { type: 'data', data, ...(place !== undefined && { id: place }) } }),
          ended: () => observer.complete(),
          failed: (error) => observer.error(error),
        }),
      );
};
