// A stock y-websocket client, as a person who never heard of Parley's SDK would use it.
import { appendMessage, type MessageValue, readMessages } from '@parley/shared';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

export interface StockClientOptions {
  readonly wsUrl: string;
  readonly conversationId: string;
  readonly userId: string;
  readonly token: string;
}

export class StockClient implements Disposable {
  readonly doc = new Y.Doc();
  readonly provider: WebsocketProvider;
  readonly #userId: string;

  constructor({ wsUrl, conversationId, userId, token }: StockClientOptions) {
    this.#userId = userId;
    this.provider = new WebsocketProvider(`${wsUrl}/sync`, conversationId, this.doc, {
      params: { token },
      disableBc: true,
      // The DOM's type and ws's differ in details that the provider does not touch.
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    });
  }

  /** Resolves at the first answer of the server. */
  synced(): Promise<void> {
    if (this.provider.synced) return Promise.resolve();
    return new Promise((resolve) => {
      this.provider.once('sync', () => resolve());
    });
  }

  say(text: string): MessageValue {
    return appendMessage(this.doc, { author: this.#userId, text });
  }

  get texts(): string[] {
    return readMessages(this.doc).map(({ text }) => text);
  }

  /** Stops reading the socket, as a device on a bad line does; `false` reads on. */
  pause(isPaused = true): void {
    const socket = this.provider.ws as unknown as WebSocket | null;
    if (isPaused) socket?.pause();
    else socket?.resume();
  }

  /** Resolves when the document shows what the condition asks for. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.doc.off('update', look);
        resolve();
      };
      this.doc.on('update', look);
      look();
    });
  }

  sees(text: string): Promise<void> {
    return this.until(() => this.texts.includes(text));
  }

  [Symbol.dispose](): void {
    this.provider.destroy();
    this.doc.destroy();
  }
}
