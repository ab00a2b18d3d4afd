// Owns the one socket of a client over which its subscriptions go: when there is one, in whose name, and that whatever was asked for is
// asked for again on the next, after the last item that came. Opened with the first subscription, closed a moment after the last.
import { limits } from '@parley/shared';
import { codeOfClose } from '../sync/close-policy.js';
import type { WebSocketClass, WebSocketLike } from '../sync/socket.js';
import type { Timing } from '../timing.js';
import { isSignInError, ParleyError, toParleyError } from './errors.js';
import { inputAfter, type SubscriptionSession, waitMs } from './retry.js';
import { type Answer, askFrame, stopFrame } from './subscription-frames.js';
import { SubscriptionLine } from './subscription-line.js';

/** A page that opens its next subscription as it ends its last needs no other socket for it. */
const IDLE_MS = 1_000;

export interface SubscriptionSocketParts {
  /** `ws://host` or `wss://host`, with a path where the server is served under one. */
  readonly wsUrl: string;
  readonly session: SubscriptionSession;
  readonly WebSocket: WebSocketClass;
  readonly timing: Timing;
}

export interface Subscriber {
  /** There is no line, but there will be: the error says why, where it broke. */
  connecting(error: ParleyError | null): void;
  started(): void;
  item(data: unknown, place: string | undefined): void;
  /** By the server. */
  ended(): void;
  failed(error: ParleyError): void;
}

interface Asked {
  readonly path: string;
  readonly input: unknown;
  place: string | undefined;
  readonly subscriber: Subscriber;
}

export class SubscriptionSocket {
  readonly #parts: SubscriptionSocketParts;
  readonly #asked = new Map<number, Asked>();
  #nextId = 1;
  #line: SubscriptionLine | null = null;
  /** Of who wants a socket now: what an earlier one waited for is nobody's. */
  #attempt: symbol | null = null;
  /** The one pause there is: before the next try, or before a socket that nobody needs is closed. */
  #callOff = (): void => undefined;
  #failures = 0;
  /** A token that the server would not have, and nothing good has been heard since. */
  #refused: string | null = null;

  constructor(parts: SubscriptionSocketParts) {
    this.#parts = parts;
    // Before any subscription hears of it: whoever opens one as another ends is not in an old name.
    parts.session.onEnd(() => this.#end());
  }

  /** Returns what ends it. */
  subscribe(path: string, input: unknown, subscriber: Subscriber): () => void {
    const id = this.#nextId;
    this.#nextId += 1;
    const asked: Asked = { path, input, subscriber, place: undefined };
    this.#asked.set(id, asked);
    if (this.#line !== null) this.#callOff();
    subscriber.connecting(null);
    if (this.#attempt === null) void this.#open();
    else if (this.#line?.isOpen === true) this.#ask(id, asked);
    return () => this.#leave(id);
  }

  #leave(id: number): void {
    if (!this.#asked.delete(id)) return;
    this.#line?.send(stopFrame(id));
    if (this.#asked.size > 0) return;
    this.#callOff();
    if (this.#line === null) this.#attempt = null;
    else this.#callOff = this.#parts.timing.after(IDLE_MS, () => this.#drop());
  }

  async #open(): Promise<void> {
    const attempt = Symbol('attempt');
    this.#attempt = attempt;
    const { session, WebSocket, wsUrl, timing } = this.#parts;
    let token: string | null;
    let socket: WebSocketLike;
    try {
      token = this.#refused === null ? await session.accessToken() : await session.renew(this.#refused);
      if (this.#attempt !== attempt) return;
      if (token === null) throw new ParleyError('NOT_SIGNED_IN');
      socket = new WebSocket(`${wsUrl}/trpc?connectionParams=1`);
    } catch (reason) {
      if (this.#attempt === attempt) this.#lost(toParleyError(reason));
      return;
    }
    const line = new SubscriptionLine({
      socket,
      ...{ token, timing },
      opened: () => {
        for (const [id, asked] of this.#asked) this.#ask(id, asked);
      },
      answered: (answer) => this.#hear(answer),
      closed: (code, reason) => this.#closed(line, new ParleyError(codeOfClose(code, reason))),
    });
    this.#line = line;
  }

  #ask(id: number, { path, input, place, subscriber }: Asked): void {
    const frame = askFrame(id, path, inputAfter(input, place));
    if (new TextEncoder().encode(frame).length <= limits.subscriptionFrameBytes.value)
      this.#line?.send(frame);
    else {
      // The server would close the socket over it, for all.
      this.#asked.delete(id);
      subscriber.failed(new ParleyError('TOO_LARGE'));
    }
  }

  #hear(answer: Answer): void {
    const asked = this.#asked.get(answer.id);
    if (asked === undefined) return;
    const { subscriber } = asked;
    switch (answer.kind) {
      case 'started':
        this.#thrive();
        subscriber.started();
        return;
      case 'item':
        this.#thrive();
        asked.place = answer.place ?? asked.place;
        subscriber.item(answer.data, answer.place);
        return;
      case 'stopped':
        this.#leave(answer.id);
        subscriber.ended();
        return;
      case 'error':
        if (isSignInError(answer.error) && this.#line !== null) {
          // Whatever else is asked in this name would be refused too.
          const line = this.#line;
          line.drop();
          this.#closed(line, answer.error);
          return;
        }
        this.#leave(answer.id);
        subscriber.failed(answer.error);
    }
  }

  #thrive(): void {
    this.#failures = 0;
    this.#refused = null;
  }

  #closed(line: SubscriptionLine, error: ParleyError): void {
    this.#line = null;
    this.#callOff();
    if (!isSignInError(error)) {
      this.#lost(error);
      return;
    }
    const isAgain = this.#refused !== null;
    this.#refused = line.token;
    // A second refusal in a row is no matter of age.
    if (isAgain) this.#fail(error);
    else this.#again(error, 0);
  }

  #lost(error: ParleyError): void {
    if (error.retry !== 'later') {
      this.#fail(error);
      return;
    }
    this.#failures += 1;
    this.#again(error, waitMs(error, this.#failures, this.#parts.timing));
  }

  #again(error: ParleyError, ms: number): void {
    if (this.#asked.size === 0) {
      this.#attempt = null;
      return;
    }
    this.#callOff = this.#parts.timing.after(ms, () => void this.#open());
    for (const { subscriber } of [...this.#asked.values()]) subscriber.connecting(error);
  }

  #fail(error: ParleyError): void {
    const all = [...this.#asked.values()];
    this.#asked.clear();
    this.#drop();
    for (const { subscriber } of all) subscriber.failed(error);
  }

  /** For good: those who asked hear of it elsewhere. */
  #end(): void {
    this.#asked.clear();
    this.#drop();
    this.#thrive();
  }

  #drop(): void {
    this.#callOff();
    this.#attempt = null;
    this.#line?.drop();
    this.#line = null;
  }
}
