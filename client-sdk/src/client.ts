import type { Me } from '@parley/shared';
import { PlatformWebSocket } from '#websocket';
import { type Api, createApi, createBareApi, type SubscriptionsOver, TOKEN } from './api/api.js';
import { isSignInError, ParleyError, toParleyError } from './api/errors.js';
import type { Fetch } from './api/fetch.js';
import { Session, type SessionEvent } from './api/session.js';
import { SessionStore } from './api/stored-session.js';
import { changeMessage } from './conversation/carry-out.js';
import { Conversation } from './conversation/conversation.js';
import { createPads, type Pads } from './documents/pads.js';
import { SharedDocument } from './documents/shared-document.js';
import { Emitter } from './emitter.js';
import { EventStream, type Events } from './events/event-stream.js';
import { createFiles, type Files } from './files/files.js';
import { LiveLists } from './live/live-lists.js';
import { type Comments, createComments } from './projects/comments.js';
import { createProjects, type Projects } from './projects/projects.js';
import { createTasks, type Tasks } from './projects/tasks.js';
import { memoryStorage, type Storage } from './storage/storage.js';
import type { WebSocketClass } from './sync/socket.js';
import { systemTiming, type Timing } from './timing.js';

export interface ParleyClientOptions {
  /** The server's address: `https://parley.example`, with a path where it is served under one. */
  readonly url: string;
  /** Where the session and unsent messages are kept; in memory when absent. */
  readonly storage?: Storage;
  readonly fetch?: Fetch;
  readonly WebSocket?: WebSocketClass;
  /**
   * What subscriptions go over: one WebSocket for all of them, unless this says `events`: a stream of server-sent events for each,
   * of which a browser opens only some six to one host (HTTP/1.1).
   */
  readonly subscriptions?: SubscriptionsOver;
  /** For tests. */
  readonly timing?: Timing;
}

/** A username, an e-mail address, or both. */
export interface SignUpInput {
  readonly username?: string;
  readonly email?: string;
  readonly password: string;
  readonly firstName?: string;
  readonly lastName?: string;
  /** What to call this device in the list of sessions. */
  readonly device?: string;
}

export interface SignInInput {
  /** Username or e-mail address. */
  readonly login: string;
  readonly password: string;
  readonly device?: string;
}

/** One person's way to one server. Every promise rejects with ParleyError. */
export interface ParleyClient {
  /** Every procedure of the server, called with a fresh token. */
  readonly api: Api;
  /** Who is signed in. */
  readonly user: Me | null;
  /** Makes an account and signs in. INVALID_INPUT and CONFLICT name the fields at fault. */
  signUp(input: SignUpInput): Promise<Me>;
  /** BAD_CREDENTIALS, or TOO_MANY_REQUESTS with the seconds to wait. */
  signIn(input: SignInInput): Promise<Me>;
  /** Ends the session. This device is signed out either way; rejects when the server could not be told. Unsent messages stay in the storage. */
  signOut(): Promise<void>;
  /** Takes up the session that the storage holds, without asking the server. */
  restore(): Promise<Me | null>;
  /** An access token that is good for a minute at least, for a stock provider's `params`. Rejects with NOT_SIGNED_IN. */
  accessToken(): Promise<string>;
  /** Told on every sign-in and sign-out, and when a session ends by itself. Returns what ends that. */
  onSession(listener: (event: SessionEvent) => void): () => void;
  /** Everything that happens where the signed-in person is. */
  readonly events: Events;
  /** The live conversation of that id: the same one until it is closed. Throws NOT_SIGNED_IN. */
  conversation(id: string): Conversation;
  readonly files: Files;
  readonly pads: Pads;
  readonly projects: Projects;
  readonly tasks: Tasks;
  readonly comments: Comments;
  /** The live document of that id, of whichever kind the server knows: the same one until it is closed. Throws NOT_SIGNED_IN. */
  document(id: string): SharedDocument;
  /** Closes every conversation, document and live list, ends every subscription, and takes away who listens to events. The session stays. */
  close(): void;
}

/** A client for the server at `url`. Opens nothing by itself. Throws INVALID_INPUT when `url` is no http address. */
export const createParleyClient = (options: ParleyClientOptions): ParleyClient => {
  const url = addressOf(options.url);
  const { storage = memoryStorage(), timing = systemTiming, WebSocket = PlatformWebSocket } = options;
  const doFetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const bare = createBareApi(url, doFetch);
  const session = new Session({
    store: new SessionStore(storage, `parley:${url}:session`),
    timing,
    refresh: (refreshToken) => bare.auth.refresh.mutate({ refreshToken }),
  });
  const wsUrl = url.replace(/^http/, 'ws');
  const ends = new Emitter<{ end: ParleyError }>();
  const api = createApi({
    ...{ url, wsUrl, WebSocket, timing, fetch: doFetch },
    subscriptions: options.subscriptions ?? 'socket',
    session: {
      accessToken: () => session.accessToken(),
      renew: (stale) => session.renew(stale),
      onEnd: (listener) => ends.on('end', listener),
    },
  });
  const conversations = new Map<string, Conversation>();
  const documents = new Map<string, SharedDocument>();
  const closeAll = (reason?: ParleyError): void => {
    for (const open of [...conversations.values(), ...documents.values()]) open.close(reason);
    lists.closeAll(reason);
    ends.emit('end', reason ?? new ParleyError('CLOSED'));
  };
  const events = new EventStream({ api, timing, isSignedIn: () => session.user !== null });
  const lists = new LiveLists({ events, timing, userId: () => session.user?.id ?? null });
  // Before anybody else hears of it: nobody meets a conversation of a session that is over.
  session.onChange(({ user, reason }) => {
    closeAll(reason ?? new ParleyError('NOT_SIGNED_IN'));
    if (user !== null) events.start();
  });

  const openDocument = (id: string): SharedDocument => {
    if (session.user === null) throw new ParleyError('NOT_SIGNED_IN');
    const onClose = (): boolean => documents.delete(id);
    const document = new SharedDocument({
      documentId: id,
      wsUrl,
      tokens: session,
      WebSocket,
      timing,
      onClose,
    });
    documents.set(id, document);
    return document;
  };
  const findOrOpen = (id: string): SharedDocument => documents.get(id) ?? openDocument(id);

  const openConversation = (id: string): Conversation => {
    const me = session.user;
    if (me === null) throw new ParleyError('NOT_SIGNED_IN');
    const conversation = new Conversation({
      id,
      me,
      storage,
      timing,
      WebSocket,
      tokens: session,
      wsUrl,
      outboxKey: `parley:${url}:outbox:${me.id}:${id}`,
      changesKey: `parley:${url}:changes:${me.id}:${id}`,
      fetchHistory: (page) => api.messages.list.query({ conversationId: id, ...page }),
      fetchSinceSeq: async () => (await api.conversations.get.query({ conversationId: id })).me.sinceSeq,
      changeMessage: (change) => changeMessage(api, change),
      onClose: () => conversations.delete(id),
    });
    conversations.set(id, conversation);
    return conversation;
  };

  return {
    api,
    get user() {
      return session.user;
    },
    signUp: async (input) => await session.open(await bare.auth.register.mutate(input)),
    signIn: async (input) => await session.open(await bare.auth.login.mutate(input)),
    signOut: async () => {
      const token = await session.end(null);
      if (token === null) return;
      await bare.auth.logout.mutate(undefined, { context: { [TOKEN]: token } }).catch(ignoreIfOver);
    },
    restore: () => session.restore(),
    accessToken: async () => {
      const token = await session.accessToken();
      if (token === null) throw new ParleyError('NOT_SIGNED_IN');
      return token;
    },
    onSession: (listener) => session.onChange(listener),
    events,
    conversation: (id) => conversations.get(id) ?? openConversation(id),
    files: createFiles(api, url, doFetch),
    pads: createPads(api, findOrOpen),
    projects: createProjects(api, lists.open),
    tasks: createTasks(api, lists.open),
    comments: createComments(api, lists.open),
    document: findOrOpen,
    close: () => {
      events.close();
      closeAll();
    },
  };
};

/** A session that the server no longer knows has ended, which is what was asked for. */
const ignoreIfOver = (reason: unknown): void => {
  const error = toParleyError(reason);
  if (!isSignInError(error)) throw error;
};

const addressOf = (url: string): string => {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new ParleyError('INVALID_INPUT', { fields: { url: ['must be an http or https address'] } });
  }
  return url.replace(/\/+$/, '');
};
