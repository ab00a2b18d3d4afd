import { createSecretKey } from 'node:crypto';
// The composition root: makes every part and joins them. Nothing else knows more than its neighbours.
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type DocumentAccess, limits } from '@parley/shared';
import type { Connection } from 'mongoose';
import { type AppRouter, createAppRouter } from './app-router.js';
import {
  ConfigError,
  keepSecret,
  resolveSettings,
  type ServerOptions,
  type Settings,
} from './config/index.js';
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
  rightsOf,
} from './features/conversations/index.js';
import {
  createConversationKind,
  createMessageModel,
  createMessageReader,
  createMessagesService,
  type LiveConversations,
} from './features/messages/index.js';
import { createPadKind, createPadModel, createPadsService, type PadsService } from './features/pads/index.js';
import { createRoomsService } from './features/rooms/index.js';
import { createUserModel, createUsersService } from './features/users/index.js';
import { createHttpServer, mountUpgrades, type SocketAcceptor } from './http/index.js';
import { createMetrics, type MetricsPage } from './metrics/index.js';
import { Lifecycle } from './platform/lifecycle.js';
import { createLogger, type Logger } from './platform/logger.js';
import { connectMongo, createPing, ensureIndexes } from './platform/mongo.js';
import {
  createLogModels,
  type DocumentKind,
  type EngineMeter,
  type EngineState,
  SyncEngine,
} from './sync/index.js';

/** Long enough that a person who reloads a page finds the conversation still in memory. */
const DOCUMENT_IDLE_MS = 60_000;
/** A document opens by reading at most so many entries after its snapshot. */
const SNAPSHOT_EVERY_ENTRIES = 200;
/** A restart of MongoDB fits; past it clients are asked to come back later. */
const LOG_PATIENCE_MS = 30_000;
/** Longer than a slow disk takes; the store that has not answered by then has perhaps lost the question. */
const LOG_WRITE_TIMEOUT_MS = 10_000;

/** What a kind of documents is made with. */
export interface KindContext {
  /** Parley's own connection, for the kind's collections. Indexes of models made on it at once are built before the start. */
  readonly mongo: Connection;
  /** What the user may do in a conversation, in the words of `DocumentKind.authorize`. For use in a running server. */
  conversationAccess(conversationId: string, userId: string): Promise<DocumentAccess | 'FORBIDDEN' | null>;
}

/** What a server is made with; everything has a default. */
export interface ParleyOptions extends ServerOptions {
  /** Kinds of documents beside Parley's own; docs/document-kinds.md shows how to write one. */
  readonly documentKinds?: readonly ((context: KindContext) => DocumentKind)[] | undefined;
}

/** Live documents, for code beside the server: what it does to them, and what it must tell of. */
export interface LiveDocuments {
  /**
   * Carries out a command of a kind in a document, which is made where it is new. Resolves once it is stored and in history;
   * rejects with what the kind's `perform` threw, then nothing has changed.
   */
  perform(kind: string, documentId: string, command: unknown): Promise<void>;
  /** To be called after a change of what people may do there is stored: the user, or everybody; open connections follow at once. */
  rightsChanged(documentId: string, userId?: string): void;
  /** Resolves when history holds what clients of the document have seen so far, or after a moment. */
  settled(documentId: string): Promise<void>;
  /**
   * Removes the document with all that is stored of it, and closes it for everybody with 4404. To be called once the kind's
   * `authorize` lets nobody in. Where it failed, or the process died in it, it is called again.
   */
  remove(documentId: string): Promise<void>;
}

/** A server. */
export interface Parley {
  readonly documents: LiveDocuments;
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
    return await assemble(options, { settings, log, lifecycle });
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
};

interface Ground {
  readonly settings: Settings;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
}

const assemble = async (options: ParleyOptions, { settings, log, lifecycle }: Ground): Promise<Parley> => {
  const secret = settings.jwtSecret ?? (await keepSecret(settings.dataDir));
  const { connection, failed } = await openStore(settings, lifecycle);
  const models = createModels(connection);
  const conversationAccess: KindContext['conversationAccess'] = async (conversationId, userId) =>
    rightsOf(await conversations.access(conversationId, userId));
  const kinds = makeKinds(options.documentKinds ?? [], { mongo: connection, conversationAccess });
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
  const live = createLive({ settings, log, meter, models, auth, conversations, conversationAccess, kinds });
  const rooms = createRoomsService({ ...models, access: conversations.access, onMembershipChanged });
  const messages = createMessagesService({ messages: models.messages, reader, conversations, live });
  const pads = createPadsService({ pads: models.pads, conversations, users, live });
  const router = createAppRouter({ auth, conversations, rooms, messages, pads });
  return await openDoors({ settings, log, lifecycle, connection, failed, auth, live, pads, router, scrape });
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

/** Parley's own kinds, whose names no other may have. */
const OWN_KINDS = ['conversation', 'pad'];

/** Throws ConfigError where two kinds have one name. */
const makeKinds = (
  factories: NonNullable<ParleyOptions['documentKinds']>,
  context: KindContext,
): readonly DocumentKind[] => {
  const names = new Set(OWN_KINDS);
  return factories.map((make) => {
    const kind = make(context);
    if (names.has(kind.name)) throw new ConfigError([`documentKinds: two are called "${kind.name}"`]);
    names.add(kind.name);
    return kind;
  });
};

const createModels = (connection: Connection) => ({
  users: createUserModel(connection),
  sessions: createSessionModel(connection),
  conversations: createConversationModel(connection),
  memberships: createMembershipModel(connection),
  messages: createMessageModel(connection),
  pads: createPadModel(connection),
  log: createLogModels(connection),
});

interface LiveParts {
  readonly settings: Settings;
  readonly log: Logger;
  readonly meter: EngineMeter;
  readonly models: ReturnType<typeof createModels>;
  readonly auth: AuthService;
  readonly conversations: ConversationsService;
  readonly conversationAccess: KindContext['conversationAccess'];
  readonly kinds: readonly DocumentKind[];
}

/** The live documents, as the rest of the server uses them. */
interface Live extends SocketAcceptor, Omit<LiveDocuments, 'perform'> {
  readonly perform: LiveConversations['perform'];
  readonly documents: LiveDocuments;
  /** Closes whatever was opened in the name of that session. */
  endSession(sessionId: string): void;
  /** Whether the log takes writes. */
  isHealthy(): boolean;
  /** How things stand now, for metrics. */
  state(): EngineState;
  /** Finishes what an earlier process stored and did not bring into history. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

/** Joins the sync engine with the kinds of documents it serves, and the features with their live documents. */
const createLive = (parts: LiveParts): Live => {
  const { settings, log, meter, models, auth, conversations, conversationAccess, kinds } = parts;
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
    kinds: [kind, createPadKind({ pads: models.pads, access: conversationAccess }), ...kinds],
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
  const documents: LiveDocuments = {
    perform: (name, documentId, command) => engine.perform(name, documentId, command),
    rightsChanged: (documentId, userId) => engine.rightsChanged(documentId, userId),
    settled: (documentId) => engine.settled(documentId),
    remove: (documentId) => engine.remove(documentId),
  };
  return {
    ...documents,
    documents,
    perform: (conversationId, command) => engine.perform(kind.name, conversationId, command),
    accept: (socket, request) => engine.accept(socket, request),
    refuse: (socket) => engine.refuse(socket),
    endSession: (sessionId) => engine.endSession(sessionId),
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
  readonly pads: PadsService;
  readonly router: AppRouter;
  readonly scrape: (state: EngineState & { readonly socketsWaiting: number }) => Promise<MetricsPage>;
}

const openDoors = async (parts: Doors): Promise<Parley> => {
  const { settings, log, lifecycle, connection, failed, auth, live, pads, router, scrape } = parts;
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
    documents: live.documents,
    listen: async () => {
      await pads.finishDeletions();
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
