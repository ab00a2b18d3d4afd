// What a live document sees of a connection.
import type { ErrorCode } from '@parley/shared';
import type { Sender } from '../awareness/presence.js';
import type { Refused } from '../ports.js';

/** One client's end. The document calls it; it never throws and never blocks. */
export interface Peer extends Sender {
  /** Whether the client asked for Parley's own frames. */
  readonly acks: boolean;
  send(frame: Uint8Array): void;
  /** The peer's updates up to the `nth` are stored or refused; `bytes` of them need not be held against it any more. */
  handled(nth: number, bytes: number): void;
  /** The peer's `nth` update was refused as a whole. `messages`: ids in it, where they could be read. */
  refused(nth: number, refused: Refused, messages: readonly string[]): void;
  close(code: ErrorCode): void;
}
