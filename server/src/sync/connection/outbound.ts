// Owns the way out of one socket: how much may wait for it, what is left out while its reader is slow, what it hears later.
// Does not own what a slow reader is caught up with (document/), nor the end of the socket (connection.ts).
import { encodeStored, limits } from '@parley/shared';
import type { WebSocket } from 'ws';

export interface OutboundOptions {
  readonly socket: WebSocket;
  /** How long the reader may be behind without taking what waits, ms. */
  readonly behindMs: number;
  /** A reader that was behind has taken what waited: it can be caught up. */
  readonly onDrained: () => void;
  /** The reader was behind for too long. */
  readonly onTooSlow: () => void;
}

/** What may still wait when a slow reader is caught up: little, so that catching up does not fill the buffer at once. */
const LOW_WATER_BYTES = limits.outboundBytes.value / 8;
/** Refusals that a slow reader is to hear later. More are not kept: it is closed, and hears them when it sends again. */
const OWED_BYTES = 1024 * 1024;

/**
 * Frames out, at most `outboundBytes` and one frame waiting. Once something does not fit the reader is behind, until
 * `caughtUp`: presence and the like are left out, acknowledgements are folded into one and told then.
 */
export class Outbound {
  readonly #options: OutboundOptions;
  #isBehind = false;
  #deadline: NodeJS.Timeout | null = null;
  #owedRefusals: Uint8Array[] = [];
  #owedBytes = 0;
  /** The newest of the reader's updates whose acknowledgement it has not been sent; 0 for none. */
  #owedStored = 0;

  constructor(options: OutboundOptions) {
    this.#options = options;
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  /**
   * Queues a frame of the document, whatever waits. False when that is more than may wait: then nothing more of the
   * document is to come until `onDrained`.
   */
  relay(frame: Uint8Array): boolean {
    this.#queue(frame);
    if (this.#options.socket.bufferedAmount <= limits.outboundBytes.value) return true;
    this.#wait();
    return false;
  }

  /** Queues a frame that can be left out: one who is behind hears anew of what it was about. */
  offer(frame: Uint8Array): void {
    if (this.#fits(frame)) this.#queue(frame);
    else this.#fallBehind();
  }

  /** Tells of a refusal, now or later; always before the acknowledgement that covers it. */
  refused(frame: Uint8Array): void {
    if (this.#fits(frame)) {
      this.#queue(frame);
      return;
    }
    this.#owedRefusals.push(frame);
    this.#owedBytes += frame.length;
    if (this.#owedBytes > OWED_BYTES) this.#options.onTooSlow();
    else this.#fallBehind();
  }

  /** Acknowledges all updates up to this one, now or later. */
  stored(upTo: number): void {
    const frame = encodeStored(upTo);
    if (this.#fits(frame)) {
      this.#queue(frame);
      return;
    }
    this.#owedStored = upTo;
    this.#fallBehind();
  }

  /** The reader has been sent what it missed of the document: what it is owed follows, and it goes on live. */
  caughtUp(): void {
    this.end();
    const refusals = this.#owedRefusals.splice(0);
    this.#owedBytes = 0;
    for (const frame of refusals) this.refused(frame);
    const upTo = this.#owedStored;
    this.#owedStored = 0;
    if (upTo > 0) this.stored(upTo);
  }

  /** Nothing is waited for any more. */
  end(): void {
    this.#isBehind = false;
    this.#stopWaiting();
  }

  #fits(frame: Uint8Array): boolean {
    if (this.#isBehind) return false;
    const waiting = this.#options.socket.bufferedAmount;
    return waiting === 0 || waiting + frame.length <= limits.outboundBytes.value;
  }

  #queue(frame: Uint8Array): void {
    this.#options.socket.send(frame, { binary: true, compress: false }, this.#look);
  }

  /** What is left out while the reader is behind starts no new wait. */
  #fallBehind(): void {
    if (!this.#isBehind) this.#wait();
  }

  #wait(): void {
    this.#isBehind = true;
    if (this.#deadline !== null) return;
    this.#deadline = setTimeout(() => {
      if (!this.#look()) this.#options.onTooSlow();
    }, this.#options.behindMs);
    this.#deadline.unref();
  }

  /** Whether the reader has taken what waited; the first to see it says so. */
  readonly #look = (): boolean => {
    if (this.#deadline === null || this.#options.socket.bufferedAmount > LOW_WATER_BYTES) return false;
    this.#stopWaiting();
    this.#options.onDrained();
    return true;
  };

  #stopWaiting(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
  }
}
