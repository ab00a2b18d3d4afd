import type { AppRouter } from '@parley/server';
import type { EventType, ParleyEvent } from '@parley/shared';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import superjson from 'superjson';
import { WebSocket } from 'ws';

type Of<Type extends EventType> = Extract<ParleyEvent, { type: Type }>;

/** An open stream of events, with all it has heard. */
export interface EventStream extends Disposable {
  readonly heard: readonly { readonly id: string; readonly event: ParleyEvent }[];
  /** How it ended, if it did. */
  readonly error: unknown;
  /** Codes with which its sockets were closed. */
  readonly closings: readonly number[];
  readonly lastId: string | undefined;
  of<Type extends EventType>(type: Type): readonly Of<Type>[];
  /** Resolves when the condition holds; looked at whenever something is heard. */
  until(condition: (stream: EventStream) => boolean): Promise<void>;
}

/** Something that can be subscribed to with what a stream of events is called with. */
type Subscribe = (
  input: { lastEventId?: string },
  listener: {
    onData: (item: { id: string; data: ParleyEvent }) => void;
    onError: (error: unknown) => void;
  },
) => { unsubscribe(): void };

const record = (
  subscribe: Subscribe,
  { lastEventId, stop, closings = [] }: StreamOptions & { readonly stop?: () => void; closings?: number[] },
): EventStream & { look(): void } => {
  const heard: { id: string; event: ParleyEvent }[] = [];
  const waiting = new Set<() => void>();
  let error: unknown = null;
  const look = (): void => {
    for (const waits of waiting) waits();
  };
  const subscription = subscribe(lastEventId === undefined ? {} : { lastEventId }, {
    onData: ({ id, data }) => {
      heard.push({ id, event: data });
      look();
    },
    onError: (reason) => {
      error = reason;
      look();
    },
  });
  const stream: EventStream & { look(): void } = {
    heard,
    closings,
    look,
    get error() {
      return error;
    },
    get lastId() {
      return heard.at(-1)?.id;
    },
    of: <Type extends EventType>(type: Type) =>
      heard.map(({ event }) => event).filter((event): event is Of<Type> => event.type === type),
    until: (condition) =>
      new Promise((resolve) => {
        const waits = (): void => {
          if (!condition(stream)) return;
          waiting.delete(waits);
          resolve();
        };
        waiting.add(waits);
        waits();
      }),
    [Symbol.dispose]: () => {
      subscription.unsubscribe();
      stop?.();
    },
  };
  return stream;
};

export interface StreamOptions {
  readonly lastEventId?: string | undefined;
}

/** Over server-sent events, as the SDK holds it open. */
export const streamOverEvents = (
  person: { readonly api: { readonly events: { readonly stream: { subscribe: Subscribe } } } },
  options: StreamOptions = {},
): EventStream => record((input, listener) => person.api.events.stream.subscribe(input, listener), options);

/** Over a socket, as tRPC's own link holds it open. `token`: asked for at every connection. */
export const streamOverSocket = (
  server: { readonly wsUrl: string },
  token: () => string | Promise<string>,
  options: StreamOptions = {},
): EventStream & { readonly socket: ReturnType<typeof createWSClient> } => {
  const closings: number[] = [];
  const socket = createWSClient({
    url: `${server.wsUrl}/trpc`,
    connectionParams: async () => ({ token: await token() }),
    WebSocket: WebSocket as never,
    retryDelayMs: () => 20,
    onClose: (cause) => {
      closings.push(cause?.code ?? 0);
      stream.look();
    },
  });
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket, transformer: superjson })] });
  const stream = record((input, listener) => api.events.stream.subscribe(input, listener), {
    ...options,
    closings,
    stop: () => void socket.close(),
  });
  return Object.assign(stream, { socket });
};
