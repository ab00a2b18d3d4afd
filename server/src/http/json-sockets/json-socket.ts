// Owns one JSON socket: what its person's stream of events means for it goes out, what comes in is answered, and it ends with either.
// Does not own what is told and done (talk.ts).
import { type AppError, type ErrorCode, errorCatalogue } from '@parley/shared';
import type { WebSocket } from 'ws';
import { type Line, toAppError } from '../../trpc/index.js';
import { drained, hangUp } from '../socket-line.js';
import { errorFrame, readJson } from './frames.js';
import { Inbox } from './inbox.js';
import type { Talk } from './talk.js';

/** Said to the socket itself, once, when everything from then on is told. */
export const READY = '';

export interface JsonSocketParts {
  readonly talk: Talk;
  /** Seconds until its person may send the next frame. */
  readonly wait: () => number;
  /** Told of every failure. */
  readonly onFailure: (error: unknown) => void;
  /** Told when nothing is done for it any more. */
  readonly onEnd: (socket: JsonSocket) => void;
}

export class JsonSocket {
  /** What its frames go out over; there is one only once it is upgraded. */
  readonly line: Line = {
    takes: 'all',
    drained: async (ended) => {
      if (this.#socket !== null) await drained(this.#socket, ended);
    },
    hangUp: (code) => this.#socket !== null && this.hangUp(code),
    over: () => undefined,
  };
  readonly #parts: JsonSocketParts;
  readonly #closed = new AbortController();
  #socket: WebSocket | null = null;
  /** Why it ends, where that was known before it was opened. */
  #endsWith: ErrorCode | null = null;

  constructor(parts: JsonSocketParts) {
    this.#parts = parts;
  }

  /** Takes over what was opened for it. `frames`: what it tells, until it ends. */
  welcome(socket: WebSocket, frames: AsyncIterable<string>): void {
    this.#socket = socket;
    const { wait } = this.#parts;
    const inbox = new Inbox({
      ...{ socket, wait, closed: this.#closed.signal },
      handle: (data, isBinary) => this.#handle(socket, data, isBinary),
    });
    // What is wrong with it ws says by closing it.
    socket.removeAllListeners('error').on('error', () => undefined);
    socket.once('close', () => void inbox.handled().then(() => this.#parts.onEnd(this)));
    void this.#tell(socket, frames);
    if (this.#endsWith !== null) this.hangUp(this.#endsWith);
  }

  /** Ends it, saying why. What came in and was not handled yet is not. */
  hangUp(code: ErrorCode): true {
    this.#closed.abort();
    if (this.#socket === null) this.#endsWith = code;
    else {
      hangUp(this.#socket, code);
      // Or it would not hear the other side close.
      this.#socket.resume();
    }
    return true;
  }

  async #tell(socket: WebSocket, frames: AsyncIterable<string>): Promise<void> {
    try {
      for await (const frame of frames) {
        if (this.#closed.signal.aborted) return;
        if (frame !== READY && socket.readyState === socket.OPEN) socket.send(frame);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #handle(socket: WebSocket, data: Buffer, isBinary: boolean): Promise<void> {
    const answer = await this.#answer(data, isBinary);
    if (answer === null || socket.readyState !== socket.OPEN) return;
    socket.send(answer);
    try {
      await drained(socket, this.#closed.signal);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #answer(data: Buffer, isBinary: boolean): Promise<string | null> {
    let value: unknown;
    try {
      value = readJson(data, isBinary);
      return await this.#parts.talk.say(value);
    } catch (cause) {
      this.#parts.onFailure(cause);
      const error: AppError = toAppError(cause);
      if (errorCatalogue[error.code].retry !== 'sign-in') return errorFrame(error, value);
      this.hangUp(error.code);
      return null;
    }
  }

  #fail(error: unknown): void {
    this.#parts.onFailure(error);
    this.hangUp(toAppError(error).code);
  }
}
