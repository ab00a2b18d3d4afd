// Owns joining the sync engine with the kinds of documents it serves, and the features with their live documents.
import { type DocumentAccess, limits } from '@parley/shared';
import type { Connection } from 'mongoose';
import { ConfigError, type Settings } from '../config/index.js';
import type { AuthService } from '../features/auth/index.js';
import type { ConversationsService } from '../features/conversations/index.js';
import type { Publish } from '../features/events/index.js';
import { createStandings } from '../features/friends/index.js';
import {
  type ConversationFiles,
  createConversationKind,
  type LiveConversations,
  type SearchIndex,
} from '../features/messages/index.js';
import { createPadAccess, createPadKind } from '../features/pads/index.js';
import type { ProjectsService } from '../features/projects/index.js';
import type { SocketAcceptor } from '../http/index.js';
import type { Logger } from '../platform/logger.js';
import {
  type Crowd,
  type DocumentKind,
  type EngineMeter,
  type EngineState,
  SyncEngine,
} from '../sync/index.js';
import type { Models } from './store.js';

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

/** Parley's own kinds, whose names no other may have. */
const OWN_KINDS = ['conversation', 'pad'];

/** Throws ConfigError where two kinds have one name. */
export const makeKinds = (
  factories: readonly ((context: KindContext) => DocumentKind)[],
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

interface LiveParts {
  readonly settings: Settings;
  readonly log: Logger;
  readonly meter: EngineMeter;
  readonly models: Models;
  readonly auth: AuthService;
  readonly conversations: ConversationsService;
  readonly projects: ProjectsService;
  readonly files: ConversationFiles;
  readonly kinds: readonly DocumentKind[];
  readonly crowd: Crowd;
  readonly publish: Publish;
  readonly searchIndex: SearchIndex;
}

/** The live documents, as the rest of the server uses them. */
export interface Live extends SocketAcceptor, Omit<LiveDocuments, 'perform'> {
  readonly perform: LiveConversations['perform'];
  readonly compact: LiveConversations['compact'];
  readonly documents: LiveDocuments;
  /** Closes whatever was opened in the name of that session. */
  endSession(sessionId: string): void;
  /** Resolves once members were told of all messages that are in history by now. */
  told(): Promise<void>;
  /** `settled`, for several. */
  allSettled(documentIds: readonly string[]): Promise<void>;
  /** Whether the log takes writes. */
  isHealthy(): boolean;
  /** How things stand now, for metrics. */
  state(): EngineState;
  /** Finishes what an earlier process stored and did not bring into history. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

/** Makes the engine. */
export const createLive = (parts: LiveParts): Live => {
  const {
    settings,
    log,
    meter,
    models,
    auth,
    conversations,
    projects,
    files,
    kinds,
    crowd,
    publish,
    searchIndex,
  } = parts;
  const kind = createConversationKind({
    models,
    standings: createStandings(models.friendships),
    ...{ files, publish, log, searchIndex },
    access: (conversationId, userId) => conversations.access(conversationId, userId),
    windowMessages: settings.windowMessages ?? limits.windowMessages.value,
    segmentMessages: settings.segmentMessages ?? limits.segmentMessages.value,
  });
  const engine = new SyncEngine({
    models: models.log,
    log,
    meter,
    kinds: [
      kind,
      createPadKind({ pads: models.pads, access: createPadAccess({ conversations, projects }) }),
      ...kinds,
    ],
    authenticate: (token) => auth.verifyAccess(token),
    crowd,
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
    perform: async (name, documentId, command) => {
      await engine.perform(name, documentId, command);
    },
    rightsChanged: (documentId, userId) => engine.rightsChanged(documentId, userId),
    settled: (documentId) => engine.settled(documentId),
    remove: (documentId) => engine.remove(documentId),
  };
  return {
    ...documents,
    documents,
    perform: (conversationId, command) => engine.perform(kind.name, conversationId, command),
    compact: (conversationId) => engine.compact(kind.name, conversationId),
    accept: (socket, request) => engine.accept(socket, request),
    turnAway: (socket, address, code) => engine.turnAway(socket, address, code),
    refuse: (socket) => engine.refuse(socket),
    told: () => kind.told(),
    endSession: (sessionId) => engine.endSession(sessionId),
    allSettled: (conversationIds) => engine.allSettled(conversationIds),
    isHealthy: () => engine.healthy,
    state: () => engine.state,
    recover: () => engine.recover(),
    close: () => engine.close(),
  };
};
