import { createSecretKey } from 'node:crypto';
// The composition root: makes every part and joins them. Nothing else knows more than its neighbours.
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { limits } from '@parley/shared';
import type { Connection } from 'mongoose';
import { type AppRouter, createAppRouter } from './app-router.js';
import { keepSecret, type ParleyOptions, resolveSettings, type Settings } from './config/index.js';
import { startEmbeddedMongo } from './embedded-mongo/index.js';
import {
  type AuthService,
  createAuthService,
  createLoginLimits,
  createPasswords,
  createSessionModel,
  noLoginLimits,
} from './features/auth/index.js';
import {
  type ConversationsService,
  createConversationModel,
  createConversationsService,
  createMembershipModel,
} from './features/conversations/index.js';
import {
  createConversationKind,
  createMessageModel,
  createMessageReader,
  createMessagesService,
  type LiveConversations,
} from './features/messages/index.js';
import { createRoomsService } from './features/rooms/index.js';
import { createUserModel, createUsersService } from './features/users/index.js';
import { createHttpServer, mountUpgrades, type SocketAcceptor } from './http/index.js';
import { createMetrics, type MetricsPage } from './metrics/index.js';
import { Lifecycle } from './platform/lifecycle.js';
import { createLogger, type Logger } from './platform/logger.js';
import { connectMongo, createPing, ensureIndexes } from './platform/mongo.js';
import { createLogModels, type EngineMeter, type EngineState, SyncEngine } from './sync/index.js';

export type { ParleyOptions } from './config/index.js';

/** Long enough that a person who reloads a page finds the conversation still in memory. */
const DOCUMENT_IDLE_MS = 60_000;
/** A document opens by reading at most so many entries after its snapshot. */
const SNAPSHOT_EVERY_ENTRIES = 200;
/** A restart of MongoDB fits; past it clients are asked to come back later. */
const LOG_PATIENCE_MS = 30_000;
/** Longer than a slow disk takes; the store that has not answered by then has perhaps lost the question. */
const LOG_WRITE_TIMEOUT_MS = 10_000;

/** A server. */
export interface Parley {
  /** Null until it listens. */
  readonly url: string | null;
  /** Settles when the server cannot go on: its embedded store has stopped by itself. */
  readonly failed: Promise<Error>;
  /** Opens the port; rejects when it is taken. */
  listen(): Promise<{ readonly url: string }>;
  /** Closes sockets, requests and the store, in that order; safe to call more than once. */
  close(): Promise<void>;
}

/** Makes a server that is ready to listen: the store is open and its indexes stand. Leaves nothing open when it rejects. */
export const createParley = async (options: ParleyOptions = {}): Promise<Parley> => {
  const settings = resolveSettings(options);
  const log = createLogger(settings.logLevel, settings.logTo === 'stdout' ? 1 : 2);
  const lifecycle = new Lifecycle(log);
  try {
    return await assemble(settings, log, lifecycle);
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
};

const assemble = async (settings: Settings, log: Logger, lifecycle: Lifecycle): Promise<Parley> => {
  const secret = settings.jwtSecret ?? (await keepSecret(settings.dataDir));
  const { connection, failed } = await openStore(settings, lifecycle);
  const models = createModels(connection);
  await ensureIndexes(connection);

  const users = createUsersService(models.users);
  const onMembershipChanged = (conversationId: string, userId: string): void =>
    live.rightsChanged(conversationId, userId);
  const reader = createMessageReader(models.messages, users);
  const conversations = createConversationsService({
    ...models,
    users,
    lastMessages: reader,
    onMembershipChanged,
  });
  const auth = createAuthService({
    sessions: models.sessions,
    users,
    passwords: createPasswords(settings.bcryptCost),
    limits: settings.rateLimits ? createLoginLimits() : noLoginLimits,
    key: createSecretKey(Buffer.from(secret)),
    accessTokenSeconds: settings.accessTokenSeconds,
    sessionDays: settings.sessionDays,
    onSessionEnded: (sessionId) => live.endSession(sessionId),
  });
  const { meter, scrape } = createMetrics();
  const live = createLive({ settings, log, meter, models, auth, conversations });
  const rooms = createRoomsService({ ...models, access: conversations.access, onMembershipChanged });
  const messages = createMessagesService({ messages: models.messages, reader, conversations, live });
  const router = createAppRouter({ auth, conversations, rooms, messages });
  return await openDoors({ settings, log, lifecycle, connection, failed, auth, live, router, scrape });
};

const openStore = async (settings: Settings, lifecycle: Lifecycle): Promise<Store> => {
  let uri = settings.mongodbUri;
  // A MongoDB elsewhere may come back; the driver waits for it.
  let failed: Promise<Error> = new Promise(() => undefined);
  if (uri === undefined) {
    const store = await startEmbeddedMongo({ dataDir: join(settings.dataDir, 'store') });
    let closing = false;
    lifecycle.opened('embedded store', () => {
      closing = true;
      return store.close();
    });
    uri = store.uri;
    failed = new Promise((resolve) => {
      void store.stopped.then((error) => (closing ? undefined : resolve(error)));
    });
  }
  const connection = await connectMongo(uri);
  lifecycle.opened('mongo connection', () => connection.close());
  return { connection, failed };
};

interface Store {
  readonly connection: Connection;
  readonly failed: Promise<Error>;
}

const createModels = (connection: Connection) => ({
  users: createUserModel(connection),
  sessions: createSessionModel(connection),
  conversations: createConversationModel(connection),
  memberships: createMembershipModel(connection),
  messages: createMessageModel(connection),
  log: createLogModels(connection),
});

interface LiveParts {
  readonly settings: Settings;
  readonly log: Logger;
  readonly meter: EngineMeter;
  readonly models: ReturnType<typeof createModels>;
  readonly auth: AuthService;
  readonly conversations: ConversationsService;
}

/** The live documents, as the rest of the server uses them. */
interface Live extends LiveConversations, SocketAcceptor {
  /** Closes whatever was opened in the name of that session. */
  endSession(sessionId: string): void;
  /** What the user may do in the conversation has changed: whatever they have open of it follows. */
  rightsChanged(conversationId: string, userId: string): void;
  /** Whether the log takes writes. */
  isHealthy(): boolean;
  /** How things stand now, for metrics. */
  state(): EngineState;
  /** Finishes what an earlier process stored and did not bring into history. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

/** Joins the sync engine with the kinds of documents it serves, and the features with their live documents. */
const createLive = ({ settings, log, meter, models, auth, conversations }: LiveParts): Live => {
  const kind = createConversationKind({
    models,
    access: (conversationId, userId) => conversations.access(conversationId, userId),
    windowMessages: settings.windowMessages ?? limits.windowMessages.value,
    segmentMessages: settings.segmentMessages ?? limits.segmentMessages.value,
  });
  const engine = new SyncEngine({
    models: models.log,
    log,
    meter,
    kinds: [kind],
    authenticate: (token) => auth.verifyAccess(token),
    paced: settings.rateLimits,
    idleMs: settings.documentIdleMs ?? DOCUMENT_IDLE_MS,
    snapshotEvery: settings.snapshotEntries ?? SNAPSHOT_EVERY_ENTRIES,
    generationClients: settings.generationClients ?? limits.generationClients.value,
    generationDeadBytes: settings.generationDeadBytes ?? limits.generationDeadBytes.value,
    generationMs: settings.generationMs ?? limits.generationMs.value,
    patienceMs: settings.logPatienceMs ?? LOG_PATIENCE_MS,
    writeTimeoutMs: settings.logWriteTimeoutMs ?? LOG_WRITE_TIMEOUT_MS,
  });
  return {
    perform: (conversationId, command) => engine.perform(kind, conversationId, command),
    settled: (conversationId) => engine.settled(conversationId),
    accept: (socket, request) => engine.accept(socket, request),
    refuse: (socket) => engine.refuse(socket),
    endSession: (sessionId) => engine.endSession(sessionId),
    rightsChanged: (conversationId, userId) => engine.rightsChanged(conversationId, userId),
    isHealthy: () => engine.healthy,
    state: () => engine.state,
    recover: () => engine.recover(),
    close: () => engine.close(),
  };
};

interface Doors extends Store {
  readonly settings: Settings;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly auth: AuthService;
  readonly live: Live;
  readonly router: AppRouter;
  readonly scrape: (state: EngineState & { readonly socketsWaiting: number }) => Promise<MetricsPage>;
}

const openDoors = async (parts: Doors): Promise<Parley> => {
  const { settings, log, lifecycle, connection, failed, auth, live, router, scrape } = parts;
  const ping = createPing(connection);
  const origins = new Set(settings.corsOrigins);
  const { trustProxy, rateLimits, host, port, metricsToken } = settings;
  const http = await createHttpServer({
    router,
    log,
    origins,
    trustProxy,
    rateLimits,
    verify: (token) => auth.verifyAccess(token),
    metricsToken,
    scrape: () => scrape({ ...live.state(), socketsWaiting: door.waiting }),
    whyNotReady: async () => {
      if (!live.isHealthy()) return 'the log does not take writes';
      return (await ping()) ? null : 'the store does not answer';
    },
  });
  lifecycle.opened('http', () => http.close());
  lifecycle.opened('sync', () => live.close());
  const door = mountUpgrades(http.server, { sync: live, origins, trustProxy });
  lifecycle.opened('upgrades', () => door.close());
  let url: string | null = null;
  return {
    get url() {
      return url;
    },
    failed,
    listen: async () => {
      await live.recover();
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
