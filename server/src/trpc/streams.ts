// Owns the subscriptions that are open: how many one person has, and that each ends with the session it was opened in.
import { AppError, type ErrorCode, limits } from '@parley/shared';
import { type TrackedEnvelope, tracked } from '@trpc/server';
import type { z } from 'zod';
import type { Actor } from './actor.js';
import { toAppError, toTrpcError } from './error-bridge.js';
import type { Line } from './line.js';

/** Told of every subscription that opens and ends, by whose it is. */
export interface StreamCrowd {
  came(userId: string): void;
  left(userId: string): void;
}

export interface StreamsOptions {
  readonly crowd: StreamCrowd;
  /** Rejects with SESSION_ENDED where the actor's session is over. */
  stands(actor: Actor): Promise<unknown>;
}

interface Stream {
  readonly sessionId: string;
  readonly end: AbortController;
}

interface Subscriber {
  readonly actor: Actor;
  /** What it is told over. */
  readonly line: Line;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal | undefined;
}

interface Wanted<Item, Value> extends Subscriber {
  readonly item: z.ZodType<Item>;
  /** Ends when its signal is aborted. */
  readonly source: (ended: AbortSignal) => AsyncIterable<Value>;
}

/** An item, and where the subscription goes on after it. */
interface Tracked<Item> {
  readonly id: string;
  readonly event: Item;
}

export class Streams {
  readonly #options: StreamsOptions;
  readonly #open = new Map<string, Set<Stream>>();

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  get size(): number {
    return [...this.#open.values()].reduce((sum, theirs) => sum + theirs.size, 0);
  }

  /**
   * What a source yields, each item checked like an answer. Ends with TOKEN_EXPIRED when the caller's token is over (to be opened
   * again with the next), SESSION_ENDED with their session, SHUTTING_DOWN with the server: as an error, or with the whole line where
   * that can end. Throws TOO_MANY_REQUESTS for one who has too many open.
   */
  run<Item>({ item, source, ...subscriber }: Wanted<Item, Item>): AsyncGenerator<Item, void> {
    return this.#run(subscriber, source, (value) => item.parse(value));
  }

  /** The same, with ids by which a subscription that broke goes on. */
  runTracked<Item>({
    item,
    source,
    ...subscriber
  }: Wanted<Item, Tracked<Item>>): AsyncGenerator<TrackedEnvelope<Item>, void> {
    return this.#run(subscriber, source, ({ id, event }) => tracked(id, item.parse(event)));
  }

  async *#run<Value, Told>(
    { actor, line, signal }: Subscriber,
    source: (ended: AbortSignal) => AsyncIterable<Value>,
    told: (value: Value) => Told,
  ): AsyncGenerator<Told, void> {
    let stream: Stream | undefined;
    try {
      stream = this.#enter(actor, line);
      const over = setTimeout(end, msUntil(actor.expiresAt), stream, 'TOKEN_EXPIRED');
      over.unref();
      try {
        // The session may have ended after the caller was verified and before there was a stream to end.
        await this.#options.stands(actor);
        const ended = AbortSignal.any([stream.end.signal, ...(signal === undefined ? [] : [signal])]);
        for await (const value of source(ended)) {
          yield told(value);
          await line.drained(ended);
        }
        stream.end.signal.throwIfAborted();
      } finally {
        clearTimeout(over);
        this.#leave(actor.userId, stream);
      }
    } catch (reason) {
      const error = toAppError(reason);
      const isOver = stream?.end.signal.aborted === true || error.code === 'TOO_SLOW';
      if (isOver && line.hangUp(error.code)) return;
      throw toTrpcError(error);
    }
  }

  /** Ends whatever was opened in the name of that session. */
  endSession(sessionId: string): void {
    for (const stream of this.#all()) if (stream.sessionId === sessionId) end(stream, 'SESSION_ENDED');
  }

  close(): void {
    for (const stream of this.#all()) end(stream, 'SHUTTING_DOWN');
  }

  #all(): Stream[] {
    return [...this.#open.values()].flatMap((theirs) => [...theirs]);
  }

  #enter({ userId, sessionId }: Actor, line: Line): Stream {
    const theirs = this.#open.get(userId) ?? new Set();
    if (theirs.size >= limits.subscriptionsPerUser.value) {
      throw new AppError('TOO_MANY_REQUESTS', { details: { retryAfterSeconds: RETRY_SECONDS } });
    }
    const stream = { sessionId, end: new AbortController() };
    this.#open.set(userId, theirs.add(stream));
    this.#options.crowd.came(userId);
    // At once, also where nobody reads and so nothing more is asked of it.
    stream.end.signal.addEventListener('abort', () => {
      this.#leave(userId, stream);
      line.over();
    });
    return stream;
  }

  #leave(userId: string, stream: Stream): void {
    const theirs = this.#open.get(userId);
    if (theirs?.delete(stream) !== true) return;
    if (theirs.size === 0) this.#open.delete(userId);
    this.#options.crowd.left(userId);
  }
}

const RETRY_SECONDS = 10;
/** What a timer can wait for. */
const MAX_TIMER_MS = 2_147_483_647;

const end = (stream: Stream, code: ErrorCode): void => stream.end.abort(new AppError(code));

const msUntil = (date: Date): number => Math.min(Math.max(date.getTime() - Date.now(), 0), MAX_TIMER_MS);
