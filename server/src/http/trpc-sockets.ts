// Owns sockets over which subscriptions go: who may open one, how fast it may ask, that a slow reader is waited for instead of written
// to, and that it ends with its token. Procedures that answer once are called over HTTP, where what is asked is paced and bounded.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorCatalogue, limits } from '@parley/shared';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { Limiter } from '../platform/limiter.js';
import { Places } from '../platform/places.js';
import { type Context, createContext, type Line, toAppError } from '../trpc/index.js';
import { hangUp, socketLine, terminate } from './socket-line.js';
import { logFailure, type TrpcMountOptions } from './trpc-mount.js';

/** Where sockets for subscriptions come in, once their path and origin are known to be right. */
export interface TrpcSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, address: string): void;
  /** How many are open. */
  readonly size: number;
  /** Ends all of them. */
  close(): void;
}

/** A line without a word for so long is asked whether it is there, and cut when it does not say so. */
const PING_MS = 25_000;
const PONG_WAIT_MS = 10_000;
/** A socket that has not said who it is by then is closed. */
const FIRST_WORD_MS = 10_000;
/** Requests at once, and one more each such stretch. */
const BURST = 100;
const REFILL_MS = 100;
/** How long a client may take to hear that the server goes. */
const FAREWELL_MS = 1_000;

export const createTrpcSockets = ({ router, log, streams, verify }: TrpcMountOptions): TrpcSockets => {
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: limits.subscriptionFrameBytes.value,
    maxFragments: limits.smallFrameParts.value,
    perMessageDeflate: false,
  });
  const places = new Places({
    each: limits.subscriptionSocketsPerAddress.value,
    inAll: limits.subscriptionSockets.value,
  });
  const addresses = new WeakMap<IncomingMessage, string>();
  applyWSSHandler({
    wss,
    router,
    maxBatchSize: limits.subscriptionsPerUser.value,
    keepAlive: { enabled: true, pingMs: PING_MS, pongWaitMs: PONG_WAIT_MS },
    createContext: ({ req, res, info }): Context => {
      const token = info.connectionParams?.token;
      const line = socketLine(res);
      const parts = {
        ...{ requestId: randomUUID(), log, streams, verify },
        caller: {
          address: addresses.get(req) ?? 'unknown',
          userAgent: req.headers['user-agent'] ?? null,
        },
        authorization: token === undefined ? req.headers.authorization : `Bearer ${token}`,
      };
      return {
        ...createContext(parts),
        line,
        actor: () => whoStillIs(line, () => createContext(parts).actor()),
      };
    },
    onError: ({ error, path, ctx }) => logFailure(log, { error, path, requestId: ctx?.requestId ?? 'none' }),
  });
  return {
    get size() {
      return wss.clients.size;
    },
    upgrade: (request, socket, head, address) => {
      wss.handleUpgrade(request, socket, head, (opened) => {
        opened.on('error', terminate);
        const leave = places.take(address);
        if (leave === null) {
          opened.close(errorCatalogue.TOO_MANY_REQUESTS.close ?? undefined, 'TOO_MANY_REQUESTS');
          return;
        }
        opened.on('close', leave);
        addresses.set(request, address);
        awaitFirstWord(opened);
        pace(opened);
        wss.emit('connection', opened, request);
      });
    },
    close: () => {
      for (const socket of wss.clients) {
        hangUp(socket, 'SHUTTING_DOWN');
        setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
      }
    },
  };
};

/** Asked anew for every subscription: a socket outlives tokens. Whose token is over is sent away, to come back with the next. */
const whoStillIs = async (line: Line, actor: Context['actor']): ReturnType<Context['actor']> => {
  try {
    return await actor();
  } catch (error) {
    const { code } = toAppError(error);
    if (errorCatalogue[code].retry === 'sign-in') line.hangUp(code);
    throw error;
  }
};

const awaitFirstWord = (socket: WebSocket): void => {
  const silent = setTimeout(() => hangUp(socket, 'NOT_SIGNED_IN'), FIRST_WORD_MS);
  silent.unref();
  socket.once('message', () => clearTimeout(silent));
  socket.once('close', () => clearTimeout(silent));
};

/** Who asks too fast is not read for a moment; nothing is lost. */
const pace = (socket: WebSocket): void => {
  const limiter = new Limiter({ burst: BURST, refillMs: REFILL_MS, maxKeys: 1 });
  socket.on('message', () => {
    const seconds = limiter.take('');
    if (seconds === 0 || socket.isPaused) return;
    socket.pause();
    setTimeout(() => socket.resume(), seconds * 1_000).unref();
  });
};
