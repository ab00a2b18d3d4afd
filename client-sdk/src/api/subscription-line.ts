// Owns one socket for subscriptions: its first word, its watchdog. Does not own what is asked for on it, nor when there is a next one.
import type { WebSocketLike } from '../sync/socket.js';
import type { Timing } from '../timing.js';
import { type Answer, helloFrame, PING, PONG, readAnswer } from './subscription-frames.js';

/** The server says something every 25 s at the latest; past this the line is dead, whatever TCP believes. */
const SILENCE_MS = 45_000;
/** What a socket gets where no close frame came: abnormal closure. */
const ABNORMAL = 1006;
const DONE = 1000;

export interface LineParts {
  readonly socket: WebSocketLike;
  readonly token: string;
  readonly timing: Timing;
  /** It has said who it is, and can be asked. */
  opened(): void;
  answered(answer: Answer): void;
  /** Once, unless it was dropped. */
  closed(code: number, reason: string): void;
}

export class SubscriptionLine {
  readonly #parts: LineParts;
  #isOpen = false;
  #isOver = false;
  #stopWatching = (): void => undefined;

  constructor(parts: LineParts) {
    this.#parts = parts;
    const { socket } = parts;
    socket.onopen = () => this.#open();
    socket.onmessage = (event: { readonly data: unknown }) => this.#hear(event.data);
    socket.onclose = (event: { readonly code: number; readonly reason: string }) =>
      this.#end(event.code, event.reason);
    // A close event follows and says all there is to say.
    socket.onerror = () => undefined;
    this.#watch();
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#isOver;
  }

  get token(): string {
    return this.#parts.token;
  }

  send(frame: string): void {
    if (this.isOpen) this.#parts.socket.send(frame);
  }

  /** Leaves; nothing is told after. */
  drop(): void {
    if (this.#detach()) this.#parts.socket.close(DONE);
  }

  #open(): void {
    if (this.#isOver) return;
    this.#isOpen = true;
    this.#watch();
    this.send(helloFrame(this.#parts.token));
    this.#parts.opened();
  }

  #hear(frame: unknown): void {
    if (this.#isOver) return;
    this.#watch();
    if (frame === PING) this.send(PONG);
    else if (typeof frame === 'string') {
      const answer = readAnswer(frame);
      if (answer !== null) this.#parts.answered(answer);
    }
  }

  #watch(): void {
    this.#stopWatching();
    this.#stopWatching = this.#parts.timing.after(SILENCE_MS, () => {
      const { socket } = this.#parts;
      this.#end(ABNORMAL, 'silence');
      if (socket.terminate === undefined) socket.close(DONE);
      else socket.terminate();
    });
  }

  #end(code: number, reason: string): void {
    if (this.#detach()) this.#parts.closed(code, reason);
  }

  /** Lets go of everything; false when that was done before. */
  #detach(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#stopWatching();
    const { socket } = this.#parts;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    return true;
  }
}
