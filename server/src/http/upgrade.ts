// Owns where sockets come in: which door a path leads to, who may knock, how many come in at a time, how they are refused.
// Does not own what happens behind a door.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorCode, limits, syncParams } from '@parley/shared';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PlacesOptions } from '../platform/places.js';
import type { TurnstileOptions } from '../platform/turnstile.js';
import type { JsonSockets } from './json-sockets/index.js';
import { isAllowedOrigin } from './origins.js';
import { asksForWebSocket, passOverUpgrades } from './other-upgrades.js';
import { addressOf, destroy, refuse } from './raw-sockets.js';
import { bearerOf, RefusedSockets } from './refused-sockets.js';
import { boundSilentSockets } from './silent-sockets.js';
import { terminate } from './socket-line.js';
import { type JsonSubject, readTarget } from './targets.js';
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
  readonly json: JsonSockets;
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

/** Somebody before the door, not upgraded yet. */
interface Visitor {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly address: string;
  readonly params: URLSearchParams;
  /** Upgrades it; whether the handshake was right. What comes of a wrong one is said by ws. */
  open(take: (opened: WebSocket) => void): boolean;
}

/** Frames somewhat over the limit are read, so that the sync engine can say so with a code that keeps clients away. */
const MAX_PAYLOAD_BYTES = limits.frameBytes.value * 2;

/**
 * Opens sockets for documents, for subscriptions, and JSON sockets. What no client of ours sends (an unknown path, a foreign origin,
 * garbage) is refused here in plain HTTP; what a client must understand (a bad token, an unknown document) is said by a close code.
 */
export const mountUpgrades = (server: Server, options: UpgradeOptions): Door => {
  const { sync, subscriptions, json } = options;
  const wss = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_PAYLOAD_BYTES,
    maxFragments: limits.frameParts.value,
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
  const passOver = passOverUpgrades(server);
  let isOpen = true;

  const turnAway = ({ socket, address, open }: Visitor, code: ErrorCode): void => {
    if (socket.destroyed) return;
    if (!refused.enter(socket, address)) {
      refuse(socket, '429 Too Many Requests');
      return;
    }
    open((opened) => {
      opened.pause();
      void sync.turnAway(opened, address, code).then(() => refused.hangUp(socket));
    });
  };
  /** Upgraded at once: the engine judges. */
  const admitToDocument = ({ open, params, address }: Visitor, documentId: string): Promise<void> =>
    new Promise((resolve) => {
      const take = (opened: WebSocket): void =>
        void sync.accept(opened, { documentId, params, address }).then(resolve);
      if (!open(take)) resolve();
    });
  /** Upgraded once everything is ready: whatever is said from then on is heard. */
  const admitToTalk = async (visitor: Visitor, subject: JsonSubject): Promise<void> => {
    const { request, socket, address, params, open } = visitor;
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    const expected = await json.expect({
      ...{ subject, address, gone: gone.signal },
      token: params.get(syncParams.token) ?? '',
      userAgent: request.headers['user-agent'] ?? null,
    });
    if ('refused' in expected) turnAway(visitor, expected.refused);
    else if (!isOpen || !open(expected.welcome)) {
      expected.giveUp();
      if (!isOpen) refuse(socket, '503 Service Unavailable');
    }
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (!asksForWebSocket(request)) {
      passOver({ request, socket, head });
      return;
    }
    // A peer that is gone already must not become an uncaught error.
    socket.on('error', destroy);
    const [path = '', query = ''] = splitOnce(request.url ?? '', '?');
    const target = readTarget(path);
    if (target === null) {
      refuse(socket, '404 Not Found');
      return;
    }
    if (!isAllowedOrigin(request.headers, options.origins)) {
      refuse(socket, '403 Forbidden');
      return;
    }
    const address = addressOf(request, options.trustProxy);
    if (target.door === 'subscriptions') {
      subscriptions.upgrade(request, socket, head, address);
      return;
    }
    const params = new URLSearchParams(query);
    const visitor: Visitor = {
      ...{ request, socket, address, params },
      open: (take) => {
        let isUpgraded = false;
        (target.door === 'json' ? json.wss : wss).handleUpgrade(request, socket, head, (opened) => {
          isUpgraded = true;
          // Until somebody listens, so that a broken first frame cannot become an uncaught error either.
          opened.on('error', terminate);
          take(opened);
        });
        return isUpgraded;
      },
    };
    const bearer = bearerOf(params.get(syncParams.token), options.whose);
    if ('fault' in bearer) {
      turnAway(visitor, bearer.fault);
      return;
    }
    // A line for each person: one's many sockets do not keep others waiting.
    const hasPlace = room.enter(socket, bearer.userId, (leave) => {
      void (
        target.door === 'sync'
          ? admitToDocument(visitor, target.documentId)
          : admitToTalk(visitor, target.subject)
      ).then(leave);
    });
    if (!hasPlace) visitor.open((opened) => sync.refuse(opened));
  };
  server.on('upgrade', onUpgrade);
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    server.off('upgrade', onUpgrade);
    server.on('upgrade', (_request, socket: Duplex) => refuse(socket, '503 Service Unavailable'));
    for (const socket of room.sockets) refuse(socket, '503 Service Unavailable');
    refused.close();
    subscriptions.close();
    json.close();
  };
  return {
    close,
    get waiting() {
      return room.size;
    },
  };
};

const splitOnce = (text: string, mark: string): string[] => {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
};
