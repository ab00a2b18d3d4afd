// A client of the JSON sockets, as somebody writes one who has read a page about them.
import { WebSocket } from 'ws';

/** What a socket is told, of every sort. */
export interface JsonFrame {
  readonly message?: string;
  readonly sender?: { readonly id: string; readonly username: string | null };
  readonly id?: string;
  readonly conversation_id?: string;
  readonly seq?: number;
  readonly timestamp?: string;
  readonly file?: {
    readonly id: string;
    readonly name: string;
    readonly size: number;
    readonly type: string;
  };
  readonly ok?: true;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly fields?: Readonly<Record<string, readonly string[]>>;
    readonly retry_after?: number;
  };
}

export class JsonClient implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly frames: JsonFrame[] = [];
  /** How it was closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(url: string, options: { readonly autoPong?: boolean; readonly origin?: string } = {}) {
    this.socket = new WebSocket(url, { skipUTF8Validation: true, ...options });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        this.#isClosed = true;
        this.#wake();
        resolve({ code, reason: reason.toString() });
      });
    });
    this.socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()));
      this.#wake();
    });
  }

  /** Resolves to itself once it is open. Rejects where it closes first. */
  opened(): Promise<this> {
    return new Promise((resolve, reject) => {
      if (this.socket.readyState === WebSocket.OPEN) resolve(this);
      this.socket.once('open', () => resolve(this));
      this.socket.once('close', (code) => reject(new Error(`closed with ${code} before it opened`)));
    });
  }

  send(frame: unknown): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Resolves to the frames so far once there are so many. Rejects when the socket closes first. */
  async has(count: number): Promise<readonly JsonFrame[]> {
    await this.until(() => this.frames.length >= count);
    return this.frames;
  }

  /** The next frame after those that were there when this was called. */
  async next(): Promise<JsonFrame> {
    const at = this.frames.length;
    await this.has(at + 1);
    return this.frames[at] ?? {};
  }

  /** Resolves when the condition holds, looked at after every frame. Rejects when the socket closes first. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (condition()) resolve();
        else if (this.#isClosed) reject(new Error('the socket closed first'));
        else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The texts of the messages it was told of, in order. */
  get texts(): (string | undefined)[] {
    return this.frames.filter(({ sender }) => sender !== undefined).map(({ message }) => message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}

interface At {
  readonly wsUrl: string;
}

/** A socket of one conversation, not open yet. */
export const converse = ({ wsUrl }: At, token: string, name: string, options = {}): JsonClient =>
  new JsonClient(`${wsUrl}/ws/chat/${encodeURIComponent(name)}/?token=${token}`, options);

/** A socket of all direct conversations, not open yet. */
export const chat = ({ wsUrl }: At, token: string, options = {}): JsonClient =>
  new JsonClient(`${wsUrl}/api/chat/send/?token=${token}`, options);
