// Owns answers to state vectors at one position: each is encoded once, for all who have the same. Bounded; does not know peers.
import { encodeReply } from '@parley/shared';
import * as Y from 'yjs';

const EMPTY_STATE_VECTOR_BYTES = 1;
/** After a reconnect most have the same state, a few have what they had before that. */
const MAX_ANSWERS = 16;
const MAX_BYTES = 4 * 1024 * 1024;

export class Answers {
  readonly #frames = new Map<string, Uint8Array>();
  #position = -1;
  #bytes = 0;
  #encoded = 0;

  /** How many were encoded so far. */
  get encoded(): number {
    return this.#encoded;
  }

  /** What a holder of the state vector lacks of the document at this position. */
  frameFor(doc: Y.Doc, position: number, stateVector?: Uint8Array): Uint8Array {
    if (position !== this.#position) this.clear();
    this.#position = position;
    const isEmpty = stateVector === undefined || stateVector.length <= EMPTY_STATE_VECTOR_BYTES;
    const key = isEmpty ? '' : Buffer.from(stateVector).toString('latin1');
    const known = this.#frames.get(key);
    // The one that was asked for last goes last.
    this.#frames.delete(key);
    const frame = known ?? this.#encode(doc, isEmpty ? undefined : stateVector, key.length);
    this.#frames.set(key, frame);
    this.#shrink();
    return frame;
  }

  clear(): void {
    this.#frames.clear();
    this.#bytes = 0;
  }

  #encode(doc: Y.Doc, stateVector: Uint8Array | undefined, keyBytes: number): Uint8Array {
    this.#encoded += 1;
    const frame = encodeReply(Y.encodeStateAsUpdate(doc, stateVector));
    this.#bytes += frame.length + keyBytes;
    return frame;
  }

  /** The newest always stays: everybody who joins a large document needs the same one. */
  #shrink(): void {
    for (const [key, frame] of this.#frames) {
      const isOver = this.#frames.size > MAX_ANSWERS || this.#bytes > MAX_BYTES;
      if (!isOver || this.#frames.size === 1) return;
      this.#frames.delete(key);
      this.#bytes -= frame.length + key.length;
    }
  }
}
