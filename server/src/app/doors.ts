// Owns what the server offers to the outside: HTTP, sockets, and the order in which it opens and closes.
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { AppRouter } from '../app-router.js';
import type { Settings } from '../config/index.js';
import type { AccountService } from '../features/account/index.js';
import type { AuthService } from '../features/auth/index.js';
import type { ConversationsService, SpacesService } from '../features/conversations/index.js';
import type { EventsService } from '../features/events/index.js';
import type { MessageReader } from '../features/messages/index.js';
import type { PadsService } from '../features/pads/index.js';
import type { PresenceService } from '../features/presence/index.js';
import type { ProjectsService } from '../features/projects/index.js';
import type { RoomsService } from '../features/rooms/index.js';
import type { TasksService } from '../features/tasks/index.js';
import type { UsersService } from '../features/users/index.js';
import {
  createHttpServer,
  createJsonSockets,
  createTrpcSockets,
  mountUpgrades,
  type RestServices,
} from '../http/index.js';
import type { MetricsPage, ServerState } from '../metrics/index.js';
import type { Lifecycle } from '../platform/lifecycle.js';
import type { Logger } from '../platform/logger.js';
import { createPing } from '../platform/mongo.js';
import type { Streams } from '../trpc/index.js';
import type { Live, LiveDocuments } from './documents.js';
import type { Files } from './files.js';
import type { Store } from './store.js';

/** A server. */
export interface Parley {
  readonly documents: LiveDocuments;
  /** Null until it listens. */
  readonly url: string | null;
  /** Settles when the server cannot go on: its embedded store has stopped by itself, or the driver has lost MongoDB for good. */
  readonly failed: Promise<Error>;
  /** Opens the port; rejects when it is taken. */
  listen(): Promise<{ readonly url: string }>;
  /** Closes sockets, requests and the store, in that order; safe to call more than once. */
  close(): Promise<void>;
}

interface Doors extends Store {
  readonly settings: Settings;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly auth: AuthService;
  readonly account: AccountService;
  readonly live: Live;
  readonly files: Files;
  readonly pads: PadsService;
  readonly projects: ProjectsService;
  readonly spaces: Pick<SpacesService, 'finishDeletions'>;
  readonly tasks: TasksService;
  readonly router: AppRouter;
  readonly rest: RestServices;
  readonly streams: Streams;
  readonly events: EventsService;
  readonly users: UsersService;
  readonly presence: PresenceService;
  readonly conversations: ConversationsService;
  readonly rooms: RoomsService;
  readonly history: MessageReader;
  /** Begins to hear of other nodes on the same store. */
  readonly start: () => Promise<void>;
  readonly scrape: (state: ServerState) => Promise<MetricsPage>;
}

/** Ready to listen, not listening yet. */
export const openDoors = async (parts: Doors): Promise<Parley> => {
  const {
    settings,
    log,
    lifecycle,
    connection,
    failed,
    auth,
    account,
    live,
    files,
    pads,
    projects,
    spaces,
    tasks,
    router,
    rest,
    streams,
    events,
    start,
    scrape,
  } = parts;
  const ping = createPing(connection);
  const origins = new Set(settings.corsOrigins);
  const { trustProxy, rateLimits, host, port, metricsToken } = settings;
  const http = await createHttpServer({
    router,
    log,
    origins,
    trustProxy,
    rateLimits,
    streams,
    files: files.service,
    services: rest,
    uploadStallMs: files.uploadStallMs,
    forms: {
      directory: join(settings.dataDir, 'uploads'),
      ...{ fileBytes: files.fileBytes, uploadStallMs: files.uploadStallMs },
    },
    verify: (token) => auth.verifyAccess(token),
    metricsToken,
    scrape: () =>
      scrape({
        ...{ ...live.state(), socketsWaiting: door.waiting },
        ...{ subscriptions: streams.size, jsonSockets: json.size },
      }),
    whyNotReady: async () => {
      if (!live.isHealthy()) return 'the log does not take writes';
      return (await ping()) ? null : 'the store does not answer';
    },
  });
  lifecycle.opened('http', () => http.close());
  lifecycle.opened('subscriptions', () => streams.close());
  lifecycle.opened('sync', () => live.close());
  lifecycle.opened('files', () => files.collector.close());
  const verify = (token: string) => auth.verifyAccess(token);
  const { users, presence, conversations, rooms, history } = parts;
  const json = createJsonSockets({
    ...{ router, log, streams, events, rateLimits, verify },
    ...{ users, presence, conversations, rooms, history },
    settled: (conversationId) => live.settled(conversationId),
    told: () => live.told(),
  });
  const door = mountUpgrades(http.server, {
    sync: live,
    subscriptions: createTrpcSockets({ router, log, streams, verify }),
    json,
    origins,
    trustProxy,
    whose: (token) => auth.readAccess(token).userId,
  });
  lifecycle.opened('upgrades', () => door.close());
  let url: string | null = null;
  return {
    get url() {
      return url;
    },
    failed,
    documents: live.documents,
    listen: async () => {
      await events.start();
      await account.finishDeletions();
      await pads.finishDeletions();
      await tasks.finishDeletions();
      await projects.finishDeletions();
      await spaces.finishDeletions();
      await projects.invitations.finish();
      await live.recover();
      files.collector.start();
      await start();
      await http.listen({ host, port });
      url = urlOf(http.server.address(), host);
      return { url };
    },
    close: () => lifecycle.close(),
  };
};

/** Where to point a client on this machine; a wildcard address is no place to call. */
const urlOf = (address: AddressInfo | string | null, host: string): string => {
  if (address === null || typeof address === 'string') throw new TypeError('the server listens on no port');
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${address.port}`;
};
