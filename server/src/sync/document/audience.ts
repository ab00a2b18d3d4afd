// Owns who listens to one document, who of them has had an answer and gets what is new, and who is behind with that.
import type { ErrorCode } from '@parley/shared';
import type { Peer } from './peer.js';

export class Audience {
  readonly #peers = new Set<Peer>();
  /** Peers that have had their answer: from then on they get what is new. */
  readonly #synced = new Set<Peer>();

  /** Peers that take nothing more just now, and the state vector of what they were sent, or have asked with since. */
  readonly #behind = new Map<Peer, Uint8Array>();
  /** Slow readers that have taken what waited for them, and can be caught up. */
  readonly #drained = new Set<Peer>();

  get size(): number {
    return this.#peers.size;
  }

  has(peer: Peer): boolean {
    return this.#peers.has(peer);
  }

  add(peer: Peer): void {
    this.#peers.add(peer);
  }

  remove(peer: Peer): void {
    this.#peers.delete(peer);
    this.#synced.delete(peer);
    this.#behind.delete(peer);
    this.#drained.delete(peer);
  }

  /** Whether everybody here asked for Parley's own frames, and so starts over by itself when told to. */
  get allAcking(): boolean {
    for (const peer of this.#peers) if (!peer.acks) return false;
    return true;
  }

  /** Whether somebody can be caught up. */
  get hasDrained(): boolean {
    return this.#drained.size > 0;
  }

  drained(peer: Peer): void {
    if (this.#peers.has(peer)) this.#drained.add(peer);
  }

  /** Those who can be caught up, once. */
  takeDrained(): Peer[] {
    const drained = [...this.#drained];
    this.#drained.clear();
    return drained;
  }

  /** The state vector from which a peer that is behind has missed what was relayed; undefined for others. */
  missedSince(peer: Peer): Uint8Array | undefined {
    return this.#behind.get(peer);
  }

  /** A peer that is behind has asked again: that is what it is caught up from. */
  asksAgain(peer: Peer, stateVector: Uint8Array): void {
    this.#behind.set(peer, stateVector);
  }

  /** Sends a peer all it lacks; from now on it gets what is new. `sent`: the document's state vector. False when it is behind again. */
  answer(peer: Peer, frame: Uint8Array, sent: () => Uint8Array): boolean {
    this.#synced.add(peer);
    const keepsUp = peer.relay(frame);
    if (keepsUp) this.#behind.delete(peer);
    else this.#fellBehind(peer, sent());
    return keepsUp;
  }

  /** To everyone here, synced or not. */
  tellAll(frame: Uint8Array): void {
    for (const peer of this.#peers) peer.send(frame);
  }

  /** What is new, to those who keep up. `sent`: the document's state vector with it. */
  tellSynced(frame: Uint8Array, sent: () => Uint8Array): void {
    let stateVector: Uint8Array | undefined;
    for (const peer of this.#synced) {
      if (this.#behind.has(peer) || peer.relay(frame)) continue;
      stateVector ??= sent();
      this.#fellBehind(peer, stateVector);
    }
  }

  /** To those who asked for Parley's own frames and keep up; others hear of it anew once they do. */
  tellAcking(frame: Uint8Array): void {
    for (const peer of this.#synced) if (peer.acks && !this.#behind.has(peer)) peer.send(frame);
  }

  /** It takes nothing more for now, even if it had just drained of something else. */
  #fellBehind(peer: Peer, stateVector: Uint8Array): void {
    this.#behind.set(peer, stateVector);
    this.#drained.delete(peer);
  }

  /** Sends everybody away. */
  dismiss(code: ErrorCode): void {
    for (const peer of [...this.#peers]) peer.close(code);
  }
}
