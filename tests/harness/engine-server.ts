// A sync engine behind real sockets, without accounts: a token is "user/session", members are rows, and a test can get in between.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ConversationModel,
  createConversationModel,
  createFindAccess,
  createMembershipModel,
  freshMembership,
  type MembershipModel,
} from '@parley/server/internal/features/conversations/index';
import { createConversationKind } from '@parley/server/internal/features/messages/document/conversation-kind';
import {
  createMessageModel,
  type MessageModel,
} from '@parley/server/internal/features/messages/message.model';
import { mountUpgrades, type SocketAcceptor } from '@parley/server/internal/http/upgrade';
import { ensureIndexes } from '@parley/server/internal/platform/mongo';
import type { PlacesOptions } from '@parley/server/internal/platform/places';
import type { TurnstileOptions } from '@parley/server/internal/platform/turnstile';
import { SyncEngine } from '@parley/server/internal/sync/engine';
import { createLogModels } from '@parley/server/internal/sync/log/log.models';
import { AppError, newId } from '@parley/shared';
import { WebSocketServer } from 'ws';
import { noFiles } from './no-files.js';
import { noSearch } from './no-search.js';
import { RawClient } from './raw-client.js';
import { silentLog, tellNobody } from './silent-log.js';
import { startTestStore } from './test-store.js';
import { unmetered } from './unmetered.js';

/** Called at the named moments; what it returns is waited for, what it throws is thrown. */
export interface Moments {
  authenticating: (userId: string) => unknown;
  authorizing: (documentId: string, userId: string) => unknown;
  /** The rights were read and are not told yet. */
  authorized: (documentId: string, userId: string) => unknown;
  opening: (documentId: string) => unknown;
  /** Entries are about to be written to the log. */
  logging: () => unknown;
}

export interface EngineServer extends AsyncDisposable {
  readonly engine: SyncEngine;
  readonly moments: Moments;
  readonly memberships: MembershipModel;
  readonly conversations: ConversationModel;
  readonly messages: MessageModel;
  /** A conversation with these members. */
  converse(visibility: 'public' | 'private', ...members: string[]): Promise<string>;
  /** For HTTP and sockets. */
  readonly url: string;
  /** Null for the session: the token is no good. */
  connect(conversationId: string, userId: string, session?: string | null): RawClient;
  /** Resolves when the document has left memory, with a snapshot, for the first time. */
  left(documentId: string): Promise<void>;
  /** The most sockets that were being taken in at one moment. */
  readonly mostAtOnce: number;
  /** Resolves when so many sockets have come, ever. */
  arrived(count: number): Promise<void>;
}

const nothing = (): undefined => undefined;

export interface EngineServerOptions {
  readonly admissions?: TurnstileOptions;
  readonly idleMs?: number;
  readonly refusals?: PlacesOptions;
  readonly silent?: PlacesOptions;
}

const readToken = (token: string): { userId: string; sessionId: string } => {
  const [userId, sessionId] = token.split('/');
  if (userId === undefined || sessionId === undefined) throw new AppError('TOKEN_INVALID');
  return { userId, sessionId };
};

export const startEngineServer = async ({
  admissions,
  idleMs = 60_000,
  refusals,
  silent,
}: EngineServerOptions = {}): Promise<EngineServer> => {
  const store = await startTestStore();
  const { connection } = store;
  const models = {
    messages: createMessageModel(connection),
    conversations: createConversationModel(connection),
    memberships: createMembershipModel(connection),
  };
  const log = createLogModels(connection);
  await ensureIndexes(connection);
  const moments: Moments = {
    authenticating: nothing,
    authorizing: nothing,
    authorized: nothing,
    opening: nothing,
    logging: nothing,
  };
  const { collection } = log.log;
  const insertMany = collection.insertMany.bind(collection);
  collection.insertMany = async (...entries: Parameters<typeof insertMany>) => {
    await moments.logging();
    return await insertMany(...entries);
  };
  const findAccess = createFindAccess({ ...models, standings: async () => () => 'none' });
  const kind = createConversationKind({
    models,
    standings: () => Promise.resolve(() => 'none'),
    files: noFiles,
    searchIndex: noSearch,
    publish: tellNobody,
    log: silentLog,
    access: async (conversationId, userId) => {
      await moments.authorizing(conversationId, userId);
      const access = await findAccess(conversationId, userId);
      await moments.authorized(conversationId, userId);
      return access;
    },
    windowMessages: 500,
    segmentMessages: 100,
  });
  const engine = new SyncEngine({
    models: log,
    log: silentLog,
    meter: unmetered,
    kinds: [
      {
        ...kind,
        open: async (doc, place, position) => {
          await moments.opening(place.documentId);
          return await kind.open(doc, place, position);
        },
      },
    ],
    crowd: { came: () => undefined, left: () => undefined },
    authenticate: async (token) => {
      const { userId, sessionId } = readToken(token);
      await moments.authenticating(userId);
      return { userId, sessionId, name: userId };
    },
    paced: false,
    idleMs,
    snapshotEvery: 1_000,
    generationClients: 1_000,
    generationDeadBytes: 256 * 1024,
    generationMs: 0,
    patienceMs: 10_000,
    writeTimeoutMs: 10_000,
  });
  const http = createServer();
  let [atOnce, mostAtOnce] = [0, 0];
  const sync: SocketAcceptor = {
    accept: async (socket, request) => {
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      await engine.accept(socket, request);
      atOnce -= 1;
    },
    turnAway: (socket, address, code) => engine.turnAway(socket, address, code),
    refuse: (socket) => engine.refuse(socket),
  };
  const door = mountUpgrades(http, {
    sync,
    subscriptions: { size: 0, upgrade: (_request, socket) => socket.destroy(), close: () => undefined },
    json: {
      ...{ wss: new WebSocketServer({ noServer: true }), size: 0, close: () => undefined },
      expect: async () => ({ refused: 'NOT_FOUND' }),
    },
    origins: new Set(),
    trustProxy: 0,
    whose: (token) => readToken(token).userId,
    ...(admissions === undefined ? {} : { admissions }),
    ...(refusals === undefined ? {} : { refusals }),
    ...(silent === undefined ? {} : { silent }),
  });
  let count = 0;
  const waitingForCount = new Set<() => void>();
  http.on('upgrade', () => {
    count += 1;
    for (const look of waitingForCount) look();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    engine,
    moments,
    ...models,
    left: async (document) => {
      while ((await log.snapshots.countDocuments({ document })) === 0) await new Promise(setImmediate);
    },
    converse: async (visibility, ...members) => {
      const id = newId();
      const now = new Date();
      await models.conversations.insertOne({
        _id: id,
        kind: 'room',
        name: id,
        nameKey: id,
        visibility,
        createdBy: 'somebody',
        createdAt: now,
        activeAt: now,
        messageCount: 0,
        lastMessage: null,
      });
      await models.memberships.insertMany(
        members.map((user) => ({
          _id: newId(),
          conversation: id,
          user,
          ...freshMembership,
          joinedAt: now,
        })),
      );
      return id;
    },
    connect: (conversationId, userId, session = 'one') =>
      new RawClient({
        url,
        conversationId,
        token: session === null ? userId : `${userId}/${session}`,
        acks: true,
      }),
    get mostAtOnce() {
      return mostAtOnce;
    },
    arrived: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (count < wanted) return;
          waitingForCount.delete(look);
          resolve();
        };
        waitingForCount.add(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      door.close();
      await engine.close();
      await new Promise((resolve) => http.close(resolve));
      await store.close();
    },
  };
};
