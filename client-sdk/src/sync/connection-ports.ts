// What a connection is given and what it tells.
import type { Notice, Refusal } from '@parley/shared';
import type * as Y from 'yjs';
import type { Timing } from '../timing.js';
import type { WebSocketLike } from './socket.js';

/** What a connection tells. `nth` and `upTo` count this connection's update frames from 1, answers included. */
export interface ConnectionEvents {
  /** The server asked what we have; frame `nth` holds everything it lacked. */
  answered(nth: number): void;
  /** The server's answer is in the document. */
  synced(): void;
  stored(upTo: number): void;
  refused(refusal: Refusal): void;
  notice(notice: Notice): void;
  awareness(bytes: Uint8Array): void;
  /** Once, when the server or the network ended it; never after `drop`. */
  closed(code: number, reason: string): void;
}

export interface ConnectionParts {
  readonly socket: WebSocketLike;
  readonly doc: Y.Doc;
  readonly timing: Timing;
  readonly events: ConnectionEvents;
}
