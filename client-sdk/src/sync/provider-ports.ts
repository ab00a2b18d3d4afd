// What a provider is given and what it tells; shared by those who own one.
import type * as Y from 'yjs';
import type { TokenSource } from '../api/api.js';
import type { ParleyError } from '../api/errors.js';
import type { Timing } from '../timing.js';
import type { ConnectionEvents } from './connection-ports.js';
import type { WebSocketClass } from './socket.js';

/** `connecting`: a try is under way; `online`: in step with the server; `offline`: waiting for the next try; `closed`: for good. */
export type SyncStatus = 'connecting' | 'online' | 'offline' | 'closed';

/** What a provider tells its owner, beside what the connection tells. */
export interface ProviderEvents extends Omit<ConnectionEvents, 'closed'> {
  /** A new connection begins; its frames count from 1. */
  connecting(): void;
  status(status: SyncStatus, error: ParleyError | null): void;
  /** The copy can never sync again. Returns the one to go on with, or null to give up with this error. */
  restart(error: ParleyError): Y.Doc | null;
}

export interface ProviderParts {
  /** Where documents are synced: `ws://host` or `wss://host`. */
  readonly wsUrl: string;
  readonly documentId: string;
  readonly tokens: TokenSource;
  readonly WebSocket: WebSocketClass;
  readonly timing: Timing;
  readonly events: ProviderEvents;
}
