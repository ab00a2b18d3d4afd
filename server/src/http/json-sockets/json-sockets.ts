// Owns the JSON sockets of one server: what must be ready before one opens, and that all of them end with the server.
// Does not own who may knock, nor how many at a time (upgrade.ts).
import { randomUUID } from 'node:crypto';
import { AppError, type ErrorCode, limits, type ParleyEvent } from '@parley/shared';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { AppRouter } from '../../app-router.js';
import type { EventsService } from '../../features/events/index.js';
import type { PresenceService } from '../../features/presence/index.js';
import { Limiter } from '../../platform/limiter.js';
import type { Logger } from '../../platform/logger.js';
import { type Actor, createContext, type Streams, toAppError } from '../../trpc/index.js';
import type { JsonSubject } from '../targets.js';
import { logFailure } from '../trpc-mount.js';
import { ConversationTalk } from './conversation-talk.js';
import { DirectTalk } from './direct-talk.js';
import { Heartbeats } from './heartbeats.js';
import { JsonSocket, READY } from './json-socket.js';
import { JsonWebSocket } from './json-web-socket.js';
import type { Speaker, Talk, TalkParts } from './talk.js';
import { ToldMessages, type ToldMessagesParts } from './told-messages.js';

export interface JsonSocketsParts extends Omit<TalkParts, 'messages' | 'history'> {
  readonly router: AppRouter;
  readonly log: Logger;
  readonly streams: Streams;
  readonly presence: Pick<PresenceService, 'shown'>;
  readonly history: TalkParts['history'] & ToldMessagesParts;
  /** Whether people who send without end are slowed down. */
  readonly rateLimits: boolean;
  verify(token: string): Promise<Actor>;
  /** Resolves once members were told of all messages that are in history by now. */
  told(): Promise<void>;
}

/** Somebody with a token that may be good, who is not upgraded yet. */
export interface JsonVisitor {
  readonly subject: JsonSubject;
  readonly token: string;
  readonly address: string;
  readonly userAgent: string | null;
  /** Aborted when their connection is gone. */
  readonly gone: AbortSignal;
}

/** Either why they are to be turned away, or what takes their socket over: it hears whatever happens already. */
export type Expected =
  | { readonly refused: ErrorCode }
  | { readonly welcome: (socket: WebSocket) => void; readonly giveUp: () => void };

export interface JsonSockets {
  /** Upgrades the sockets that are welcome. */
  readonly wss: WebSocketServer;
  /** How many are open. */
  readonly size: number;
  /** Never rejects. */
  expect(visitor: JsonVisitor): Promise<Expected>;
  /** Ends all of them. */
  close(): void;
}

const BEAT_MS = 25_000;
/** How long a client may take to hear that the server goes. */
const FAREWELL_MS = 1_000;
/** Frames of one person in a row, and one more each such stretch. */
const PACE = { burst: 100, refillMs: 100, maxKeys: 50_000 };

export const createJsonSockets = (parts: JsonSocketsParts): JsonSockets => {
  const { log, streams, events, presence, verify } = parts;
  const open = new Map<JsonSocket, WebSocket>();
  const heartbeats = new Heartbeats(BEAT_MS);
  const pace = parts.rateLimits ? new Limiter(PACE) : null;
  const talkParts: TalkParts = { ...parts, messages: new ToldMessages(parts.history) };

  const speakerOf = ({ token, address, userAgent }: JsonVisitor, userId: string): Speaker => ({
    userId,
    procedures: () =>
      parts.router.createCaller(
        createContext({
          ...{ requestId: randomUUID(), log, streams, verify },
          ...{ caller: { address, userAgent }, authorization: `Bearer ${token}` },
        }),
      ),
  });
  const onFailure = (error: unknown): void =>
    logFailure(log, { error, path: 'a JSON socket', requestId: 'none' });

  const listen = async (visitor: JsonVisitor): Promise<Exclude<Expected, { refused: ErrorCode }>> => {
    const actor = await verify(visitor.token);
    const { userId } = actor;
    const talk = talkOf(talkParts, visitor.subject, speakerOf(visitor, userId));
    const socket = new JsonSocket({
      ...{ talk, onFailure },
      wait: () => pace?.take(userId) ?? 0,
      onEnd: (ended) => open.delete(ended),
    });
    // One who does not read is not told any more of a place that they are not in.
    const leave = (event: ParleyEvent): void => {
      const code = talk.endsWith(event);
      if (code !== null) socket.hangUp(code);
    };
    // Else what was answered before the socket opened could be told as if it came after.
    await parts.told();
    const frames = streams.run({
      ...{ actor, line: socket.line, signal: visitor.gone, item: z.string() },
      source: (ended) => tell(talk, events.listen(userId, ended, leave), ended),
    });
    const giveUp = (): void => void frames.return();
    const { done } = await frames.next();
    if (done === true) throw new AppError('UNAVAILABLE', { logMessage: 'the client has gone' });
    // Whoever it is to be seen by sees them once it is open.
    await presence.shown(userId);
    return {
      giveUp,
      welcome: (opened) => {
        open.set(socket, opened);
        heartbeats.watch(opened);
        socket.welcome(opened, frames);
      },
    };
  };
  return {
    wss: new WebSocketServer({
      ...{ noServer: true, clientTracking: false, perMessageDeflate: false, WebSocket: JsonWebSocket },
      maxPayload: limits.jsonFrameBytes.value,
      maxFragments: limits.smallFrameParts.value,
      // A frame that is no UTF-8 is answered like any other that cannot be read.
      skipUTF8Validation: true,
    }),
    get size() {
      return open.size;
    },
    expect: async (visitor) => {
      try {
        return await listen(visitor);
      } catch (error) {
        onFailure(error);
        return { refused: toAppError(error).code };
      }
    },
    close: () => {
      heartbeats.close();
      for (const [socket, opened] of open) {
        socket.hangUp('SHUTTING_DOWN');
        setTimeout(() => opened.terminate(), FAREWELL_MS).unref();
      }
    },
  };
};

const talkOf = (parts: TalkParts, subject: JsonSubject, speaker: Speaker): Talk =>
  subject.kind === 'direct'
    ? new DirectTalk(parts, speaker)
    : new ConversationTalk(parts, speaker, subject.name);

/** READY, then what events mean for the socket. */
async function* tell(
  talk: Talk,
  events: ReturnType<EventsService['listen']>,
  ended: AbortSignal,
): AsyncGenerator<string, void> {
  for await (const { id, event } of events) {
    if (event.type === 'stream.ready') {
      await talk.begin(id);
      yield READY;
      continue;
    }
    for await (const frame of talk.hear(event)) {
      if (ended.aborted) return;
      yield frame;
    }
  }
}
