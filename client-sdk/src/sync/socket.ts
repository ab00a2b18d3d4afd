import { SYNC_PATH, syncParams } from '@parley/shared';

/** The part of a WebSocket that is used; the browser's and `ws`'s both fit. */
export interface WebSocketLike {
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: Uint8Array<ArrayBuffer> | string): void;
  close(code?: number, reason?: string): void;
  /** Ends without a farewell; only some have it. */
  terminate?(): void;
}

/** A class of WebSockets. */
export type WebSocketClass = new (url: string) => WebSocketLike;

/** Where a document is synced. `wsUrl`: `ws://host` or `wss://host`; `generation`: the copy's, null for an empty one. */
export const syncUrl = (
  wsUrl: string,
  documentId: string,
  { token, generation }: { readonly token: string; readonly generation: number | null },
): string => {
  const params = new URLSearchParams({ [syncParams.token]: token, [syncParams.acks]: '1' });
  if (generation !== null) params.set(syncParams.generation, String(generation));
  return `${wsUrl}${SYNC_PATH}${encodeURIComponent(documentId)}?${params.toString()}`;
};
