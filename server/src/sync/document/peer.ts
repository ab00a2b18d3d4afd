// What a live document sees of a connection.
import type { ErrorCode } from '@parley/shared';
import type { Sender } from '../awareness/presence.js';
import type { Refused } from '../ports.js';

/** One client's end. The document calls it; it never throws and never blocks. */
export interface Peer extends Sender {
  /** Whether the client asked for Parley's own frames. */
  readonly acks: boolean;
  /**
   * Sends a part of the document. False when more waits for the peer than may: nothing more of the document is to be sent
   * until it has `drained`, and then first all it missed, and `caughtUp`.
   */
  relay(frame: Uint8Array): boolean;
  /** Sends what may be left out while the peer is behind, because it will hear of that anew. */
  send(frame: Uint8Array): void;
  /** The peer has been sent what it missed of the document. */
  caughtUp(): void;
  /** The peer's updates up to the `nth` are stored or refused; `bytes` of them need not be held against it any more. */
  handled(nth: number, bytes: number): void;
  /** The peer's `nth` update was refused as a whole. `messages`: ids in it, where they could be read. */
  refused(nth: number, refused: Refused, messages: readonly string[]): void;
  close(code: ErrorCode): void;
}
