// A client that speaks the sync protocol by hand: honest when asked to sync, a liar when a test wants one.
import { decodeFrame, encodeReply, encodeStateVector, encodeUpdate, type SyncFrame } from '@parley/shared';
import { WebSocket } from 'ws';
import * as Y from 'yjs';

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface RawClientOptions {
  readonly url: string;
  readonly conversationId: string;
  readonly token: string;
  /** Asks for Parley's own frames. */
  readonly acks?: boolean;
  /** More for the query of the URL. */
  readonly params?: Readonly<Record<string, string>>;
}

type FrameOf<T extends SyncFrame['type']> = Extract<SyncFrame, { type: T }>;

/** Keeps every frame it got; `doc` follows the server. */
export class RawClient {
  readonly doc = new Y.Doc();
  readonly frames: SyncFrame[] = [];
  readonly closed: Promise<Closed>;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;
  #sent = 0;

  constructor(options: RawClientOptions) {
    const base = options.url.replace(/^http/, 'ws');
    const query = new URLSearchParams({
      token: options.token,
      ...(options.acks ? { ack: '1' } : {}),
      ...options.params,
    });
    this.#socket = new WebSocket(`${base}/sync/${encodeURIComponent(options.conversationId)}?${query}`);
    this.#socket.binaryType = 'nodebuffer';
    this.#socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', (code, reason) => {
        this.#isClosed = true;
        this.#wake();
        resolve({ code, reason: reason.toString() });
      });
    });
    this.#socket.on('message', (data) => {
      const frame = decodeFrame(new Uint8Array(data as Buffer));
      this.frames.push(frame);
      this.#follow(frame);
      this.#wake();
    });
  }

  /** Resolves once the server has answered this client's state. Rejects when the socket closes first. */
  async synced(): Promise<this> {
    await this.opened();
    this.send(encodeStateVector(Y.encodeStateVector(this.doc)));
    await this.next('reply');
    return this;
  }

  opened(): Promise<void> {
    if (this.#socket.readyState === WebSocket.OPEN) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#socket.once('open', resolve);
      this.#socket.once('close', (code) => reject(new Error(`closed with ${code} before it opened`)));
    });
  }

  /** How many updates this client has sent, answers to a state vector included. */
  get sent(): number {
    return this.#sent;
  }

  send(frame: Uint8Array): void {
    const { type } = safelyDecoded(frame);
    if (type === 'update' || type === 'reply') this.#sent += 1;
    this.#socket.send(frame);
  }

  /** Sends text, which no honest client does. */
  sendText(text: string): void {
    this.#socket.send(text);
  }

  update(bytes: Uint8Array): void {
    this.send(encodeUpdate(bytes));
  }

  /** Changes the document and sends what that did. */
  write(change: (doc: Y.Doc) => void): void {
    this.update(updateBytes(this.doc, () => change(this.doc)));
  }

  /** The first frame of the type, already here or still to come, that fits. */
  async next<T extends SyncFrame['type']>(
    type: T,
    fits: (frame: FrameOf<T>) => boolean = () => true,
  ): Promise<FrameOf<T>> {
    const isWanted = (frame: SyncFrame): frame is FrameOf<T> =>
      frame.type === type && fits(frame as FrameOf<T>);
    let found: FrameOf<T> | undefined;
    await this.until(() => {
      found = this.frames.find(isWanted);
      return found !== undefined;
    });
    if (found === undefined) throw new Error('unreachable');
    return found;
  }

  /** Resolves when the condition holds, looked at after every frame. Rejects when the socket closes first. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (condition()) {
          this.#waiting.delete(look);
          resolve();
        } else if (this.#isClosed) {
          this.#waiting.delete(look);
          reject(new Error('the socket closed first'));
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Stops reading the socket, as a device on a bad line does; what is sent still goes out. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #follow(frame: SyncFrame): void {
    if (frame.type === 'stateVector') this.send(encodeReply(Y.encodeStateAsUpdate(this.doc, frame.bytes)));
    if (frame.type === 'reply' || frame.type === 'update') Y.applyUpdate(this.doc, frame.bytes, 'server');
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}

/** What a change to the document sends out; an empty update when it changes nothing. */
export const updateBytes = (doc: Y.Doc, change: () => void): Uint8Array => {
  let bytes: Uint8Array = new Uint8Array([0, 0]);
  const note = (update: Uint8Array): void => {
    bytes = update;
  };
  doc.on('update', note);
  doc.transact(change);
  doc.off('update', note);
  return bytes;
};

const safelyDecoded = (frame: Uint8Array): { type: string } => {
  try {
    return decodeFrame(frame);
  } catch {
    return { type: 'garbage' };
  }
};
