import type { WebSocketClass, WebSocketLike } from '@parley/client';

/** A socket for subscriptions whose other end is the test. */
export class FakeLine implements WebSocketLike {
  binaryType = 'blob';
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  readonly sent: string[] = [];
  isLeft = false;

  constructor(readonly url: string) {}

  send(data: Uint8Array<ArrayBuffer> | string): void {
    this.sent.push(String(data));
  }

  close(): void {
    this.isLeft = true;
  }

  open(): void {
    this.onopen?.({} as never);
  }

  say(message: object | string): void {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    this.onmessage?.({ data } as never);
  }

  shut(code: number, reason = ''): void {
    this.onclose?.({ code, reason } as never);
  }

  /** The ids of the subscriptions that were asked for on it, with the places they go on after. */
  get asked(): { id: number; after: string | undefined }[] {
    return this.sent.flatMap((frame) => {
      const { id, method, params } = JSON.parse(frame);
      return method === 'subscription' ? [{ id, after: params.input.json?.lastEventId }] : [];
    });
  }
}

/** All sockets that were ever opened, oldest first. */
export class FakeLines {
  readonly all: FakeLine[] = [];
  readonly WebSocket: WebSocketClass;

  constructor() {
    const { all } = this;
    this.WebSocket = class extends FakeLine {
      constructor(url: string) {
        super(url);
        all.push(this);
      }
    };
  }

  get last(): FakeLine {
    const line = this.all.at(-1);
    if (line === undefined) throw new Error('no socket was opened');
    return line;
  }
}
