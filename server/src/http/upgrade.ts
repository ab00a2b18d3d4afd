import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorCode, limits, opaqueIdSchema, SYNC_PATH, syncParams } from '@parley/shared';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PlacesOptions } from '../platform/places.js';
import type { TurnstileOptions } from '../platform/turnstile.js';
import { isAllowedOrigin } from './origins.js';
import { bearerOf, RefusedSockets } from './refused-sockets.js';
import { boundSilentSockets } from './silent-sockets.js';
import type { TrpcSockets } from './trpc-sockets.js';
import { WaitingRoom } from './waiting-room.js';

/** What is known of a socket when it opens. */
export interface SocketRequest {
  readonly documentId: string;
  readonly params: URLSearchParams;
  readonly address: string;
}

/** Takes over sockets that were opened under the sync path, whoever opened them: it does the judging. */
export interface SocketAcceptor {
  /** Resolves, and never rejects, once the work of taking it in or turning it away is done. */
  accept(socket: WebSocket, request: SocketRequest): Promise<void>;
  /** Closes one with the code of an error, later the more often its address was refused. Resolves, and never rejects, once it is told. */
  turnAway(socket: WebSocket, address: string, code: ErrorCode): Promise<void>;
  /** Sends one away for which there is no room to wait. */
  refuse(socket: WebSocket): void;
}

export interface UpgradeOptions {
  readonly sync: SocketAcceptor;
  readonly subscriptions: TrpcSockets;
  readonly origins: ReadonlySet<string>;
  /** How many proxies before the server are believed about the client's address. */
  readonly trustProxy: number;
  /** Which user a token names, by its signature alone. Throws an AppError of the 401 family. */
  readonly whose: (token: string) => string;
  /** So many sockets are taken in at a time, and so many wait for it. */
  readonly admissions?: TurnstileOptions;
  /** So many connections may be open that have asked for nothing yet; holders are addresses, like those of the next. */
  readonly silent?: PlacesOptions;
  /** So many sockets without a good token are held back at a time. */
  readonly refusals?: PlacesOptions;
}

/** Where sockets come in. */
export interface Door {
  /** How many wait for their turn. */
  readonly waiting: number;
  /** Nothing is upgraded after. */
  close(): void;
}

/** Frames somewhat over the limit are read, so that the sync engine can say so with a code that keeps clients away. */
const MAX_PAYLOAD_BYTES = limits.frameBytes.value * 2;

/**
 * Opens sockets under `/sync/<document id>`, and for subscriptions at `/trpc`. What no client of ours sends (an unknown path, a foreign origin, garbage) is
 * refused here in plain HTTP; what a client must understand (a bad token, an unknown document) is for the acceptor to say
 * by a close code.
 */
export const mountUpgrades = (server: Server, options: UpgradeOptions): Door => {
  const wss = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
  });
  const room = new WaitingRoom(
    options.admissions ?? {
      atOnce: limits.admissionsAtOnce.value,
      maxWaiting: limits.socketsWaiting.value,
    },
  );
  const refused = new RefusedSockets(
    options.refusals ?? { each: limits.refusalsHeldPerAddress.value, inAll: limits.refusalsHeld.value },
  );
  const silent = options.silent ?? {
    // All who come through a proxy have its address.
    each: options.trustProxy > 0 ? limits.silentSockets.value : limits.silentSocketsPerAddress.value,
    inAll: limits.silentSockets.value,
  };
  boundSilentSockets(server, silent);
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // A peer that is gone already must not become an uncaught error.
    socket.on('error', destroy);
    const target = readTarget(request.url);
    if (target === null) {
      refuse(socket, '404 Not Found');
      return;
    }
    if (!isAllowedOrigin(request.headers, options.origins)) {
      refuse(socket, '403 Forbidden');
      return;
    }
    const address = addressOf(request, options.trustProxy);
    if (target === 'subscriptions') {
      options.subscriptions.upgrade(request, socket, head, address);
      return;
    }
    /** Whether the handshake was right; what comes of a wrong one is said by ws. */
    const open = (take: (opened: WebSocket) => void): boolean => {
      let isOpen = false;
      wss.handleUpgrade(request, socket, head, (opened) => {
        isOpen = true;
        // Until the acceptor listens, so that a broken first frame cannot become an uncaught error either.
        opened.on('error', terminate);
        take(opened);
      });
      return isOpen;
    };
    const bearer = bearerOf(target.params.get(syncParams.token), options.whose);
    if ('fault' in bearer) {
      if (!refused.enter(socket, address)) {
        refuse(socket, '429 Too Many Requests');
        return;
      }
      open((opened) => {
        opened.pause();
        void options.sync.turnAway(opened, address, bearer.fault).then(() => refused.hangUp(socket));
      });
      return;
    }
    // A line for each person: one's many sockets do not keep others waiting.
    const hasPlace = room.enter(socket, bearer.userId, (leave) => {
      const isOpen = open((opened) => void options.sync.accept(opened, { ...target, address }).then(leave));
      if (!isOpen) leave();
    });
    if (!hasPlace) open((opened) => options.sync.refuse(opened));
  };
  server.on('upgrade', onUpgrade);
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    server.off('upgrade', onUpgrade);
    server.on('upgrade', (_request, socket: Duplex) => refuse(socket, '503 Service Unavailable'));
    for (const socket of room.sockets) refuse(socket, '503 Service Unavailable');
    refused.close();
    options.subscriptions.close();
  };
  return {
    close,
    get waiting() {
      return room.size;
    },
  };
};

// Listeners that stay for a socket's life hold nothing of the request it came with.
function destroy(this: Duplex): void {
  this.destroy();
}

function terminate(this: WebSocket): void {
  this.terminate();
}

type Target = { readonly documentId: string; readonly params: URLSearchParams } | 'subscriptions';

const readTarget = (url: string | undefined): Target | null => {
  if (url !== undefined && /^\/trpc\/?(\?|$)/.test(url)) return 'subscriptions';
  if (url === undefined || !url.startsWith(SYNC_PATH)) return null;
  const [path = '', query = ''] = splitOnce(url, '?');
  try {
    const documentId = opaqueIdSchema.parse(decodeURIComponent(path.slice(SYNC_PATH.length)));
    return documentId.includes('/') ? null : { documentId, params: new URLSearchParams(query) };
  } catch {
    return null; // A broken escape or an impossible id: no path of ours.
  }
};

const splitOnce = (text: string, mark: string): string[] => {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
};

/** Goes back through as many hops as are trusted; a header from beyond them is anybody's claim. */
const addressOf = (request: IncomingMessage, trustProxy: number): string => {
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const claimed = forwarded.map((part) => part.trim()).filter((part) => part !== '');
  const hops = [request.socket.remoteAddress ?? 'unknown', ...claimed.reverse()];
  return hops[Math.min(trustProxy, hops.length - 1)] ?? 'unknown';
};

const refuse = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  // Half-closed is not enough: a peer that never closes its side would keep the socket for ever.
  socket.once('finish', () => socket.destroy());
};
